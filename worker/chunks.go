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

// maxComplete is the number of changes that a pass holds complete. If there are
// more, it keeps outlines, and completes each when it is published, so that an
// import does not need memory for every record at once.
const maxComplete = 5_000

// chunkSize is the number of records that one goroutine compares at a time.
const chunkSize = 1_000

// compareRecords compares states on all cores. The result has the order of
// diff.Between. If complete is false, many changes are returned as outlines.
func compareRecords(in diff.Input, complete bool) ([]*event.Change, error) {
	ids := diff.Sorted(in.IDs)
	found := make([][]*event.Change, (len(ids)+chunkSize-1)/chunkSize)
	err := shared.ForEach(runtime.GOMAXPROCS(0), slices.Collect(slices.Chunk(ids, chunkSize)), func(i int, ids []schema.RecordID) error {
		in := in
		in.IDs = ids
		found[i] = diff.Outline(in)
		return nil
	})
	if err != nil {
		return nil, err
	}
	var present, removed []*event.Change
	for _, change := range slices.Concat(found...) {
		if change.Op == event.Removed {
			removed = append(removed, change)
		} else {
			present = append(present, change)
		}
	}
	all := append(present, removed...)
	if !complete && len(all) > maxComplete {
		return all, nil
	}
	return all, shared.ForEach(runtime.GOMAXPROCS(0), slices.Collect(slices.Chunk(all, chunkSize)), func(_ int, some []*event.Change) error { return completeChanges(in, some) })
}

func completeChanges(in diff.Input, changes []*event.Change) error {
	for _, change := range changes {
		if err := in.Complete(change); err != nil {
			return err
		}
	}
	return nil
}

// earlyDigest is the number of changes up to which the state's digest is
// computed after the first events of the batch were sent. The broker drops a
// batch that pauses for ten seconds.
const earlyDigest = 100

// fillEvents fills events with those of the plan from an index on, and yields
// each when it is complete. It drops large data before it completes the next.
func (p *plan) fillEvents(from int, events []event.Event) iter.Seq2[event.Event, error] {
	return func(yield func(event.Event, error) bool) {
		if from+len(events) == p.eventCount() && len(p.changes) > earlyDigest {
			p.setStateDigest()
		}
		for i := range events {
			events[i] = p.eventAt(from + i)
			err := p.completeEvent(events[i])
			if !yield(events[i], err) {
				return
			}
			p.dropRecord(events[i])
		}
	}
}

// completeEvent completes an event that is about to be published.
func (p *plan) completeEvent(e event.Event) error {
	switch {
	case e.Change != nil && e.Change.Record == nil:
		return p.input.Complete(e.Change)
	case e.Changeset != nil:
		p.setStateDigest()
	}
	return nil
}

// setStateDigest sets the digest of the changeset, if the plan ends with one.
func (p *plan) setStateDigest() {
	for _, e := range p.finalEvents {
		if e.Changeset != nil && e.Changeset.StateDigest == "" {
			e.Changeset.StateDigest = p.nextState.Digest()
		}
	}
}

// dropRecord drops the data of a published change, if the record is stored
// elsewhere.
func (p *plan) dropRecord(e event.Event) {
	if c := e.Change; len(p.changes) > maxComplete && c != nil && !c.Stored.IsZero() {
		c.Record, c.Previous, c.Patch = nil, nil, nil
	}
}
