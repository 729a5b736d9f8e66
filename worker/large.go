package worker

import (
	"iter"
	"runtime"
	"slices"

	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/shared"
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
	err := shared.ForEach(runtime.GOMAXPROCS(0), slices.Collect(slices.Chunk(ids, step)), func(i int, ids []schema.RecordID) error {
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
	return all, shared.ForEach(runtime.GOMAXPROCS(0), slices.Collect(slices.Chunk(all, step)), func(_ int, some []*event.Change) error { return complete(in, some) })
}

func complete(in diff.Input, changes []*event.Change) error {
	for _, change := range changes {
		if err := in.Complete(change); err != nil {
			return err
		}
	}
	return nil
}

// quickSeal is up to how many changes the state's digest is computed while the
// broker has a part of the batch already. It gives a batch up that does not go
// on for ten seconds.
const quickSeal = 100

// fill puts the events to be published from one on into events, and yields each
// when it is complete. What is large is kept only until the next one is asked for.
func (p *plan) fill(from int, events []event.Event) iter.Seq2[event.Event, error] {
	return func(yield func(event.Event, error) bool) {
		if from+len(events) == p.len() && len(p.changes) > quickSeal {
			p.seal()
		}
		for i := range events {
			events[i] = p.at(from + i)
			err := p.complete(events[i])
			if !yield(events[i], err) {
				return
			}
			p.spare(events[i])
		}
	}
}

// complete completes an event that is about to be published.
func (p *plan) complete(e event.Event) error {
	switch {
	case e.Change != nil && e.Change.Record == nil:
		return p.input.Complete(e.Change)
	case e.Changeset != nil:
		p.seal()
	}
	return nil
}

// seal tells the changeset, if the plan ends with one, the digest of the state
// after it.
func (p *plan) seal() {
	for _, e := range p.ending {
		if e.Changeset != nil && e.Changeset.StateDigest == "" {
			e.Changeset.StateDigest = p.next.Digest()
		}
	}
}

// spare drops what was published of a change whose record is at rest anyway.
func (p *plan) spare(e event.Event) {
	if c := e.Change; len(p.changes) > keepWhole && c != nil && !c.Stored.IsZero() {
		c.Record, c.Previous, c.Patch = nil, nil, nil
	}
}
