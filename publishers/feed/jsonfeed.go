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

// jsonFeedVersion names JSON Feed 1.1, whose members the structs here are.
const jsonFeedVersion = "https://jsonfeed.org/version/1.1"

// A jsonHead is a feed without its items, which come last.
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
	Netsync     feedNote     `json:"_netsync"`
}

// A feedNote holds what the feed has to know of itself to go on.
type feedNote struct {
	About    string    `json:"about"` // where people read what is meant
	Scope    scope     `json:"scope"`
	Name     string    `json:"name,omitempty"` // of the network that it is about
	Archived int       `json:"archived"`       // pages
	Updated  time.Time `json:"updated"`        // when the newest item came
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

// An extension holds what programs want of the event behind an item. Of a
// bulk changeset it has counts where a change has its record.
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

// What lies around and between the items, which are indented by three spaces.
// A line break in a text is written as \n, so none of this can be in an item.
const (
	jsonBegin = ",\n \"items\": [\n  {\n"
	jsonJoint = "\n  },\n  {\n"
	jsonEnd   = "\n  }\n ]\n}\n"
)

// splitJSON takes a feed apart that writeJSON wrote.
func splitJSON(data []byte) (head jsonHead, items [][]byte, err error) {
	first, items, err := between(data, jsonBegin, jsonJoint, jsonEnd)
	if err != nil {
		return head, nil, err
	}
	return head, items, json.Unmarshal(append(slices.Clip(first), '}'), &head)
}

// writeJSON puts a feed together. The items are fragments, oldest first.
func writeJSON(o outline, items []fragment) ([]byte, error) {
	head := jsonHead{
		Version:     jsonFeedVersion,
		Title:       o.Title,
		HomePageURL: o.Home,
		FeedURL:     o.url(".json"),
		NextURL:     o.previous(".json"),
		Description: o.Description,
		Language:    o.Language,
		Authors:     []jsonAuthor{{o.Publisher, o.PublisherAt}},
		Netsync:     feedNote{o.About, o.Scope, o.Name, o.Archived, o.Updated},
	}
	if o.Hub != "" {
		head.Hubs = []jsonHub{{"WebSub", o.Hub}}
	}
	data, err := indented(head, "")
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", head.FeedURL, err)
	}
	b := bytes.NewBuffer(bytes.TrimSuffix(data, []byte("\n}\n")))
	join(b, jsonBegin, jsonJoint, jsonEnd, len(items), func(i int) []byte { return items[i].json })
	return b.Bytes(), nil
}

// encodeJSONItem writes what is between the braces of an item.
func encodeJSONItem(language string, i item) ([]byte, error) {
	data, err := indented(jsonItemOf(language, i), "  ")
	if err != nil {
		return nil, fmt.Errorf("encode item %s: %w", i.ID, err)
	}
	return bytes.TrimSuffix(bytes.TrimPrefix(data, []byte("{\n")), []byte("\n  }\n")), nil
}

// indented escapes <, > and &, so that the file stays harmless where somebody
// puts it into a page.
func indented(v any, prefix string) ([]byte, error) {
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
		DateModified:  i.Published.Format(time.RFC3339), // an item stays as it is
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
	x := extension{Changeset: s.Changeset, Commits: append([]event.Commit{}, s.commits()...)}
	if s.begins() {
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
