package worker

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"netsync/schema"
	"netsync/schema/event"
	"netsync/worker/diff"
	"netsync/worker/git"
)

// A plan is what a pass would publish.
type plan struct {
	verdict
	dataset string
	commit  git.CommitID
	changes []*event.Change
	input   diff.Input    // that the changes were made of
	events  []event.Event // changes, findings, changeset
}

// plan compares what should be published with what is.
func (w *Worker) plan(ctx context.Context, tip git.CommitID, o Options) (plan, error) {
	p := plan{commit: tip, dataset: w.dataset()}
	found := w.findings
	if p.held = w.heldWhole(); !p.held {
		q, err := NewQuarantine(w.snap, found, w.fold.State.Get)
		if err != nil {
			return p, err
		}
		p.quarantine = q
		if p.input, err = w.input(ctx, tip, q); err != nil {
			return p, err
		}
		if p.changes, err = changes(p.input, o.DryRun); err != nil {
			return p, err
		}
		removals, err := w.guard(ctx, p, o)
		if err != nil {
			return p, err
		}
		found = slices.Concat(found, q.Findings, removals)
		if len(removals) > 0 {
			p.held, p.changes = true, nil
		}
	}
	if err := w.repeat(&p, o.Republish); err != nil {
		return p, err
	}
	p.findings = w.since(found, tip)
	if p.dataset != "" { // otherwise nobody could be told
		w.compose(&p)
	}
	return p, nil
}

func (w *Worker) dataset() string {
	if w.snap.Manifest != nil {
		return w.snap.Manifest.ID
	}
	if w.reader != nil {
		return w.reader.Dataset()
	}
	return ""
}

// input is what is compared: what should be published with what is.
func (w *Worker) input(ctx context.Context, tip git.CommitID, q *Quarantine) (diff.Input, error) {
	first := w.fold.Changeset == nil && len(w.fold.Pending()) == 0
	commits, err := w.commits(ctx, tip)
	if err != nil {
		return diff.Input{}, err
	}
	half := w.halfWritten()
	return diff.Input{
		IDs:     w.candidates(q),
		Before:  half.get,
		After:   q.Get,
		Removed: half.removed,
		Alias:   w.snap.AliasOf,
		Commits: commits,
		Bulk:    first || half.bulk(),
	}, nil
}

// candidates returns the records that may differ: those that were touched, and
// those that are held or were, which may have become free.
func (w *Worker) candidates(q *Quarantine) []schema.RecordID {
	if w.touched != nil {
		return slices.Concat(slices.Collect(maps.Keys(w.touched)), q.Held(), w.quarantined)
	}
	ids := w.snap.IDs()
	for id := range w.fold.State.Digests() {
		ids = append(ids, id)
	}
	for _, change := range w.fold.Pending() {
		ids = append(ids, change.ID)
	}
	return ids
}

// compose makes events of the changes. It reuses the id of a changeset that
// was begun for the same commit and not completed.
func (w *Worker) compose(p *plan) {
	now := w.Now().UTC().Truncate(time.Millisecond)
	pending := w.fold.Pending()
	id := fmt.Sprintf("%s@%d", p.commit, w.seen)
	if len(pending) > 0 && strings.HasPrefix(pending[0].Changeset, string(p.commit)+"@") {
		id = pending[0].Changeset
	}
	for _, change := range p.changes {
		change.Changeset = id
		p.events = append(p.events, event.Event{
			ID: id + ":" + change.RecordID().String(), Type: change.Op.Type(), Dataset: p.dataset, Time: now, Change: change,
		})
	}
	if findings := p.announcement(w.fold.Findings); findings != nil {
		p.events = append(p.events, event.Event{
			ID: id + ":findings", Type: event.FindingsChanged, Dataset: p.dataset, Time: now, Findings: findings,
		})
	}
	if w.completes(p) {
		p.events = append(p.events, event.Event{
			ID: id, Type: event.ChangesetCompleted, Dataset: p.dataset, Time: now, Changeset: w.changeset(p, id),
		})
	}
}

// completes reports whether the plan ends with a changeset.
func (w *Worker) completes(p *plan) bool {
	if p.held {
		return false
	}
	return len(p.changes) > 0 || len(w.fold.Pending()) > 0 || w.fold.Changeset == nil ||
		w.fold.Changeset.ManifestDigest != schema.DigestOf(w.snap.ManifestJSON())
}

func (w *Worker) changeset(p *plan, id string) *event.Changeset {
	cs := &event.Changeset{
		ID:             id,
		Commit:         string(p.commit),
		AsOf:           w.snap.AsOf.String(),
		Counts:         make(map[event.Op]int),
		Events:         len(w.fold.Pending()) + len(p.changes),
		Findings:       event.CountFindings(p.findings),
		Manifest:       w.snap.ManifestJSON(),
		ManifestDigest: schema.DigestOf(w.snap.ManifestJSON()),
	}
	if w.fold.Changeset != nil {
		cs.PreviousCommit = &w.fold.Changeset.Commit
	}
	for _, op := range event.Ops() {
		cs.Counts[op] = 0
	}
	cs.Bulk = cs.Events > 0
	var next schema.Delta
	count := func(id schema.RecordID, op event.Op, bulk bool, digest schema.Digest) {
		cs.Counts[op]++
		cs.Bulk = cs.Bulk && bulk
		next.Put(id, digest)
	}
	for _, change := range w.fold.Pending() {
		count(change.ID, change.Op, change.Bulk, change.Record.Digest())
	}
	for _, change := range p.changes {
		var digest schema.Digest
		if change.Digest != nil {
			digest = *change.Digest
		}
		count(change.RecordID(), change.Op, change.Bulk, digest)
	}
	cs.StateDigest, cs.Records = w.fold.State.After(&next)
	return cs
}
