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

// listFile lists all feeds for readers that take them over at once, in OPML
// 2.0 (http://opml.org/spec2.opml).
var listFile = strings.TrimPrefix(publishers.FeedList, "/")

type opml struct {
	XMLName xml.Name      `xml:"opml"`
	Version string        `xml:"version,attr"`
	Title   string        `xml:"head>title"`
	Groups  []opmlOutline `xml:"body>outline"`
}

// An opmlOutline is a feed or, with Feeds, a group of them.
type opmlOutline struct {
	Text     string        `xml:"text,attr"`
	Title    string        `xml:"title,attr,omitempty"`
	Type     string        `xml:"type,attr,omitempty"`
	Atom     string        `xml:"xmlUrl,attr,omitempty"`
	Home     string        `xml:"htmlUrl,attr,omitempty"`
	Language string        `xml:"language,attr,omitempty"`
	Feeds    []opmlOutline `xml:"outline"`
}

// list writes the list of feeds: in each language those of the dataset, of its
// collections, of the topics that something is on, and of the networks there
// are.
func (g *growth) list(tellers []teller, state *schema.State) ([]byte, error) {
	list := opml{Version: "2.0", Title: tellers[0].title()}
	for _, t := range tellers {
		group := opmlOutline{Text: t.title() + " (" + t.Language + ")"}
		for _, s := range g.scopes(t, state) {
			p := place{s, t.Language}
			if path := p.path(g.manifest); g.strands[p] == nil && !g.has(path+".json") {
				continue
			}
			strand := &strand{place: p}
			if id, ok := s.network(); ok {
				strand.name = clean(t.Reference(id))
			}
			o := t.outline(strand)
			group.Feeds = append(group.Feeds, opmlOutline{
				Text: o.Title, Title: o.Title, Type: "rss", Atom: o.url(".xml"), Home: o.Home, Language: o.Language,
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

// scopes are those that may have a feed now.
func (g *growth) scopes(t teller, state *schema.State) []scope {
	scopes := []scope{everything, majorOnly}
	for _, c := range schema.Collections() {
		scopes = append(scopes, scope(c))
	}
	for _, topic := range slices.Sorted(maps.Keys(t.Manifest.Vocabularies.Topics)) {
		scopes = append(scopes, topicsOf+scope(topic))
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
