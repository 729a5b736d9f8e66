package feed

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"time"
)

// These structs are elements of the Atom Syndication Format, RFC 4287.

// An atomHead is an Atom feed without its entries, which come last.
type atomHead struct {
	XMLName  xml.Name   `xml:"http://www.w3.org/2005/Atom feed"`
	History  string     `xml:"xmlns:fh,attr,omitempty"`
	Language string     `xml:"xml:lang,attr"`
	ID       string     `xml:"id"`
	Title    string     `xml:"title"`
	Subtitle string     `xml:"subtitle"`
	Updated  string     `xml:"updated"`
	Author   atomPerson `xml:"author"`
	Links    []atomLink `xml:"link"`
	Archive  *struct{}  `xml:"fh:archive"` // RFC 5005 §4
}

// feedHistory is the namespace of RFC 5005.
const feedHistory = "http://purl.org/syndication/history/1.0"

type atomPerson struct {
	Name string `xml:"name"`
	URI  string `xml:"uri,omitempty"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	XMLName    xml.Name       `xml:"entry"`
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

// Delimiters of the entries. A line break in a text is written as &#xA;, so an
// entry never contains a delimiter.
const (
	atomBegin     = "\n <entry>\n"
	atomSeparator = "\n </entry>\n <entry>\n"
	atomEnd       = "\n </entry>\n</feed>\n"
)

// splitAtom returns the entries of a feed that writeAtom wrote.
func splitAtom(data []byte) ([][]byte, error) {
	_, entries, err := splitParts(data, atomBegin, atomSeparator, atomEnd)
	return entries, err
}

// writeAtom encodes a feed. The items are ordered oldest first.
func writeAtom(h header, items []renderedItem) ([]byte, error) {
	head := atomHead{
		Language: h.Language,
		ID:       h.ID,
		Title:    h.Title,
		Subtitle: h.Description,
		Updated:  h.Updated.Format(time.RFC3339),
		Author:   atomPerson{h.Publisher, h.PublisherAt},
		Links:    []atomLink{{"alternate", typeHTML, h.Home}, {"self", typeAtom, h.pageURL(".xml")}, {"alternate", typeJSON, h.pageURL(".json")}},
	}
	if h.Page > 0 {
		head.Archive = &struct{}{}
		head.History = feedHistory
		head.Links = append(head.Links, atomLink{"current", typeAtom, h.feedURL(".xml")})
	}
	if previous := h.previousURL(".xml"); previous != "" {
		head.Links = append(head.Links, atomLink{"prev-archive", typeAtom, previous})
	}
	if h.Hub != "" {
		head.Links = append(head.Links, atomLink{"hub", "", h.Hub})
	}
	b := bytes.NewBufferString(xml.Header)
	if err := encodeXML(b, "", head); err != nil {
		return nil, fmt.Errorf("encode %s: %w", h.pageURL(".xml"), err)
	}
	b.Truncate(b.Len() - len("\n</feed>"))
	joinParts(b, atomBegin, atomSeparator, atomEnd, len(items), func(i int) []byte { return items[i].atom })
	return b.Bytes(), nil
}

// encodeAtomEntry returns the content of an entry element, without its tags.
func encodeAtomEntry(i item) ([]byte, error) {
	var b bytes.Buffer
	if err := encodeXML(&b, " ", atomEntryOf(i)); err != nil {
		return nil, fmt.Errorf("encode item %s: %w", i.ID, err)
	}
	return bytes.TrimSuffix(bytes.TrimPrefix(b.Bytes(), []byte(" <entry>\n")), []byte("\n </entry>")), nil
}

func encodeXML(b *bytes.Buffer, prefix string, v any) error {
	enc := xml.NewEncoder(b)
	enc.Indent(prefix, " ")
	return enc.Encode(v)
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
