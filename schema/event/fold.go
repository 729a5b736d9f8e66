package event

import (
	"fmt"

	"netsync/schema"
)

// A Fold turns a dataset's events, in stream order, into its state. The zero
// value is ready for the first event of a stream.
//
// Record events count only once their changeset event has arrived, so State
// is always that of a complete changeset.
type Fold struct {
	State     schema.State
	Changeset *Changeset // the last complete one; nil before the first
	Position  Position   // of that changeset
	Findings  *Findings  // the last announced; nil where there were none yet

	pending []*Change
	removed map[schema.RecordID]bool
}

// ErrDiverged is what Apply returns when the folded state is not the one that
// a changeset announced: events are missing, doubled or changed.
type ErrDiverged struct {
	Changeset string
	Want, Got schema.Digest
}

func (e *ErrDiverged) Error() string {
	return fmt.Sprintf("changeset %s announces state %s, the events before it give %s", e.Changeset, e.Want.Short(), e.Got.Short())
}

// Apply takes the next event. It returns true when the event completed a
// changeset.
func (f *Fold) Apply(e Event, seq Seq) (complete bool, err error) {
	switch {
	case e.Change != nil:
		f.pending = append(f.pending, e.Change)
	case e.Findings != nil:
		f.Findings = e.Findings
	case e.Changeset != nil:
		return true, f.complete(e, seq)
	}
	return false, nil
}

// Removed reports whether the record once was in the state and was removed.
func (f *Fold) Removed(id schema.RecordID) bool { return f.removed[id] }

// Pending returns the changes that no changeset event has completed yet.
func (f *Fold) Pending() []*Change { return f.pending }

func (f *Fold) complete(e Event, seq Seq) error {
	for _, change := range f.pending {
		if err := f.apply(change); err != nil {
			return err
		}
	}
	f.pending = nil
	f.Changeset = e.Changeset
	f.Position = PositionOf(e, seq)
	if got := f.State.Digest(); got != e.Changeset.StateDigest {
		return &ErrDiverged{e.Changeset.ID, e.Changeset.StateDigest, got}
	}
	return nil
}

func (f *Fold) apply(change *Change) error {
	record, ok := change.After()
	if !ok {
		if f.removed == nil {
			f.removed = make(map[schema.RecordID]bool)
		}
		f.removed[change.RecordID()] = true
		f.State.Remove(change.RecordID())
		return nil
	}
	if got := schema.DigestOf(record.JSON); got != record.Digest {
		return fmt.Errorf("changeset %s: record %s has digest %s, not %s as it says",
			change.Changeset, record.ID, got.Short(), record.Digest.Short())
	}
	delete(f.removed, record.ID)
	f.State.Put(record)
	return nil
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
