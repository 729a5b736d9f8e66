package newsletter_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"
	"go.uber.org/zap"

	"netsync/publishers"
	"netsync/publishers/newsletter"
	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/stream"
	"netsync/schema/stream/streamtest"
	"netsync/schema/testkit/npmtest"
)

func TestMain(m *testing.M) {
	npmtest.SetProperties(20, 100)
	goleak.VerifyTestMain(m, streamtest.LeakOptions()...)
}

const (
	dataset = "leiden-networks"
	baseURL = "https://networks.example.org"
)

const manifest = `{
	"schema": "netsync/v1", "id": "leiden-networks", "languages": ["en", "nl"], "time_zone": "Europe/Amsterdam",
	"title": {"en": "Networks and associations", "nl": "Netwerken"},
	"vocabularies": {"topics": {"water": {"en": "Water", "nl": "Water"}, "energy": {"en": "Energy", "nl": "Energie"}}}
}`

// A history builds a stream: each commit adds a changeset.
type history struct {
	tb       testing.TB
	manifest string
	state    schema.State
	entries  []publishers.Entry
	states   []*schema.State // after each entry
	removed  map[schema.RecordID]bool
	seq      event.Seq
	js       jetstream.JetStream // where it is set, the stream is written too
}

func newHistory(tb testing.TB) *history {
	return &history{tb: tb, manifest: manifest, removed: make(map[schema.RecordID]bool)}
}

// An edit sets a record to JSON text; "" removes it.
type edit struct{ record, json string }

var start = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

// commit adds a changeset. Marks adjust its changes.
func (h *history) commit(subject string, edits []edit, marks ...func(*event.Change)) {
	h.tb.Helper()
	n := len(h.entries) + 1
	at := start.Add(time.Duration(n) * time.Hour)
	sha := fmt.Sprintf("%040x", n)
	cs := &event.Changeset{ID: fmt.Sprintf("%s@%d", sha, h.seq), Commit: sha, Manifest: json.RawMessage(h.manifest)}
	entry := publishers.Entry{Changeset: cs, Time: at}
	for _, e := range edits {
		c := h.apply(e)
		c.Changeset, c.Significance = cs.ID, event.Minor
		c.Commits = []event.Commit{{SHA: sha, Author: "Ada Lovelace", Time: at.Add(-time.Minute), Subject: subject}}
		for _, mark := range marks {
			mark(c)
		}
		entry.Changes = append(entry.Changes, c)
		h.append(event.Event{ID: cs.ID + ":" + c.RecordID().String(), Type: c.Op.Type(), Dataset: dataset, Time: at, Change: c})
	}
	cs.StateDigest, cs.Records = h.state.Digest(), h.state.Len()
	h.append(event.Event{ID: cs.ID, Type: event.ChangesetCompleted, Dataset: dataset, Time: at, Changeset: cs})
	entry.Sequence = h.seq
	h.entries = append(h.entries, entry)
	h.states = append(h.states, snapshot(&h.state))
}

func (h *history) append(e event.Event) {
	h.tb.Helper()
	h.seq++
	if h.js == nil {
		return
	}
	data, err := event.Encode(e)
	if err == nil {
		_, err = h.js.Publish(context.Background(), e.Subject(), data)
	}
	if err != nil {
		h.tb.Fatal(err)
	}
}

func (h *history) apply(e edit) *event.Change {
	h.tb.Helper()
	id, err := schema.ParseRecordID(e.record)
	if err != nil {
		h.tb.Fatal(err)
	}
	c := &event.Change{Collection: id.Collection, ID: id.ID, Op: event.Updated, Patch: json.RawMessage("[]")}
	before, had := h.state.Get(id)
	switch {
	case had:
		c.Previous, c.PreviousDigest = before.JSON, &before.Digest
	case h.removed[id]:
		c.Op = event.Restored
	default:
		c.Op = event.Created
	}
	if e.json == "" {
		c.Op = event.Removed
		h.state.Remove(id)
		h.removed[id] = true
		return c
	}
	value, err := schema.DecodeJSON([]byte(e.json))
	if err != nil {
		h.tb.Fatal(err)
	}
	after, err := schema.NewRecord(id, value)
	if err != nil {
		h.tb.Fatal(err)
	}
	c.Record, c.Digest = after.JSON, &after.Digest
	h.state.Put(after)
	return c
}

// edition returns an edition of entries[from:to].
func (h *history) edition(from, to int, fresh bool) publishers.Edition {
	h.tb.Helper()
	m, err := schema.DecodeManifest([]byte(h.manifest))
	if err != nil {
		h.tb.Fatal(err)
	}
	last := h.entries[to-1]
	return publishers.Edition{
		Position: event.Position{
			Dataset: dataset, Changeset: last.Changeset.ID, Commit: last.Changeset.Commit,
			Sequence: last.Sequence, StateDigest: last.Changeset.StateDigest,
		},
		Changeset: last.Changeset, Manifest: m, State: h.states[to-1],
		Entries: h.entries[from:to], Fresh: fresh,
	}
}

func bulk(c *event.Change)        { c.Bulk = true }
func republished(c *event.Change) { c.Republished = true }
func trivial(c *event.Change)     { c.Significance = event.Trivial }

func snapshot(s *schema.State) *schema.State {
	copied := &schema.State{}
	for r := range s.All() {
		copied.Put(r)
	}
	return copied
}

func open(tb testing.TB, dir string, adjust ...func(*newsletter.Config)) *newsletter.Newsletter {
	tb.Helper()
	c := newsletter.Config{Dir: dir, BaseURL: baseURL, Grace: 24 * time.Hour, Log: zap.NewNop(),
		Now: func() time.Time { return start }}
	for _, a := range adjust {
		a(&c)
	}
	n, err := newsletter.New(c)
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

func publish(tb testing.TB, n *newsletter.Newsletter, e publishers.Edition) {
	tb.Helper()
	if err := n.Publish(context.Background(), e); err != nil {
		tb.Fatal(err)
	}
}

// shown returns the files of the newsletter's current release, and of the draft.
func shown(tb testing.TB, dir string) map[string]string {
	tb.Helper()
	files := releaseFiles(tb, dir)
	maps.Copy(files, releaseFiles(tb, filepath.Join(dir, newsletter.DraftsFolder)))
	return files
}

// releaseFiles returns the files of the current release of a folder.
func releaseFiles(tb testing.TB, dir string) map[string]string {
	tb.Helper()
	files := make(map[string]string)
	root := os.DirFS(filepath.Join(dir, "current"))
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(root, name)
		files[name] = string(data)
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return files
}

// live returns a history with a real stream.
func live(tb testing.TB) *history {
	tb.Helper()
	h := newHistory(tb)
	h.js = streamtest.JetStream(tb)
	if _, err := h.js.CreateStream(context.Background(), stream.Config(dataset, 1)); err != nil {
		tb.Fatal(err)
	}
	return h
}

// catchUp publishes the newsletter up to the end of the stream.
func (h *history) catchUp(tb testing.TB, n *newsletter.Newsletter) {
	tb.Helper()
	r, err := publishers.NewRunner(publishers.Config{
		Channel: n, Log: zap.NewNop(),
		Open: func(ctx context.Context) (*stream.Reader, error) { return stream.Open(ctx, h.js, dataset) },
	})
	if err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	done := make(chan error)
	go func() { done <- r.Run(ctx) }()
	err = r.Wait(ctx, h.seq)
	cancel()
	if runErr := <-done; err != nil || runErr != nil {
		tb.Fatal(err, runErr)
	}
}

const una = `{"id":"una-europa","name":{"en":"Una Europa"},"tier":"key","summary":{"en":"A European University Alliance."},
	"topics":["water"],"partners":["tu-delft"],"members":{"count":10},"membership":{"role":"member","status":"current"}}`

// story commits the history of a small dataset.
func (h *history) story() {
	h.tb.Helper()
	h.commit("Import", []edit{
		{"networks/una-europa", una},
		{"networks/leru", `{"id":"leru","name":{"en":"LERU"},"tier":"member","topics":[]}`},
		{"networks/eua", `{"id":"eua","name":{"en":"EUA"},"tier":"member","membership":{"status":"current"}}`},
		{"organizations/tu-delft", `{"id":"tu-delft","name":{"en":"Delft University of Technology"}}`},
	}, bulk)
	h.commit("Una Europa has eleven members", []edit{{"networks/una-europa", replace(una, `"count":10`, `"count":11`)}})
	h.commit("Say it again", []edit{{"networks/eua", `{"id":"eua","name":{"en":"EUA"},"tier":"member","membership":{"status":"current"}}`}}, republished)
	h.commit("Spelling", []edit{{"organizations/tu-delft", `{"id":"tu-delft","name":{"en":"TU Delft"}}`}}, trivial)
	h.commit("Topics & <partners>", []edit{
		{"networks/una-europa", replace(una, `"count":10`, `"count":11`, `["water"]`, `["water","energy"]`, `["tu-delft"]`, `["tu-delft","gone"]`)},
		{"activities/hub", `{"id":"hub","name":{"en":"Hub"},"network":"una-europa","summary":{"en":"A hub for *water*."}}`},
		{"organizations/kul", `{"id":"kul","name":{"en":"KU Leuven"}}`},
	})
	h.commit("LERU is no more", []edit{{"networks/leru", ""}})
	h.commit("We leave", []edit{{"networks/eua", `{"id":"eua","name":{"en":"EUA"},"tier":"member","membership":{"status":"former","until":"2026-11-24"}}`}})
}

func unzip(tb testing.TB, data []byte) string {
	tb.Helper()
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		tb.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}
