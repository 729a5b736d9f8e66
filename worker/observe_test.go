package worker_test

import (
	"maps"
	"os"
	"testing"
	"time"

	"netsync/schema/event"
	"netsync/worker"
)

// counted counts the calls of an observer.
type counted struct {
	passes  map[worker.Outcome]int
	retries map[worker.RetryCause]int
	events  map[event.Type]int
}

func (c *counted) observer() worker.Observer {
	*c = counted{make(map[worker.Outcome]int), make(map[worker.RetryCause]int), make(map[event.Type]int)}
	return worker.Observer{
		Passed:  func(o worker.Outcome, _ time.Duration) { c.passes[o]++ },
		Retried: func(cause worker.RetryCause) { c.retries[cause]++ },
		Appended: func(events []event.Event, _ time.Duration) {
			for _, e := range events {
				c.events[e.Type]++
			}
		},
	}
}

func TestEveryPassIsCountedByWhatBecameOfIt(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	var c counted
	observed := func(onInvalid worker.OnInvalid) {
		f.syncer = f.with(func(config *worker.Config) { config.Observe, config.OnInvalid = c.observer(), onInvalid })
	}
	expect := func(when string, passes map[worker.Outcome]int, events map[event.Type]int, last worker.Outcome) {
		t.Helper()
		if !maps.Equal(c.passes, passes) || !maps.Equal(c.events, events) || f.Status().Outcome != last {
			t.Errorf("%s: passes %v, events %v, last %q", when, c.passes, c.events, f.Status().Outcome)
		}
	}
	observed(worker.Reject)
	if _, err := f.SyncWith(t.Context(), dryRun); err != nil {
		t.Fatal(err)
	}
	expect("a dry run", map[worker.Outcome]int{}, map[event.Type]int{}, worker.Unchanged)
	f.sync()
	first := map[event.Type]int{event.RecordCreated: 18, event.ChangesetCompleted: 1}
	expect("first", map[worker.Outcome]int{worker.Published: 1}, first, worker.Published)
	f.sync()
	expect("nothing new", map[worker.Outcome]int{worker.Published: 1, worker.Unchanged: 1}, first, worker.Unchanged)
	f.repo.replace("networks/leru.yaml", "tier: key", "teir: key")
	f.repo.commit("A typo")
	f.sync()
	f.sync()
	held := map[event.Type]int{event.RecordCreated: 18, event.ChangesetCompleted: 1, event.FindingsChanged: 1}
	expect("a mistake", map[worker.Outcome]int{worker.Published: 1, worker.Unchanged: 1, worker.Held: 2}, held, worker.Held)
	if err := os.Rename(f.repo.dir, f.repo.dir+".away"); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Sync(t.Context()); err == nil {
		t.Fatal("a repository that is away was read")
	}
	expect("no repository", map[worker.Outcome]int{worker.Published: 1, worker.Unchanged: 1, worker.Held: 2, worker.Failed: 1}, held, worker.Held)
	if len(c.retries) > 0 {
		t.Errorf("retries %v", c.retries)
	}
}
