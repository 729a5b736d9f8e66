package worker

import (
	"fmt"
	"slices"

	"netsync/schema"
	"netsync/schema/event"
	"netsync/worker/diff"
	"netsync/worker/journal"
	"netsync/worker/validate"
)

// oversized returns a finding for each change whose event the broker would
// refuse: their records keep their last good version, and the rest goes live.
func (w *Worker) oversized(in diff.Input, changes []*event.Change) ([]schema.Finding, error) {
	limit := journal.MaxEvent(w.JetStream)
	var findings []schema.Finding
	for _, change := range changes {
		isOutline := change.Record == nil
		if isOutline && change.Op == event.Created {
			continue // its event holds the record once, and a record is smaller than any limit
		}
		if isOutline {
			if err := in.Complete(change); err != nil {
				return nil, err
			}
		}
		size, err := eventSize(change, limit)
		if err != nil {
			return nil, err
		}
		if f := w.snap.FileOf(change.RecordID()); size > limit && f != nil {
			findings = append(findings, validate.EventTooLarge(f, size, limit))
		}
		if isOutline {
			change.Record, change.Previous, change.Patch = nil, nil, nil
		}
	}
	return findings, nil
}

// eventSize returns the bytes of a change's event: an estimate below the limit
// for one that is far from it.
func eventSize(change *event.Change, limit int64) (int64, error) {
	size := int64(len(change.Record) + len(change.Previous) + len(change.Patch))
	if 2*size < limit-maxEnvelope {
		return size, nil
	}
	data, err := event.Encode(event.Event{Type: change.Op.Type(), Change: change})
	if err != nil {
		return 0, fmt.Errorf("measure the event of %s: %w", change.RecordID(), err)
	}
	return int64(len(data)) + maxEnvelope, nil
}

// maxEnvelope bounds what the event of a change takes beside its record, the one
// before, the patch and the commits: ids, times and the changeset's id.
const maxEnvelope = 4 << 10

// compareStates compares what should be published with what is. A record whose
// event would be too large for the broker is held, with what refers to it.
func (w *Worker) compareStates(p *plan, found []schema.Finding, input func(*Quarantine) (diff.Input, error), whole bool) ([]schema.Finding, error) {
	var tooLarge []schema.Finding
	for {
		q, err := NewQuarantine(w.snap, slices.Concat(found, tooLarge), w.fold.State.Stored)
		if err != nil {
			return nil, err
		}
		p.quarantine = q
		if p.input, err = input(q); err != nil {
			return nil, err
		}
		if p.changes, err = changes(p.input, whole); err != nil {
			return nil, err
		}
		more, err := w.oversized(p.input, p.changes)
		if err != nil || len(more) == 0 {
			return slices.Concat(tooLarge, q.Findings), err
		}
		tooLarge = append(tooLarge, more...)
	}
}
