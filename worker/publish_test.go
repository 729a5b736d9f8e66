package worker_test

import (
	"fmt"
	"strings"
	"testing"

	"netsync/worker"
)

// An event that the broker does not take comes behind one that is on its way
// already. Nothing of the batch counts, and nothing stands in the way of what
// is published next.
func TestAnEventThatIsTooLargeLeavesNothing(t *testing.T) {
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
		_, err := f.Sync(t.Context())
		if err == nil || !strings.Contains(err.Error(), "networks.large") || !strings.Contains(err.Error(), "max_payload") {
			t.Fatalf("Sync() = %v", err)
		}
		if after := len(f.messages()); after != before {
			t.Fatalf("%d messages, there were %d", after, before)
		}
	}

	note("-")
	f.repo.commit("No more quotes")
	if r := f.sync(); len(r.Changes) != 1 || r.Appended != 2 {
		t.Errorf("%d changes, %d events", len(r.Changes), r.Appended)
	}
	f.messages()
}

// However many events go at a time, they say the same.
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
