// Package publishertest holds the story that every channel must survive.
package publishertest

import (
	"fmt"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/stream"
	"netsync/schema/stream/streamtest"
)

// Dataset is the dataset of the story.
const Dataset = "story"

// A History writes a dataset's stream, changeset by changeset.
type History struct {
	tb    testing.TB
	js    jetstream.JetStream
	state schema.State
	last  event.Seq
	count int
}

// NewHistory begins a history on a stream of its own.
func NewHistory(tb testing.TB, js jetstream.JetStream) *History {
	return &History{tb: tb, js: js}
}

// A Revision is what a changeset makes of one record: Value, or nothing.
type Revision struct {
	ID    string         // networks/una-europa
	Value map[string]any // as a maintainer writes it, without id; nil removes the record
	Logo  string         // the SVG image that it shows; "" where it shows none
}

// manifest is the dataset's manifest, as a maintainer writes it.
var manifest = map[string]any{
	"schema": "netsync/v1", "id": Dataset, "title": "A story", "languages": []any{"en", "nl"},
	"vocabularies": map[string]any{"topics": map[string]any{"water": "Water"}},
}

// Commit appends a changeset with its record events and returns its position.
func (h *History) Commit(bulk bool, revisions ...Revision) event.Position {
	h.tb.Helper()
	h.count++
	commit := fmt.Sprintf("%040d", h.count)
	at := time.Date(2026, 11, 24, 9, h.count, 0, 0, time.UTC)
	id := fmt.Sprintf("%s@%d", commit, h.last)
	cs := &event.Changeset{ID: id, Commit: commit, AsOf: "2026-11-24", Counts: map[event.Op]int{}, Bulk: bulk}
	var events []event.Event
	for _, r := range revisions {
		change := h.change(r, event.Commit{SHA: commit, Author: "Ada", Time: at, Subject: fmt.Sprintf("Commit %d", h.count)})
		change.Bulk, change.Changeset = bulk, id
		cs.Counts[change.Op]++
		events = append(events, event.Event{ID: id + ":" + r.ID, Type: change.Op.Type(), Dataset: Dataset, Time: at, Change: change})
	}
	published, err := schema.Canonical(schema.Normalize("", manifest, schema.Context{Language: "en"}))
	if err != nil {
		h.tb.Fatal(err)
	}
	cs.Events, cs.Records, cs.StateDigest = len(events), h.state.Len(), h.state.Digest()
	cs.Manifest, cs.ManifestDigest = published, schema.DigestOf(published)
	end := event.Event{ID: id, Type: event.ChangesetCompleted, Dataset: Dataset, Time: at, Changeset: cs}
	h.last = streamtest.Append(h.tb, h.js, Dataset, append(events, end)...)
	reader, err := stream.Open(h.tb.Context(), h.js, Dataset)
	if err != nil {
		h.tb.Fatal(err)
	}
	p := event.PositionOf(end, h.last)
	p.Epoch = reader.Epoch().ID
	return p
}

// Begin appends a record event without the changeset that would complete it.
func (h *History) Begin(r Revision) {
	h.tb.Helper()
	spare := *h
	spare.state = schema.State{}
	change := spare.change(r, event.Commit{})
	change.Changeset = fmt.Sprintf("%040d@%d", h.count+1, h.last)
	h.last = streamtest.Append(h.tb, h.js, Dataset, event.Event{
		ID: change.Changeset + ":" + r.ID, Type: change.Op.Type(), Dataset: Dataset, Change: change,
	})
}

func (h *History) change(r Revision, commit event.Commit) *event.Change {
	h.tb.Helper()
	id, err := schema.ParseRecordID(r.ID)
	if err != nil {
		h.tb.Fatal(err)
	}
	before, had := h.state.Get(id)
	change := &event.Change{
		Collection: id.Collection, ID: id.ID, Op: event.Created,
		Record: []byte("null"), Previous: []byte("null"), Patch: []byte("[]"),
		Significance: event.Major, Replaces: []string{}, Commits: []event.Commit{commit},
	}
	if had {
		change.Op, change.Previous, change.PreviousDigest = event.Updated, before.JSON, &before.Digest
	}
	if r.Value == nil {
		change.Op = event.Removed
		h.state.Remove(id)
		return change
	}
	r.Value["id"] = id.ID
	if r.Logo != "" {
		r.Value["logo"] = map[string]any{"path": "assets/" + id.ID + ".svg", "alt": "Logo of " + id.ID}
	}
	day, err := schema.ParseDay("2026-11-24")
	if err != nil {
		h.tb.Fatal(err)
	}
	record, err := schema.NewRecord(id, schema.Normalize(id.Collection, r.Value, schema.Context{Language: "en", AsOf: day, Image: h.image(r.Logo)}))
	if err != nil {
		h.tb.Fatal(err)
	}
	change.Record, change.Digest = record.JSON, &record.Digest
	h.state.Put(record)
	return change
}

// image puts a logo where channels find it, and is what records say of it.
func (h *History) image(logo string) func(string) *schema.Image {
	h.tb.Helper()
	if logo == "" {
		return nil
	}
	digest := streamtest.PutAsset(h.tb, h.js, Dataset, []byte(logo))
	image := &schema.Image{Digest: digest, MediaType: "image/svg+xml", Size: int64(len(logo)), Width: 120, Height: 40}
	return func(string) *schema.Image { return image }
}
