package worker

import (
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"netsync/schema"
	"netsync/schema/event"
	"netsync/worker/diff"
)

// keepWhole is how many changes a pass holds in full. Of more than that it
// keeps outlines, and completes each when it is its turn to be published: an
// import must not need room for every record at once.
const keepWhole = 5_000

// step is how many records are compared in one go.
const step = 1_000

// changes compares states, on all cores; the result is in the order of
// diff.Between. Where whole is false, many changes come as outlines.
func changes(in diff.Input, whole bool) ([]*event.Change, error) {
	ids := diff.Sorted(in.IDs)
	found := make([][]*event.Change, (len(ids)+step-1)/step)
	err := inSteps(ids, func(i int, ids []schema.RecordID) error {
		in := in
		in.IDs = ids
		found[i] = diff.Outline(in)
		return nil
	})
	if err != nil {
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
	all := append(there, gone...)
	if !whole && len(all) > keepWhole {
		return all, nil
	}
	return all, inSteps(all, func(_ int, some []*event.Change) error { return complete(in, some) })
}

// inSteps hands out step items at a time, on all cores.
func inSteps[T any](items []T, do func(i int, some []T) error) error {
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i := 0; i*step < len(items); i++ {
		group.Go(func() error { return do(i, items[i*step:min((i+1)*step, len(items))]) })
	}
	return group.Wait()
}

func complete(in diff.Input, changes []*event.Change) error {
	for _, change := range changes {
		if err := in.Complete(change); err != nil {
			return err
		}
	}
	return nil
}

// fill completes the changes of events that are about to be published.
func (p *plan) fill(events []event.Event) error {
	for _, e := range events {
		if e.Change == nil || e.Change.Record != nil {
			continue
		}
		if err := p.input.Complete(e.Change); err != nil {
			return err
		}
	}
	return nil
}

// spare drops what was published of changes whose records are at rest anyway.
func (p *plan) spare(events []event.Event) {
	if len(p.changes) <= keepWhole {
		return
	}
	for _, e := range events {
		if c := e.Change; c != nil && !c.Stored.IsZero() {
			c.Record, c.Previous, c.Patch = nil, nil, nil
		}
	}
}
