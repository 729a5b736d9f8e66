package event_test

import (
	"encoding/json"
	"errors"
	"testing"

	"netsync/schema"
	"netsync/schema/event"
)

// Lost or changed events give another state than that of the changeset event.
func TestAFoldSeesThatItsEventsAreNotThoseOfTheChangeset(t *testing.T) {
	t.Parallel()
	record, err := schema.NewRecord(schema.RecordID{Collection: schema.Networks, ID: "leru"}, map[string]any{"id": "leru"})
	if err != nil {
		t.Fatal(err)
	}
	var state schema.State
	state.Put(record)
	change := event.Event{Type: event.RecordCreated, Change: &event.Change{
		Collection: schema.Networks, ID: "leru", Op: event.Created, Digest: &record.Digest, Record: record.JSON,
	}}
	complete := event.Event{Type: event.ChangesetCompleted, Changeset: &event.Changeset{ID: "c@1", StateDigest: state.Digest()}}

	var fold event.Fold
	if _, err := fold.Apply(change, 1); err != nil {
		t.Fatal(err)
	}
	if done, err := fold.Apply(complete, 2); !done || err != nil {
		t.Errorf("all events: %t, %v", done, err)
	}
	var lost event.Fold
	var diverged *event.ErrDiverged
	if _, err := lost.Apply(complete, 2); !errors.As(err, &diverged) {
		t.Errorf("an event is missing: %v", err)
	}
	altered := *change.Change
	altered.Record = json.RawMessage(`{"id":"other"}`)
	var changed event.Fold
	if _, err := changed.Apply(event.Event{Type: event.RecordCreated, Change: &altered}, 1); err == nil {
		t.Error("a record that is not what its digest says was taken")
	}
}
