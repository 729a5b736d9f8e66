package newsletter

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/url"
	"strings"
	"time"

	"netsync/publishers/newsletter/draft"
	"netsync/publishers/release"
)

// These structs are the members of JSON Feed 1.1 and the elements of the
// Atom Syndication Format, RFC 4287, of which one value makes both.
type (
	feed struct {
		XMLName     xml.Name   `json:"-" xml:"http://www.w3.org/2005/Atom feed"`
		Version     string     `json:"version" xml:"-"`
		XMLLanguage string     `json:"-" xml:"xml:lang,attr"`
		ID          string     `json:"-" xml:"id"`
		Title       string     `json:"title" xml:"title"`
		HomePageURL string     `json:"home_page_url" xml:"-"`
		FeedURL     string     `json:"feed_url" xml:"-"`
		Description string     `json:"description" xml:"subtitle"`
		Updated     string     `json:"-" xml:"updated"`
		Language    string     `json:"language" xml:"-"`
		Authors     []author   `json:"authors" xml:"author"`
		Links       []feedLink `json:"-" xml:"link"`
		Items       []feedItem `json:"items" xml:"entry"`
	}
	feedItem struct {
		ID            string      `json:"id" xml:"id"`
		URL           string      `json:"url" xml:"-"`
		Title         string      `json:"title" xml:"title"`
		ContentHTML   string      `json:"content_html" xml:"-"`
		Summary       string      `json:"summary" xml:"summary"`
		DatePublished string      `json:"date_published" xml:"published"`
		Updated       string      `json:"-" xml:"updated"`
		Language      string      `json:"language" xml:"-"`
		Link          feedLink    `json:"-" xml:"link"`
		Content       feedContent `json:"-" xml:"content"`
	}
	author struct {
		Name string `json:"name" xml:"name"`
		URL  string `json:"url" xml:"uri"`
	}
	feedLink struct {
		Rel  string `xml:"rel,attr"`
		Type string `xml:"type,attr"`
		Href string `xml:"href,attr"`
	}
	feedContent struct {
		Type     string `xml:"type,attr"`
		Language string `xml:"xml:lang,attr"`
		Body     string `xml:",chardata"`
	}
)

const (
	typeHTML = "text/html"
	typeAtom = "application/atom+xml"
	typeJSON = "application/feed+json"
)

// feedID returns the permanent ID of the feed of digests, which does not depend
// on its URL. The ID of a digest begins with it.
func feedID(dataset string) string { return "urn:netsync:" + url.PathEscape(dataset) + ":newsletter" }

// putFeed writes the feed into a stage, in both formats.
func (n *Newsletter) putFeed(ctx context.Context, stage *release.Stage, d draft.Draft, l ledger, all []sentDigest) error {
	var listed []sentDigest
	parts := []string{d.Dataset, d.Language, d.ListName, d.Home}
	for _, p := range all {
		if p.Page && len(listed) < maxFed {
			listed = append(listed, p)
			parts = append(parts, p.ID)
		}
	}
	source := strings.Join(parts, "\n")
	if source == n.archiveCache.feed && stage.Keep(archiveJSON) == nil && stage.Keep(archiveAtom) == nil {
		return nil
	}
	f := n.feedOf(d)
	for _, p := range listed {
		c, ok, err := l.findContent(ctx, p.Sent)
		if err != nil {
			return err
		}
		if !ok {
			continue // removed meanwhile
		}
		item, err := n.itemOf(c.Draft, p.Sent)
		if err != nil {
			return err
		}
		f.add(item)
	}
	if err := f.write(stage); err != nil {
		return err
	}
	n.archiveCache.feed = source
	return nil
}

func (n *Newsletter) feedOf(d draft.Draft) feed {
	p, at := draft.PhrasesIn(d.Language), n.archiveAddress()
	return feed{
		Version: "https://jsonfeed.org/version/1.1", XMLLanguage: d.Language, ID: feedID(d.Dataset),
		Title: draft.NewPage(d).FeedTitle(), HomePageURL: at, FeedURL: at + "feed.json", Description: fmt.Sprintf(p.About, d.ListName),
		// Without digests, the feed has the earliest possible time.
		Updated: time.Unix(0, 0).UTC().Format(time.RFC3339), Language: d.Language,
		Authors: []author{{d.ListName, d.Home}},
		Links:   []feedLink{{"alternate", typeHTML, at}, {"self", typeAtom, at + "feed.xml"}, {"alternate", typeJSON, at + "feed.json"}},
		Items:   []feedItem{},
	}
}

// archiveAddress returns the URL of the archive.
func (n *Newsletter) archiveAddress() string {
	return n.SelfURL + ArchivePath
}

func (n *Newsletter) itemOf(d draft.Draft, s Sent) (feedItem, error) {
	at, v := n.archiveAddress()+s.ID+"/", digestPageOf(d, s)
	html, err := n.executeTemplate("told", v)
	created, body := s.Created.UTC().Format(time.RFC3339), strings.TrimSpace(string(html))
	return feedItem{
		ID: feedID(d.Dataset) + ":" + s.ID, URL: at, Title: v.Title, ContentHTML: body, Summary: d.Period,
		DatePublished: created, Updated: created, Language: d.Language,
		Link: feedLink{"alternate", typeHTML, at}, Content: feedContent{"html", d.Language, body},
	}, err
}

// add adds the next older digest.
func (f *feed) add(i feedItem) {
	if len(f.Items) == 0 {
		f.Updated = i.Updated
	}
	f.Items = append(f.Items, i)
}

func (f *feed) write(stage *release.Stage) error {
	var asJSON, asAtom bytes.Buffer
	enc := json.NewEncoder(&asJSON) // escapes <, > and &
	enc.SetIndent("", " ")
	if err := enc.Encode(f); err != nil {
		return fmt.Errorf("encode %s: %w", archiveJSON, err)
	}
	asAtom.WriteString(xml.Header)
	atom := xml.NewEncoder(&asAtom)
	atom.Indent("", " ")
	if err := atom.Encode(f); err != nil {
		return fmt.Errorf("encode %s: %w", archiveAtom, err)
	}
	asAtom.WriteByte('\n')
	if err := stage.Write(archiveJSON, asJSON.Bytes()); err != nil {
		return err
	}
	return stage.Write(archiveAtom, asAtom.Bytes())
}
