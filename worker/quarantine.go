package worker

import (
	"fmt"
	"slices"

	"netsync/schema"
	"netsync/worker/snapshot"
	"netsync/worker/validate"
)

// A Quarantine says which records of a commit cannot go live, and what stands
// in for them: their last good version, or nothing where there is none.
//
// A record is held where it has an error, where it would refer to a record
// that is held and was never published, and where it was deleted while a
// record that is held still refers to it. So what is published together never
// refers to what is not there.
type Quarantine struct {
	snap *snapshot.Snapshot
	good Lookup
	held map[schema.RecordID]struct{}
	// Findings are those that come of holding records back.
	Findings []schema.Finding
}

// A Lookup finds a record by its id; what it returns is zero where there is none.
type Lookup func(schema.RecordID) schema.Stored

// NewQuarantine decides which records to hold, given the findings of a
// snapshot and what was published last.
func NewQuarantine(snap *snapshot.Snapshot, findings []schema.Finding, published Lookup) (*Quarantine, error) {
	q := &Quarantine{snap: snap, good: published, held: make(map[schema.RecordID]struct{})}
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
		more, err := q.hold(id)
		if err != nil {
			return nil, err
		}
		queue = append(queue, more...)
	}
	schema.SortFindings(q.Findings)
	return q, nil
}

// hold holds a record and returns those that must be held because of it. A
// record that was held is never let go again, so this comes to an end.
func (q *Quarantine) hold(id schema.RecordID) ([]schema.RecordID, error) {
	q.held[id] = struct{}{}
	last := q.good(id)
	if last.IsZero() {
		return q.waiting(id), nil
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
		// The last good version of id needs a record that was deleted.
		more = append(more, ref)
		if f := q.snap.FileOf(id); f != nil {
			q.Findings = append(q.Findings, validate.RemovalWaits(f, ref))
		}
	}
	return more, nil
}

// waiting returns the records that refer to one that has no good version, and
// notes why they wait.
func (q *Quarantine) waiting(id schema.RecordID) []schema.RecordID {
	var more []schema.RecordID
	for _, path := range q.snap.Referrers(snapshot.Target{Record: id}) {
		f := q.snap.File(path)
		if f.ID == (schema.RecordID{}) {
			continue // the manifest names an institution that is not there yet
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

// Held returns the records that are held, sorted.
func (q *Quarantine) Held() []schema.RecordID {
	held := make([]schema.RecordID, 0, len(q.held))
	for id := range q.held {
		held = append(held, id)
	}
	slices.SortFunc(held, schema.RecordID.Compare)
	return held
}

// Get returns the version of a record that should be published: the last good
// one of a record that is held, with what follows from dates brought to the
// snapshot's day. It is zero where there is none.
func (q *Quarantine) Get(id schema.RecordID) schema.Stored {
	if !q.Holds(id) {
		return q.snap.Stored(id)
	}
	last := q.good(id)
	if last.IsZero() {
		return last
	}
	if renewed, err := q.snap.Renew(last.Record(id)); err == nil {
		return schema.Store(renewed)
	}
	return last // it was published as it is
}
