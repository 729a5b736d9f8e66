package worker

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"netsync/schema"
	"netsync/schema/event"
)

// ErrNotPublished says that a record cannot be said again: nobody was ever told
// of it, or it was removed.
var ErrNotPublished = errors.New("is not published")

// ErrHeld says that nothing can be published until the commit is mended.
var ErrHeld = errors.New("the commit is held back because of its errors; mend it first")

// repeat adds the records that are to be said again to a plan. Those that
// changed are said anyway.
func (w *Worker) repeat(p *plan, ids []schema.RecordID) error {
	if len(ids) > 0 && p.held {
		return ErrHeld
	}
	for _, id := range ids {
		if slices.ContainsFunc(p.changes, func(c *event.Change) bool { return c.RecordID() == id }) {
			continue
		}
		stored := w.fold.State.Stored(id)
		if stored.IsZero() {
			return fmt.Errorf("%s %w", id, ErrNotPublished)
		}
		p.changes = append(p.changes, said(id, stored))
	}
	return nil
}

// repeatHidden adds the records whose last event is hidden by a message that is
// not an event: a reader of the last message of each subject needs them again.
func (w *Worker) repeatHidden(p *plan) {
	ids := slices.SortedFunc(maps.Keys(w.hidden.Records), schema.RecordID.Compare)
	for _, id := range ids {
		stored := w.halfWritten().get(id)
		if stored.IsZero() || slices.ContainsFunc(p.changes, func(c *event.Change) bool { return c.RecordID() == id }) {
			continue
		}
		p.changes = append(p.changes, said(id, stored))
	}
}

// said is the change that says a record again: an update that changes nothing.
func said(id schema.RecordID, stored schema.Stored) *event.Change {
	r := stored.Record(id)
	return &event.Change{
		Collection: r.ID.Collection, ID: r.ID.ID, Op: event.Updated,
		Digest: &r.Digest, PreviousDigest: &r.Digest,
		Record: r.JSON, Previous: r.JSON, Patch: json.RawMessage("[]"),
		Significance: event.Trivial, Republished: true,
		Replaces: []string{}, Commits: []event.Commit{},
		Stored: stored,
	}
}
