package stream_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/stream"
	"netsync/schema/stream/streamtest"
)

const dataset = "leiden-networks"

// changeset returns a record event and its changeset event.
func changeset(n int) []event.Event {
	id := fmt.Sprintf("%040d@%d", n, n)
	at := time.Date(2026, 11, n, 8, 0, 0, 0, time.UTC)
	record, manifest := json.RawMessage(`{"id":"leru"}`), json.RawMessage(`{"id":"`+dataset+`"}`)
	digest := schema.DigestOf(record)
	return []event.Event{
		{ID: id + ":networks/leru", Type: event.RecordUpdated, Dataset: dataset, Time: at, Change: &event.Change{
			Collection: "networks", ID: "leru", Op: event.Updated, Digest: &digest, Record: record, Changeset: id,
		}},
		{ID: id, Type: event.ChangesetCompleted, Dataset: dataset, Time: at, Changeset: &event.Changeset{
			ID: id, Manifest: manifest, ManifestDigest: schema.DigestOf(manifest),
		}},
	}
}

func TestPlacesAreFoundByTimeAndByChangeset(t *testing.T) {
	t.Parallel()
	js := streamtest.JetStream(t)
	var times []time.Time // just before each changeset
	for n := 1; n <= 3; n++ {
		times = append(times, time.Now())
		streamtest.Append(t, js, dataset, changeset(n)...)
	}
	reader, err := stream.Open(t.Context(), js, dataset)
	if err != nil {
		t.Fatal(err)
	}
	for want, at := range map[event.Seq]time.Time{1: times[0], 3: times[1], 5: times[2], 7: time.Now().Add(time.Hour)} {
		if got, err := reader.FirstAt(t.Context(), at); err != nil || got != want {
			t.Errorf("FirstAt(%v) = %d, %v; want %d", at, got, err, want)
		}
	}
	if got, err := reader.FirstAt(t.Context(), time.Time{}.AddDate(1999, 0, 0)); err != nil || got != 1 {
		t.Errorf("long ago: %d, %v", got, err)
	}
	for after, want := range []event.Seq{2, 2, 4, 4, 6, 6, 0} {
		m, ok, err := reader.ChangesetAfter(t.Context(), event.Seq(after))
		if err != nil || ok != (want > 0) || m.Seq != want || (ok && m.Changeset == nil) {
			t.Errorf("ChangesetAfter(%d) = %d, %v, %v; want %d", after, m.Seq, ok, err, want)
		}
	}
	var seqs []event.Seq
	for m, err := range reader.Changesets(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		seqs = append(seqs, m.Seq)
	}
	if want := []event.Seq{2, 4, 6}; !slices.Equal(seqs, want) {
		t.Errorf("changesets at %v, want %v", seqs, want)
	}
}

func TestAStreamWithoutChangesetsHasNoPlaces(t *testing.T) {
	t.Parallel()
	js := streamtest.JetStream(t)
	if _, err := js.CreateStream(t.Context(), stream.Config(dataset, 1)); err != nil {
		t.Fatal(err)
	}
	reader, err := stream.Open(t.Context(), js, dataset)
	if err != nil {
		t.Fatal(err)
	}
	if seq, err := reader.FirstAt(t.Context(), time.Now().Add(-time.Hour)); err != nil || seq != 1 {
		t.Errorf("FirstAt = %d, %v", seq, err)
	}
	if _, ok, err := reader.ChangesetAfter(t.Context(), 0); ok || err != nil {
		t.Errorf("ChangesetAfter = %v, %v", ok, err)
	}
	for m, err := range reader.Changesets(t.Context()) {
		t.Errorf("a changeset: %v, %v", m, err)
	}
}
