package feed

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"netsync/schema"
	"netsync/schema/describe"
	"netsync/schema/event"
)

// jsonFeedVersion names JSON Feed 1.1, whose members the structs here are.
const jsonFeedVersion = "https://jsonfeed.org/version/1.1"

type jsonFeed struct {
	Version     string       `json:"version"`
	Title       string       `json:"title"`
	HomePageURL string       `json:"home_page_url"`
	FeedURL     string       `json:"feed_url"`
	Description string       `json:"description"`
	Language    string       `json:"language"`
	Authors     []jsonAuthor `json:"authors"`
	Items       []jsonItem   `json:"items"`
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
	Counts         describe.Tally     `json:"counts,omitempty"`
	Commits        []event.Commit     `json:"commits"`
	Changeset      string             `json:"changeset"`
	Significance   event.Significance `json:"significance"`
}

// encodeJSONFeed escapes <, > and &, so that the file stays harmless where
// somebody puts it into a page.
func encodeJSONFeed(o outline, items []item) ([]byte, error) {
	feed := jsonFeed{
		Version:     jsonFeedVersion,
		Title:       o.Title,
		HomePageURL: o.Home,
		FeedURL:     o.JSON,
		Description: o.Description,
		Language:    o.Language,
		Authors:     []jsonAuthor{{o.Publisher, o.PublisherAt}},
		Items:       make([]jsonItem, len(items)),
	}
	for i, item := range items {
		feed.Items[i] = jsonItemOf(o, item)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetIndent("", " ")
	if err := enc.Encode(feed); err != nil {
		return nil, fmt.Errorf("encode %s: %w", JSONFile, err)
	}
	return b.Bytes(), nil
}

func jsonItemOf(o outline, i item) jsonItem {
	out := jsonItem{
		ID:            i.ID,
		URL:           i.URL,
		Title:         i.Title,
		ContentHTML:   i.HTML,
		ContentText:   i.Text,
		Summary:       i.Summary,
		DatePublished: i.Published.Format(time.RFC3339),
		Tags:          i.Tags,
		Language:      o.Language,
		Netsync:       extensionOf(i.Source),
	}
	for _, name := range i.Authors {
		out.Authors = append(out.Authors, jsonAuthor{Name: name})
	}
	return out
}

func extensionOf(s source) extension {
	x := extension{Changeset: s.Changeset, Commits: append([]event.Commit{}, s.commits()...)}
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
