package feed

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/story"
)

// jsonFeedVersion is the URL of JSON Feed 1.1, which these structs implement.
const jsonFeedVersion = "https://jsonfeed.org/version/1.1"

// A jsonHead is a JSON feed without its items, which come last.
type jsonHead struct {
	Version     string       `json:"version"`
	Title       string       `json:"title"`
	HomePageURL string       `json:"home_page_url"`
	FeedURL     string       `json:"feed_url"`
	NextURL     string       `json:"next_url,omitempty"`
	Description string       `json:"description"`
	Language    string       `json:"language"`
	Authors     []jsonAuthor `json:"authors"`
	Hubs        []jsonHub    `json:"hubs,omitempty"`
	Netsync     jsonState    `json:"_netsync"`
}

// A jsonState is an extension of the feed. It holds the state that an update
// needs.
type jsonState struct {
	About    string    `json:"about"` // URL of a page that documents the extension
	Scope    scope     `json:"scope"`
	Name     string    `json:"name,omitempty"` // of the feed's network
	Archived int       `json:"archived"`       // number of archive pages
	Updated  time.Time `json:"updated"`        // time of the newest item
}

type jsonHub struct {
	Type string `json:"type"`
	URL  string `json:"url"`
}

type jsonAuthor struct {
	Name string `json:"name"`
	URL  string `json:"url,omitempty"`
}

type jsonItem struct {
	ID            string       `json:"id"`
	URL           string       `json:"url"`
	Title         string       `json:"title"`
	ContentHTML   string       `json:"content_html"`
	ContentText   string       `json:"content_text"`
	Summary       string       `json:"summary,omitempty"`
	DatePublished string       `json:"date_published"`
	DateModified  string       `json:"date_modified"`
	Authors       []jsonAuthor `json:"authors"`
	Tags          []string     `json:"tags"`
	Language      string       `json:"language"`
	Netsync       extension    `json:"_netsync"`
}

// An extension holds the event of an item, for programs. For bulk changes it has
// counts instead of a record.
type extension struct {
	Op             event.Op           `json:"op,omitempty"`
	Collection     schema.Collection  `json:"collection,omitempty"`
	Record         string             `json:"record,omitempty"` // networks/una-europa
	Digest         *schema.Digest     `json:"digest,omitempty"`
	PreviousDigest *schema.Digest     `json:"previous_digest,omitempty"`
	Patch          json.RawMessage    `json:"patch,omitempty"` // RFC 6902
	Bulk           bool               `json:"bulk"`
	Counts         story.Tally        `json:"counts,omitempty"`
	Commits        []event.Commit     `json:"commits"`
	Changeset      string             `json:"changeset"`
	Significance   event.Significance `json:"significance"`
}

// Delimiters of the items, which are indented by three spaces. A line break in
// a text is written as \n, so an item never contains a delimiter.
const (
	jsonBegin     = ",\n \"items\": [\n  {\n"
	jsonSeparator = "\n  },\n  {\n"
	jsonEnd       = "\n  }\n ]\n}\n"
)

// splitJSON returns the head and the items of a feed that writeJSON wrote.
func splitJSON(data []byte) (head jsonHead, items [][]byte, err error) {
	first, items, err := splitParts(data, jsonBegin, jsonSeparator, jsonEnd)
	if err != nil {
		return head, nil, err
	}
	return head, items, json.Unmarshal(append(slices.Clip(first), '}'), &head)
}

// writeJSON encodes a feed. The items are ordered oldest first.
func writeJSON(h header, items []renderedItem) ([]byte, error) {
	head := jsonHead{
		Version:     jsonFeedVersion,
		Title:       h.Title,
		HomePageURL: h.Home,
		FeedURL:     h.pageURL(".json"),
		NextURL:     h.previousURL(".json"),
		Description: h.Description,
		Language:    h.Language,
		Authors:     []jsonAuthor{{h.Publisher, h.PublisherAt}},
		Netsync:     jsonState{h.About, h.Scope, h.Name, h.Archived, h.Updated},
	}
	if h.Hub != "" {
		head.Hubs = []jsonHub{{"WebSub", h.Hub}}
	}
	data, err := encodeJSON(head, "")
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", head.FeedURL, err)
	}
	b := bytes.NewBuffer(bytes.TrimSuffix(data, []byte("\n}\n")))
	joinParts(b, jsonBegin, jsonSeparator, jsonEnd, len(items), func(i int) []byte { return items[i].json })
	return b.Bytes(), nil
}

// encodeJSONItem returns the members of an item, without the braces.
func encodeJSONItem(language string, i item) ([]byte, error) {
	data, err := encodeJSON(jsonItemOf(language, i), "  ")
	if err != nil {
		return nil, fmt.Errorf("encode item %s: %w", i.ID, err)
	}
	return bytes.TrimSuffix(bytes.TrimPrefix(data, []byte("{\n")), []byte("\n  }\n")), nil
}

// encodeJSON encodes v with <, > and & escaped, so that the file is safe inside
// an HTML page.
func encodeJSON(v any, prefix string) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetIndent(prefix, " ")
	err := enc.Encode(v)
	return b.Bytes(), err
}

func jsonItemOf(language string, i item) jsonItem {
	out := jsonItem{
		ID:            i.ID,
		URL:           i.URL,
		Title:         i.Title,
		ContentHTML:   i.HTML,
		ContentText:   i.Text,
		Summary:       i.Summary,
		DatePublished: i.Published.Format(time.RFC3339),
		DateModified:  i.Published.Format(time.RFC3339), // items never change
		Tags:          i.Tags,
		Language:      language,
		Netsync:       extensionOf(i.Source),
	}
	for _, name := range i.Authors {
		out.Authors = append(out.Authors, jsonAuthor{Name: name})
	}
	return out
}

func extensionOf(s source) extension {
	x := extension{Changeset: s.Changeset, Commits: append([]event.Commit{}, s.allCommits()...)}
	if s.isBeginning() {
		x.Significance = event.Trivial
		return x
	}
	if s.Bulk != nil {
		x.Bulk, x.Counts, x.Significance = true, s.Bulk.Tally, s.Bulk.Significance
		return x
	}
	c := s.Change
	x.Op, x.Collection, x.Record = c.Op, c.Collection, c.RecordID().String()
	x.Digest, x.PreviousDigest = c.Digest, c.PreviousDigest
	x.Significance = c.Significance
	x.Patch = json.RawMessage("[]")
	if len(c.Patch) > 0 && string(c.Patch) != "null" {
		x.Patch = c.Patch
	}
	return x
}
