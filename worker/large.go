package worker

import (
	"runtime"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"netsync/schema"
	"netsync/schema/event"
	"netsync/worker/diff"
)

// keepWhole is how many changes a pass holds in full. Of more than that it
// keeps what tells them apart, and makes each again when it is its turn to be
// published: an import must not need room for every record at once.
const keepWhole = 5_000

// step is how many records are compared in one go.
const step = 1_000

// changes compares states, on all cores; the result is in the order of
// diff.Between. Where whole is false, many changes come without their records.
func changes(in diff.Input, whole bool) ([]*event.Change, error) {
	ids := slices.Compact(slices.SortedFunc(slices.Values(in.IDs), schema.RecordID.Compare))
	found := make([][]*event.Change, (len(ids)+step-1)/step)
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	var all atomic.Int64
	for i, chunk := range slices.Collect(slices.Chunk(ids, step)) {
		group.Go(func() (err error) {
			in := in
			in.IDs = chunk
			found[i], err = diff.Between(in)
			if all.Add(int64(len(found[i]))) > keepWhole && !whole {
				lighten(found[i])
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var there, gone []*event.Change
	for _, change := range slices.Concat(found...) {
		if change.Op == event.Removed {
			gone = append(gone, change)
		} else {
			there = append(there, change)
		}
	}
	if !whole && all.Load() > keepWhole {
		lighten(there)
		lighten(gone)
	}
	return append(there, gone...), nil
}

func lighten(changes []*event.Change) {
	for _, change := range changes {
		change.Record, change.Previous, change.Patch = nil, nil, nil
	}
}

// fill makes the changes of events whole that are about to be published.
func (p *plan) fill(events []event.Event, stored func(schema.RecordID) schema.Stored) error {
	for _, e := range events {
		if e.Change == nil {
			continue
		}
		id := e.Change.RecordID()
		if e.Change.Record == nil {
			in := p.input
			in.IDs = []schema.RecordID{id}
			found, err := diff.Between(in)
			if err != nil {
				return err
			}
			found[0].Changeset = e.Change.Changeset
			*e.Change = *found[0]
		}
		e.Change.Stored = stored(id)
	}
	return nil
}

// spare drops what was published of changes whose records are at rest anyway.
func (p *plan) spare(events []event.Event) {
	if len(p.changes) <= keepWhole {
		return
	}
	for _, e := range events {
		if e.Change != nil && e.Change.Digest != nil && e.Change.Stored.Digest() == *e.Change.Digest {
			lighten([]*event.Change{e.Change})
		}
	}
}
