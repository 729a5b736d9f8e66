package feed

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"fmt"
	"maps"
	"slices"
	"strings"

	"netsync/publishers"
	"netsync/schema"
)

// listFile lists all feeds in OPML 2.0 (http://opml.org/spec2.opml), which
// readers can import.
var listFile = strings.TrimPrefix(publishers.FeedList, "/")

type opml struct {
	XMLName xml.Name      `xml:"opml"`
	Version string        `xml:"version,attr"`
	Title   string        `xml:"head>title"`
	Groups  []opmlOutline `xml:"body>outline"`
}

// An opmlOutline is a feed or, with Feeds, a group of feeds.
type opmlOutline struct {
	Text     string        `xml:"text,attr"`
	Title    string        `xml:"title,attr,omitempty"`
	Type     string        `xml:"type,attr,omitempty"`
	Atom     string        `xml:"xmlUrl,attr,omitempty"`
	Home     string        `xml:"htmlUrl,attr,omitempty"`
	Language string        `xml:"language,attr,omitempty"`
	Feeds    []opmlOutline `xml:"outline"`
}

// renderList returns the list of feeds: for each language those of the dataset,
// its collections, its topics and its networks.
func (u *updater) renderList(renderers []renderer, state *schema.State) ([]byte, error) {
	list := opml{Version: "2.0", Title: renderers[0].datasetTitle()}
	for _, r := range renderers {
		group := opmlOutline{Text: r.datasetTitle() + " (" + r.Language + ")"}
		for _, s := range u.listScopes(r, state) {
			p := feedKey{s, r.Language}
			if path := p.filePath(u.manifest); u.feeds[p] == nil && !u.hasFile(path+".json") {
				continue
			}
			feed := &scopedFeed{feedKey: p}
			if id, ok := s.networkRecord(); ok {
				feed.name = cleanText(r.Reference(id))
			}
			h := r.headerOf(feed)
			group.Feeds = append(group.Feeds, opmlOutline{
				Text: h.Title, Title: h.Title, Type: "rss", Atom: h.pageURL(".xml"), Home: h.Home, Language: h.Language,
			})
		}
		list.Groups = append(list.Groups, group)
	}
	b := bytes.NewBufferString(xml.Header)
	if err := encodeXML(b, "", list); err != nil {
		return nil, fmt.Errorf("encode %s: %w", listFile, err)
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

// listScopes returns the scopes that may have a feed now, in the list's order.
func (u *updater) listScopes(r renderer, state *schema.State) []scope {
	scopes := []scope{allChanges, majorOnly}
	for _, c := range schema.Collections() {
		scopes = append(scopes, scope(c))
	}
	for _, topic := range slices.Sorted(maps.Keys(r.Manifest.Vocabularies.Topics)) {
		scopes = append(scopes, topicPrefix+scope(topic))
	}
	var networks []schema.RecordID
	for id := range state.Digests() {
		if id.Collection == schema.Networks {
			networks = append(networks, id)
		}
	}
	slices.SortFunc(networks, func(a, b schema.RecordID) int { return cmp.Compare(a.ID, b.ID) })
	for _, id := range networks {
		scopes = append(scopes, networkScope(id.ID))
	}
	return scopes
}
