package feed_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wI2L/jsondiff"
	"go.uber.org/zap"

	"netsync/publishers"
	"netsync/publishers/feed"
	"netsync/schema"
	"netsync/schema/event"
)

const baseURL = "https://networks.example.org"

const manifest = `{
	"schema": "netsync/v1", "id": "leiden-networks", "languages": ["en", "nl"], "time_zone": "Europe/Amsterdam",
	"title": {"en": "Networks and associations", "nl": "Netwerken"},
	"institution": "leiden-university", "homepage": "https://www.universiteitleiden.nl/",
	"vocabularies": {"topics": {"water": {"en": "Water"}, "energy": {"en": "Energy"}}}
}`

// A history builds a stream: each commit adds a changeset.
type history struct {
	tb       testing.TB
	manifest string // of the changesets to come; "" is the constant
	state    schema.State
	entries  []publishers.Entry
	states   []*schema.State // after each entry
	seq      event.Seq
}

// An edit sets a record to JSON text; "" removes it.
type edit struct{ record, json string }

var start = time.Date(2026, 11, 24, 9, 0, 0, 123456789, time.UTC)

// commit adds a changeset. Marks adjust its changes.
func (h *history) commit(subject, author string, edits []edit, marks ...func(*event.Change)) {
	h.tb.Helper()
	n := len(h.entries) + 1
	at := start.Add(time.Duration(n) * time.Hour)
	sha := fmt.Sprintf("%040x", n)
	cs := &event.Changeset{ID: fmt.Sprintf("%s@%d", sha, h.seq), Commit: sha, Manifest: json.RawMessage(cmp.Or(h.manifest, manifest))}
	entry := publishers.Entry{Changeset: cs, Time: at}
	for _, e := range edits {
		c := h.apply(e)
		c.Changeset, c.Significance = cs.ID, event.Minor
		c.Commits = []event.Commit{{SHA: sha, Author: author, Time: at.Add(-time.Minute), Subject: subject}}
		for _, mark := range marks {
			mark(c)
		}
		entry.Changes = append(entry.Changes, c)
		h.seq++
	}
	h.seq++
	entry.Sequence = h.seq
	cs.StateDigest = h.state.Digest()
	h.entries = append(h.entries, entry)
	h.states = append(h.states, snapshot(&h.state))
}

// text returns the JSON of a record, or "" if there is none.
func (h *history) text(record string) string {
	h.tb.Helper()
	id, err := schema.ParseRecordID(record)
	if err != nil {
		h.tb.Fatal(err)
	}
	r, _ := h.state.Get(id)
	return string(r.JSON)
}

func (h *history) apply(e edit) *event.Change {
	h.tb.Helper()
	id, err := schema.ParseRecordID(e.record)
	if err != nil {
		h.tb.Fatal(err)
	}
	c := &event.Change{Collection: id.Collection, ID: id.ID, Op: event.Updated, Patch: json.RawMessage("[]")}
	before, had := h.state.Get(id)
	if had {
		c.Previous, c.PreviousDigest = before.JSON, &before.Digest
	} else {
		c.Op = event.Created
	}
	if e.json == "" {
		c.Op = event.Removed
		h.state.Remove(id)
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
	if had {
		c.Patch = patch(h.tb, before.JSON, after.JSON)
	}
	h.state.Put(after)
	return c
}

func patch(tb testing.TB, before, after []byte) json.RawMessage {
	tb.Helper()
	p, err := jsondiff.CompareJSON(before, after)
	if err != nil {
		tb.Fatal(err)
	}
	data, err := json.Marshal(p)
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// edition returns an edition of entries[from:to].
func (h *history) edition(from, to int, fresh bool) publishers.Edition {
	h.tb.Helper()
	last := h.entries[to-1]
	m, err := schema.DecodeManifest(last.Changeset.Manifest)
	if err != nil {
		h.tb.Fatal(err)
	}
	return publishers.Edition{
		Position: event.Position{
			Dataset: "leiden-networks", Changeset: last.Changeset.ID, Commit: last.Changeset.Commit,
			Sequence: last.Sequence, StateDigest: last.Changeset.StateDigest,
		},
		Changeset: last.Changeset,
		Manifest:  m,
		State:     h.states[to-1],
		Entries:   h.entries[from:to],
		Fresh:     fresh,
	}
}

func bulk(c *event.Change)        { c.Bulk = true }
func major(c *event.Change)       { c.Significance = event.Major }
func republished(c *event.Change) { c.Republished = true }

func open(tb testing.TB, dir string, items int) *feed.Feed {
	tb.Helper()
	f, err := feed.New(feed.Config{Dir: dir, BaseURL: baseURL, Items: items, Log: zap.NewNop()})
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

// openPaged opens a feed with another page size in bytes.
func openPaged(tb testing.TB, dir string, items, page int) *feed.Feed {
	tb.Helper()
	f := open(tb, dir, items)
	f.SetPage(page)
	return f
}

func publish(tb testing.TB, f *feed.Feed, e publishers.Edition) {
	tb.Helper()
	if err := f.Publish(context.Background(), e); err != nil {
		tb.Fatal(err)
	}
}

// shown returns the files of the current release.
func shown(tb testing.TB, dir string) map[string]string {
	tb.Helper()
	return filesOf(tb, filepath.Join(dir, "current"))
}

func filesOf(tb testing.TB, dir string) map[string]string {
	tb.Helper()
	files := make(map[string]string)
	root := os.DirFS(dir)
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

// story returns the history of a small dataset.
func story(tb testing.TB) *history {
	tb.Helper()
	h := &history{tb: tb}
	una := `{"id":"una-europa","name":{"en":"Una Europa"},"summary":{"en":"A European University Alliance."},
		"topics":["water"],"partners":["tu-delft"],"members":{"count":10},"membership":{"role":"member","status":"current"}}`
	edited := strings.NewReplacer(`"count":10`, `"count":11`).Replace(una)
	h.commit("Import", "Ada Lovelace", []edit{
		{"networks/una-europa", una},
		{"networks/leru", `{"id":"leru","name":{"en":"LERU"},"topics":[]}`},
		{"organizations/leiden-university", `{"id":"leiden-university","name":{"en":"Leiden University"}}`},
		{"organizations/tu-delft", `{"id":"tu-delft","name":{"en":"Delft University of Technology"}}`},
	}, bulk)
	h.commit("Una Europa has eleven members", "Grace Hopper", []edit{{"networks/una-europa", edited}})
	h.commit("Say it again", "Grace Hopper", []edit{{"networks/leru", `{"id":"leru","name":{"en":"LERU"},"topics":[]}`}}, republished)
	h.commit("Topics & partners", "Ada Lovelace", []edit{
		{"networks/una-europa", strings.NewReplacer(`["water"]`, `["water","energy"]`, `["tu-delft"]`, `["tu-delft","gone"]`).Replace(edited)},
		{"activities/hub", `{"id":"hub","name":{"en":"Hub"},"network":"una-europa","summary":{"en":"A hub."}}`},
	})
	h.commit("LERU is no more", "Ada Lovelace", []edit{{"networks/leru", ""}}, major)
	h.commit("We leave", "Ada Lovelace", []edit{{"networks/una-europa",
		strings.NewReplacer(`"current"`, `"former","until":"2026-11-24"`).Replace(edited)}})
	return h
}

// snapshot returns a copy of a state.
func snapshot(s *schema.State) *schema.State {
	copied := &schema.State{}
	for r := range s.All() {
		copied.Put(r)
	}
	return copied
}
