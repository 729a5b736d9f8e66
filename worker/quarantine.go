package worker

import (
	"fmt"
	"slices"

	"netsync/schema"
	"netsync/worker/snapshot"
	"netsync/worker/validate"
)

// A Quarantine decides which records of a commit are held, and what is
// published instead: their last good version, if any.
//
// A record is held if it has an error, if it refers to a held record that was
// never published, or if it was deleted while a held record still refers to it.
// So published records never refer to a missing one.
type Quarantine struct {
	snap     *snapshot.Snapshot
	lastGood Lookup
	held     map[schema.RecordID]struct{}
	// Findings are the consequences of holding records.
	Findings []schema.Finding
}

// A Lookup returns a record by its id, or zero if there is none.
type Lookup func(schema.RecordID) schema.Stored

// NewQuarantine decides which records to hold, given the findings of a snapshot
// and the published records.
func NewQuarantine(snap *snapshot.Snapshot, findings []schema.Finding, published Lookup) (*Quarantine, error) {
	q := &Quarantine{snap: snap, lastGood: published, held: make(map[schema.RecordID]struct{})}
	var queue []schema.RecordID
	for _, f := range findings {
		if id, err := schema.ParseRecordID(f.Record); err == nil && f.Severity == schema.Error {
			queue = append(queue, id)
		}
	}
	for _, id := range snap.Misnamed() {
		if !published(id).IsZero() {
			queue = append(queue, id)
		}
	}
	for len(queue) > 0 {
		id := queue[0]
		queue = queue[1:]
		if q.Holds(id) {
			continue
		}
		more, err := q.holdRecord(id)
		if err != nil {
			return nil, err
		}
		queue = append(queue, more...)
	}
	schema.SortFindings(q.Findings)
	return q, nil
}

// holdRecord holds a record and returns those that must be held because of it.
// Held records are never released, so the process terminates.
func (q *Quarantine) holdRecord(id schema.RecordID) ([]schema.RecordID, error) {
	q.held[id] = struct{}{}
	last := q.lastGood(id)
	if last.IsZero() {
		return q.waitingReferrers(id), nil
	}
	refs, err := schema.References(last.Record(id))
	if err != nil {
		return nil, fmt.Errorf("hold %s at its last good version: %w", id, err)
	}
	var more []schema.RecordID
	for _, ref := range refs {
		if q.snap.FileOf(ref) != nil || q.Holds(ref) {
			continue
		}
		// The last good version of id refers to a deleted record.
		more = append(more, ref)
		if f := q.snap.FileOf(id); f != nil {
			q.Findings = append(q.Findings, validate.RemovalWaits(f, ref))
		}
	}
	return more, nil
}

// waitingReferrers returns the records that refer to one without a good
// version, and adds a finding for each.
func (q *Quarantine) waitingReferrers(id schema.RecordID) []schema.RecordID {
	var more []schema.RecordID
	for _, path := range q.snap.Referrers(snapshot.Target{Record: id}) {
		f := q.snap.File(path)
		if f.ID == (schema.RecordID{}) {
			continue // the manifest refers to an institution that is not published
		}
		q.Findings = append(q.Findings, validate.ReferenceWaits(f, id))
		more = append(more, f.ID)
	}
	return more
}

// Holds reports whether a record is held.
func (q *Quarantine) Holds(id schema.RecordID) bool {
	_, held := q.held[id]
	return held
}

// Held returns the held records, sorted.
func (q *Quarantine) Held() []schema.RecordID {
	held := make([]schema.RecordID, 0, len(q.held))
	for id := range q.held {
		held = append(held, id)
	}
	slices.SortFunc(held, schema.RecordID.Compare)
	return held
}

// Get returns the version of a record to publish, or zero. For a held record it
// is the last good one, with derived fields updated to the snapshot's day.
func (q *Quarantine) Get(id schema.RecordID) schema.Stored {
	if !q.Holds(id) {
		return q.snap.Stored(id)
	}
	last := q.lastGood(id)
	if last.IsZero() {
		return last
	}
	if renewed, err := q.snap.Renew(last.Record(id)); err == nil {
		return schema.Store(renewed)
	}
	return last // publish it unchanged
}
