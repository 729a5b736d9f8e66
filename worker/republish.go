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

// ErrNotPublished is returned for a republication of a record that is not
// published.
var ErrNotPublished = errors.New("is not published")

// ErrHeld is returned if nothing can be published before the commit is
// corrected.
var ErrHeld = errors.New("the commit is held back because of its errors; mend it first")

// addRepublished adds changes that publish records again to a plan, except for
// records that change anyway.
func (w *Worker) addRepublished(p *plan, ids []schema.RecordID) error {
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
		p.changes = append(p.changes, republishedChange(id, stored))
	}
	return nil
}

// addHidden republishes the records whose last event is hidden by an invalid
// message on the same subject: a reader of the last message of each subject
// needs them.
func (w *Worker) addHidden(p *plan) {
	ids := slices.SortedFunc(maps.Keys(w.hidden.Records), schema.RecordID.Compare)
	for _, id := range ids {
		stored := w.partialState().get(id)
		if stored.IsZero() || slices.ContainsFunc(p.changes, func(c *event.Change) bool { return c.RecordID() == id }) {
			continue
		}
		p.changes = append(p.changes, republishedChange(id, stored))
	}
}

// republishedChange returns a change that publishes a record again: an update
// without differences.
func republishedChange(id schema.RecordID, stored schema.Stored) *event.Change {
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
