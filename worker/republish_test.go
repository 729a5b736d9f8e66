package worker_test

import (
	"errors"
	"testing"

	"netsync/schema"
	"netsync/schema/event"
	"netsync/worker"
)

func TestARepublishedRecordIsMarkedAndChangesNothing(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.sync()
	before := f.messages()
	state := before[len(before)-1].Changeset.StateDigest
	leru := schema.RecordID{Collection: schema.Networks, ID: "leru"}
	if _, err := f.SyncWith(t.Context(), worker.Options{Republish: []schema.RecordID{leru}}); err != nil {
		t.Fatal(err)
	}
	all := f.messages()[len(before):]
	if len(all) != 2 || all[1].Changeset == nil || all[1].Changeset.StateDigest != state {
		t.Fatalf("%d events came, the last is %+v", len(all), all[len(all)-1])
	}
	c := all[0].Change
	if !c.Republished || c.Op != event.Updated || c.RecordID() != leru || *c.Digest != *c.PreviousDigest || string(c.Patch) != "[]" {
		t.Errorf("the event is %+v", c)
	}
	if again := f.sync(); len(again.Changes) != 0 {
		t.Errorf("a pass after it published %d changes", len(again.Changes))
	}
}

func TestOnlyWhatIsPublishedCanBeSaidAgain(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.sync()
	nobody := worker.Options{Republish: []schema.RecordID{{Collection: schema.Networks, ID: "nobody"}}}
	if _, err := f.SyncWith(t.Context(), nobody); !errors.Is(err, worker.ErrNotPublished) || f.Status().Error != "" {
		t.Errorf("an unknown record: %v; status %q", err, f.Status().Error)
	}
	f.repo.write("dataset.yaml", "schema: nonsense\n")
	f.repo.commit("Break the manifest")
	leru := worker.Options{Republish: []schema.RecordID{{Collection: schema.Networks, ID: "leru"}}}
	if _, err := f.SyncWith(t.Context(), leru); !errors.Is(err, worker.ErrHeld) {
		t.Errorf("in a broken dataset: %v", err)
	}
}
