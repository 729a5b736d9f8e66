package worker_test

import (
	"fmt"
	"strings"
	"testing"

	"netsync/worker"
)

// TestAnEventThatIsTooLargeHoldsItsRecordAlone changes a record so that its
// event exceeds the broker's limit, and another one in the same commit.
func TestAnEventThatIsTooLargeHoldsItsRecordAlone(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	note := func(sign string) {
		// Canonical JSON takes twice as much for a quotation mark.
		f.repo.write("networks/large.yaml", fmt.Sprintf("id: large\nname: Large\nacronym: L\ntier: member\nkind: association\npurposes: [advocacy]\nsummary: Large.\nx-note: '%s'\n",
			strings.Repeat(sign, 240<<10)))
	}
	note("-")
	f.repo.commit("Note")
	f.sync()
	before := len(f.messages())

	f.repo.write("activities/inucost.yaml", activity(1))
	note(`"`)
	f.repo.commit("Quote")
	for range 2 {
		r := f.sync()
		check(t, "errors", rules(r), []string{"event-too-large networks/large"})
		// The rest of the commit is live: the activity, the findings, the changeset.
		if after := len(f.messages()); after != before+3 {
			t.Fatalf("%d messages, there were %d", after, before)
		}
	}

	note("-")
	f.repo.commit("No more quotes")
	if r := f.sync(); len(r.Changes) != 0 || r.Appended != 1 {
		t.Errorf("%d changes, %d events: the record is as it was, and the finding goes", len(r.Changes), r.Appended)
	}
	f.messages()
}

// The events do not depend on the size of batches.
func TestBatchesOfAnySizeSayTheSame(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1, 4, 18, 19, 1000} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			w := f.with(func(c *worker.Config) { c.MaxBatch = size })
			w.mustSync(t)
			all := f.messages()
			if last := all[len(all)-1].Changeset; len(all) != 19 || last == nil || last.Events != 18 || last.Records != 18 {
				t.Errorf("%d messages, the last of them of %+v", len(all), last)
			}
		})
	}
}
