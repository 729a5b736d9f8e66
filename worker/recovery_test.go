package worker_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/stream"
	"netsync/schema/testkit/npmtest"
	"netsync/worker/journal"
)

func TestARecordIsRemovedAndRestored(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.sync()
	f.repo.git("rm", "--quiet", "networks/euroscholars.yaml")
	f.repo.commit("Leave EuroScholars")
	r := f.sync()
	if len(r.Changes) != 1 || r.Changes[0].Op != event.Removed || r.Changes[0].Digest != nil || string(r.Changes[0].Record) != "null" {
		t.Fatalf("changes = %+v, findings = %v", r.Changes, r.Findings)
	}
	f.repo.git("revert", "--no-edit", "HEAD")
	r = f.another(0).mustSync(t)
	if len(r.Changes) != 1 || r.Changes[0].Op != event.Restored || r.Changes[0].PreviousDigest != nil {
		t.Fatalf("changes = %+v", r.Changes)
	}
	f.messages()
}

func TestForcePushBackToAnOldCommit(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.sync()
	first := f.repo.git("rev-parse", "HEAD")
	f.repo.replace("networks/una-europa.yaml", "count: 11", "count: 12")
	f.repo.commit("Grow")
	f.sync()
	f.repo.git("reset", "--quiet", "--hard", first)
	r := f.sync()
	if len(r.Changes) != 1 || len(r.Changes[0].Commits) != 1 || r.Changes[0].Commits[0].SHA != first {
		t.Fatalf("changes = %+v", r.Changes)
	}
	var ids []string
	for _, m := range f.messages() {
		if m.Changeset != nil {
			ids = append(ids, m.Changeset.ID)
		}
	}
	slices.Sort(ids)
	if len(ids) != 3 || len(slices.Compact(ids)) != 3 {
		t.Fatalf("changesets = %v", ids)
	}
}

func TestAHalfWrittenChangesetIsCompleted(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(f *fixture){
		"same commit": func(*fixture) {},
		"newer commit": func(f *fixture) {
			f.repo.replace("activities/inucost.yaml", "id: inucost", "x-note: changed\nid: inucost")
			f.repo.commit("Meanwhile")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			dry, err := f.another(0).SyncWith(t.Context(), dryRun)
			if err != nil {
				t.Fatal(err)
			}
			f.writeHalf(dry.Changes[:7], string(dry.Commit)+"@0")
			edit(f)
			f.sync()
			all := f.messages()
			last := all[len(all)-1].Changeset
			if last == nil || last.Records != 18 || last.Events != len(all)-1 {
				t.Fatalf("the stream of %d messages ends with %+v", len(all), last)
			}
			if name == "same commit" && (len(all) != 19 || last.ID != string(dry.Commit)+"@0") {
				t.Errorf("%d messages, changeset %s", len(all), last.ID)
			}
			if again := f.another(0).mustSync(t); len(again.Changes) != 0 {
				t.Errorf("published again: %v", again.Changes)
			}
		})
	}
}

// writeHalf appends the first batch of a changeset to the stream.
func (f *fixture) writeHalf(changes []*event.Change, id string) {
	f.t.Helper()
	j, err := journal.Open(f.t.Context(), f.js, journal.Config{Dataset: "leiden-networks"})
	if err != nil {
		f.t.Fatal(err)
	}
	var events []event.Event
	for _, c := range changes {
		c.Changeset = id
		events = append(events, event.Event{ID: id + ":" + c.RecordID().String(), Type: c.Op.Type(), Dataset: "leiden-networks", Time: f.now, Change: c})
	}
	if _, err := j.Append(f.t.Context(), j.PrepareAll(0, events)); err != nil {
		f.t.Fatal(err)
	}
}

// An import is published in parts that are not in memory at the same time. The
// result must be complete.
func TestALargeImportIsWhole(t *testing.T) {
	t.Parallel()
	many := npmtest.Rounds(2_500, 6_000)
	f := newFixture(t)
	for i := range many {
		f.repo.write(fmt.Sprintf("organizations/many/org-%04d.yaml", i), fmt.Sprintf("id: org-%04d\nname: Organization %d\nkind: other\n", i, i))
	}
	f.repo.commit("Import")
	r := f.sync()
	if len(r.Changes) != many+18 || r.Live != many+18 {
		t.Fatalf("%d changes, %d live", len(r.Changes), r.Live)
	}
	seen := make(map[string]bool)
	for _, m := range f.messages() {
		if m.Change == nil {
			continue
		}
		record, ok := m.Change.After()
		if id := record.ID.String(); !ok || seen[id] || schema.DigestOf(record.JSON) != record.Digest || !m.Change.Bulk {
			t.Fatalf("message %d: %+v", m.Seq, m.Change)
		}
		seen[record.ID.String()] = true
	}
	if len(seen) != many+18 {
		t.Errorf("%d records", len(seen))
	}
	if again := f.another(0).mustSync(t); len(again.Changes) != 0 {
		t.Errorf("%d changes were published again", len(again.Changes))
	}
}

func TestManyWorkersPublishOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.sync()
	workers := []syncer{f.another(0), f.another(0), f.another(0)}
	for round := range 5 {
		before := len(f.messages())
		f.repo.write("activities/inucost.yaml", activity(round))
		f.repo.commit("Round")
		var group sync.WaitGroup
		for _, w := range workers {
			group.Go(func() {
				if _, err := w.Sync(t.Context()); err != nil && !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if n := len(f.messages()) - before; n != 2 {
			t.Fatalf("round %d published %d messages", round, n)
		}
	}
}

func TestMembershipEndsOnItsDayWithoutACommit(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.repo.replace("networks/iau.yaml", "membership: {role: member}", "membership: {role: member, until: 2026-12-01}")
	f.repo.commit("Leave the IAU next month")
	f.sync()
	f.now = time.Date(2026, 11, 30, 22, 59, 0, 0, time.UTC) // 23:59 in Amsterdam
	if r := f.sync(); len(r.Changes) != 0 {
		t.Fatalf("changes = %+v", r.Changes)
	}
	f.now = f.now.Add(time.Minute)
	r := f.sync()
	if len(r.Changes) != 1 || !strings.Contains(string(r.Changes[0].Record), `"status":"former"`) || len(r.Changes[0].Commits) != 0 {
		t.Fatalf("changes = %+v", r.Changes)
	}
	all := f.messages()
	if last := all[len(all)-1].Changeset; last.AsOf != "2026-12-01" || last.Commit != *last.PreviousCommit {
		t.Errorf("changeset = %+v", last)
	}
}

func TestAStaleFenceIsRefused(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.sync()
	j, err := journal.Open(t.Context(), f.js, journal.Config{Dataset: "leiden-networks"})
	if err != nil {
		t.Fatal(err)
	}
	e := event.Event{ID: "x", Type: event.FindingsChanged, Dataset: "leiden-networks", Time: f.now, Findings: &event.Findings{}}
	for _, events := range [][]event.Event{{e}, {e, e, e}} {
		if _, err := j.Append(t.Context(), j.PrepareAll(3, events)); !errors.Is(err, journal.ErrFenced) {
			t.Errorf("Append of %d behind the tail = %v", len(events), err)
		}
	}
	if _, err := stream.Open(t.Context(), f.js, "other"); !errors.Is(err, stream.ErrNoStream) {
		t.Errorf("Open(other) = %v", err)
	}
}
