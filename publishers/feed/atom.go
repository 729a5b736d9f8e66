package feed

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"time"
)

// The structs here are the elements of the Atom Syndication Format, RFC 4287.

type atomFeed struct {
	XMLName  xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Language string      `xml:"xml:lang,attr"`
	ID       string      `xml:"id"`
	Title    string      `xml:"title"`
	Subtitle string      `xml:"subtitle"`
	Updated  string      `xml:"updated"`
	Author   atomPerson  `xml:"author"`
	Links    []atomLink  `xml:"link"`
	Entries  []atomEntry `xml:"entry"`
}

type atomPerson struct {
	Name string `xml:"name"`
	URI  string `xml:"uri,omitempty"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	ID         string         `xml:"id"`
	Title      string         `xml:"title"`
	Published  string         `xml:"published"`
	Updated    string         `xml:"updated"`
	Authors    []atomPerson   `xml:"author"`
	Categories []atomCategory `xml:"category"`
	Link       atomLink       `xml:"link"`
	Summary    string         `xml:"summary,omitempty"`
	Content    atomContent    `xml:"content"`
}

type atomCategory struct {
	Term string `xml:"term,attr"`
}

type atomContent struct {
	Type string `xml:"type,attr"`
	Body string `xml:",chardata"`
}

const (
	typeHTML = "text/html"
	typeAtom = "application/atom+xml"
	typeJSON = "application/feed+json"
)

func encodeAtom(o outline, items []item) ([]byte, error) {
	feed := atomFeed{
		Language: o.Language,
		ID:       o.ID,
		Title:    o.Title,
		Subtitle: o.Description,
		Updated:  o.Updated.Format(time.RFC3339),
		Author:   atomPerson{o.Publisher, o.PublisherAt},
		Links: []atomLink{
			{"alternate", typeHTML, o.Home}, {"self", typeAtom, o.Atom}, {"alternate", typeJSON, o.JSON},
		},
	}
	for _, item := range items {
		feed.Entries = append(feed.Entries, atomEntryOf(item))
	}
	b := bytes.NewBufferString(xml.Header)
	enc := xml.NewEncoder(b)
	enc.Indent("", " ")
	if err := enc.Encode(feed); err != nil {
		return nil, fmt.Errorf("encode %s: %w", AtomFile, err)
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

func atomEntryOf(i item) atomEntry {
	e := atomEntry{
		ID:        i.ID,
		Title:     i.Title,
		Published: i.Published.Format(time.RFC3339),
		Updated:   i.Published.Format(time.RFC3339),
		Link:      atomLink{"alternate", typeHTML, i.URL},
		Summary:   i.Summary,
		Content:   atomContent{"html", i.HTML},
	}
	for _, name := range i.Authors {
		e.Authors = append(e.Authors, atomPerson{Name: name})
	}
	for _, tag := range i.Tags {
		e.Categories = append(e.Categories, atomCategory{tag})
	}
	return e
}
