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

// findOversized returns a finding for each change whose event exceeds the
// broker's limit. Their records keep their last good version.
func (w *Worker) findOversized(in diff.Input, changes []*event.Change) ([]schema.Finding, error) {
	limit := journal.MaxEvent(w.JetStream)
	var findings []schema.Finding
	for _, change := range changes {
		isOutline := change.Record == nil
		if isOutline && change.Op == event.Created {
			continue // holds the record once, which is below any limit
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

// eventSize returns the size of a change's event in bytes, or a lower estimate
// if it is far below the limit.
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

// maxEnvelope is an upper bound of an event's size without its record, the
// previous record and the patch.
const maxEnvelope = 4 << 10

// compareStates compares the wanted with the published state. A record whose
// event would exceed the broker's limit is held, with the records that depend
// on it.
func (w *Worker) compareStates(p *plan, found []schema.Finding, input func(*Quarantine) (diff.Input, error), complete bool) ([]schema.Finding, error) {
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
		if p.changes, err = compareRecords(p.input, complete); err != nil {
			return nil, err
		}
		more, err := w.findOversized(p.input, p.changes)
		if err != nil || len(more) == 0 {
			return slices.Concat(tooLarge, q.Findings), err
		}
		tooLarge = append(tooLarge, more...)
	}
}
