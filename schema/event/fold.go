package event

import (
	"fmt"

	"netsync/schema"
)

// A Fold computes a dataset's state from its events in stream order. The zero
// value is ready for the first event of a stream.
//
// Record events count only after their changeset event, so State is always that
// of a complete changeset.
type Fold struct {
	State     schema.State
	Changeset *Changeset // the last complete one; nil before the first
	Position  Position   // of that changeset
	Findings  *Findings  // the last published; nil if there are none yet
	// Epoch is the epoch of the folded stream, copied to Position.
	Epoch string

	pending []Pending
	removed map[schema.RecordID]bool
}

// Pending is a change of an incomplete changeset.
type Pending struct {
	ID        schema.RecordID
	Op        Op
	Bulk      bool
	Changeset string
	Record    schema.Stored // zero if the record is removed
}

// ErrDiverged is returned by Apply if the state differs from that of the
// changeset event: events are missing, repeated or changed.
type ErrDiverged struct {
	Changeset string
	Want, Got schema.Digest
}

func (e *ErrDiverged) Error() string {
	return fmt.Sprintf("changeset %s announces state %s, the events before it give %s", e.Changeset, e.Want.Short(), e.Got.Short())
}

// Apply applies the next event. complete reports whether it completed a
// changeset. A changeset with another state is rejected: the error is an
// *ErrDiverged, the state remains, and the changes stay pending for a later
// changeset.
func (f *Fold) Apply(e Event, seq Seq) (complete bool, err error) {
	switch {
	case e.Change != nil:
		p, err := pendingOf(e.Change)
		f.pending = append(f.pending, p)
		return false, err
	case e.Findings != nil:
		f.Findings = e.Findings
	case e.Changeset != nil:
		return true, f.addChangeset(e, seq)
	}
	return false, nil
}

// Removed reports whether the record was in the state before and was removed.
func (f *Fold) Removed(id schema.RecordID) bool { return f.removed[id] }

// Pending returns the changes of the incomplete changeset.
func (f *Fold) Pending() []Pending { return f.pending }

// pendingOf returns what a changeset needs of a change. If the record does not
// match its digest, it returns an error as well.
func pendingOf(c *Change) (Pending, error) {
	p := Pending{ID: c.RecordID(), Op: c.Op, Bulk: c.Bulk, Changeset: c.Changeset}
	if c.Digest != nil && c.Stored.Digest() == *c.Digest {
		p.Record = c.Stored
		return p, nil
	}
	record, ok := c.After()
	if !ok {
		return p, nil
	}
	p.Record = schema.Store(record)
	if got := schema.DigestOf(record.JSON); got != record.Digest {
		return p, fmt.Errorf("changeset %s: record %s has digest %s, not %s as it says",
			c.Changeset, record.ID, got.Short(), record.Digest.Short())
	}
	return p, nil
}

func (f *Fold) addChangeset(e Event, seq Seq) error {
	next := f.State.Try()
	for _, change := range f.pending {
		next.Put(change.ID, change.Record.Digest())
	}
	if got := next.Digest(); got != e.Changeset.StateDigest {
		return &ErrDiverged{e.Changeset.ID, e.Changeset.StateDigest, got}
	}
	for _, change := range f.pending {
		f.apply(change)
	}
	f.pending = nil
	f.Changeset = e.Changeset
	f.Position = PositionOf(e, seq)
	f.Position.Epoch = f.Epoch
	return nil
}

func (f *Fold) apply(p Pending) {
	if p.Record.IsZero() {
		if f.removed == nil {
			f.removed = make(map[schema.RecordID]bool)
		}
		f.removed[p.ID] = true
		f.State.Remove(p.ID)
		return
	}
	delete(f.removed, p.ID)
	f.State.PutStored(p.ID, p.Record)
}

// PositionOf returns the position of a changeset event.
func PositionOf(e Event, seq Seq) Position {
	return Position{
		Dataset:     e.Dataset,
		Changeset:   e.Changeset.ID,
		Commit:      e.Changeset.Commit,
		Sequence:    seq,
		StateDigest: e.Changeset.StateDigest,
	}
}
