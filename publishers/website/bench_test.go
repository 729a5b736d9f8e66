package website

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"go.uber.org/zap"

	"netsync/publishers"
	"netsync/schema"
	"netsync/schema/event"
)

// manyRecords returns a dataset of n records: a tenth networks, the others
// organizations and activities in equal shares.
func manyRecords(tb testing.TB, n int) publishers.Edition {
	tb.Helper()
	state := &schema.State{}
	terms := map[string]schema.Text{}
	for t := range 20 {
		terms[fmt.Sprint("t", t)] = schema.Text{"en": fmt.Sprint("Topic ", t), "nl": fmt.Sprint("Onderwerp ", t)}
	}
	paragraph := "Universities work together in this network on education, research and the transfer of knowledge to society. "
	put := func(id schema.RecordID, value map[string]any) {
		r, err := schema.NewRecord(id, schema.Normalize(id.Collection, value, schema.Context{Language: "en"}))
		if err != nil {
			tb.Fatal(err)
		}
		state.Put(r)
	}
	for i := range n {
		name := fmt.Sprintf("r-%d", i)
		value := map[string]any{
			"id": name, "name": map[string]any{"en": fmt.Sprint("Record number ", i), "nl": fmt.Sprint("Record nummer ", i)},
			"summary":     map[string]any{"en": paragraph, "nl": paragraph},
			"description": map[string]any{"en": paragraph + "\n\n" + paragraph, "nl": paragraph + "\n\n" + paragraph},
			"links":       []any{map[string]any{"rel": "homepage", "url": "https://example.org/" + name}},
		}
		network := fmt.Sprintf("r-%d", i/10*10)
		switch {
		case i%10 == 0:
			value["tier"], value["kind"], value["purposes"] = "member", "network", []any{"advocacy"}
			value["topics"] = []any{fmt.Sprint("t", i/10%20)}
			value["partners"] = []any{fmt.Sprintf("r-%d", min(n-1, i+1))}
			put(schema.RecordID{Collection: schema.Networks, ID: name}, value)
		case i%2 == 0:
			value["kind"], value["network"] = "project", network
			put(schema.RecordID{Collection: schema.Activities, ID: name}, value)
		default:
			value["kind"], value["country"] = "university", "NL"
			put(schema.RecordID{Collection: schema.Organizations, ID: name}, value)
		}
	}
	m := &schema.Manifest{
		ID: "many", Title: schema.Text{"en": "Many", "nl": "Veel"}, Languages: []string{"en", "nl"}, TimeZone: "UTC",
		Vocabularies: schema.Vocabularies{Topics: terms, Purposes: map[string]schema.Text{"advocacy": {"en": "Advocacy"}}},
	}
	manifest, err := json.Marshal(m)
	if err != nil {
		tb.Fatal(err)
	}
	position := event.Position{Dataset: "many", Changeset: "c@1", Commit: "c", Sequence: 1, StateDigest: state.Digest()}
	set := &event.Changeset{ID: "c@1", Manifest: manifest, ManifestDigest: schema.DigestOf(manifest), Records: n}
	return publishers.Edition{Position: position, Changeset: set, Manifest: m, State: state, Fresh: true}
}

func benchSite(b *testing.B) *Site {
	b.Helper()
	site, err := New(Config{Dir: b.TempDir(), BaseURL: "https://www.example.org/", Log: zap.NewNop()})
	if err != nil {
		b.Fatal(err)
	}
	return site
}

// BenchmarkWhole builds a site of 10,000 records: 20,000 pages.
func BenchmarkWhole(b *testing.B) {
	e := manyRecords(b, 10_000)
	for b.Loop() {
		if err := benchSite(b).Publish(context.Background(), e); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRender renders the pages of 10,000 records and writes nothing.
func BenchmarkRender(b *testing.B) {
	e := manyRecords(b, 10_000)
	site := benchSite(b)
	catalog, err := newCatalog(site.renderer.limits, e.Manifest, e.State)
	if err != nil {
		b.Fatal(err)
	}
	build := site.renderer.newBuild(e, catalog, newHistory())
	pages := 0
	for b.Loop() {
		plan, err := build.newPlan(build.newFullStaleSet())
		if err != nil {
			b.Fatal(err)
		}
		for _, f := range plan.files {
			if _, err := f.render(); err != nil {
				b.Fatal(err)
			}
			pages++
		}
	}
	b.ReportMetric(float64(pages)/b.Elapsed().Seconds(), "files/s")
}

// BenchmarkChange changes one record of 10,000.
func BenchmarkChange(b *testing.B) {
	e := manyRecords(b, 10_000)
	site := benchSite(b)
	if err := site.Publish(context.Background(), e); err != nil {
		b.Fatal(err)
	}
	id := schema.RecordID{Collection: schema.Networks, ID: "r-100"}
	for n := 0; b.Loop(); n++ {
		before, _ := e.State.Get(id)
		value, err := before.Value()
		if err != nil {
			b.Fatal(err)
		}
		value["summary"] = map[string]any{"en": fmt.Sprint("Summary ", n)}
		after, err := schema.NewRecord(id, value)
		if err != nil {
			b.Fatal(err)
		}
		e.State.Put(after)
		e.Fresh = false
		e.Position.Sequence += 2
		e.Position.Changeset = fmt.Sprintf("c@%d", e.Position.Sequence)
		e.Entries = []publishers.Entry{{
			Changeset: &event.Changeset{ID: e.Position.Changeset}, Sequence: e.Position.Sequence, Time: time.Unix(int64(n), 0),
			Changes: []*event.Change{{Collection: id.Collection, ID: id.ID, Op: event.Updated, Record: after.JSON,
				Previous: before.JSON, Digest: &after.Digest, PreviousDigest: &before.Digest}},
		}}
		if err := site.Publish(context.Background(), e); err != nil {
			b.Fatal(err)
		}
	}
}
