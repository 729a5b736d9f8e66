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
	input   diff.Input // that the changes were made of
	id      string     // of the changeset
	time    time.Time
	ending  []event.Event // findings, changeset
	next    *schema.Trial // the state after it, whose digest the changeset gets last
}

// len is the number of events to be published.
func (p *plan) len() int { return len(p.changes) + len(p.ending) }

// at returns one of the events to be published: first come the changes, then
// the findings and the changeset.
func (p *plan) at(i int) event.Event {
	if i >= len(p.changes) {
		return p.ending[i-len(p.changes)]
	}
	change := p.changes[i]
	return p.event(":"+change.RecordID().String(), event.Event{Type: change.Op.Type(), Change: change})
}

// event completes an event of the changeset; what identifies it among them is
// "" for the changeset's own.
func (p *plan) event(within string, e event.Event) event.Event {
	e.ID, e.Dataset, e.Time = p.id+within, p.dataset, p.time
	e.Trace = event.TraceOf(e.ID)
	return e
}

// plan compares what should be published with what is.
func (w *Worker) plan(ctx context.Context, tip git.CommitID, o Options) (plan, error) {
	p := plan{commit: tip, dataset: w.dataset()}
	found := slices.Concat(w.findings, w.renamed)
	if p.held = w.heldWhole() || len(w.renamed) > 0; !p.held {
		held, err := w.compareStates(&p, found, func(q *Quarantine) (diff.Input, error) { return w.input(ctx, tip, q) }, o.DryRun)
		if err != nil {
			return p, err
		}
		removals, err := w.guard(ctx, p, o)
		if err != nil {
			return p, err
		}
		found = slices.Concat(found, held, removals)
		if len(removals) > 0 {
			p.held, p.changes = true, nil
		}
	}
	if err := w.repeat(&p, o.Republish); err != nil {
		return p, err
	}
	if !p.held {
		w.repeatHidden(&p)
	}
	p.findings = w.since(found, tip)
	if p.dataset != "" { // otherwise nobody could be told
		w.compose(&p)
	}
	return p, nil
}

func (w *Worker) dataset() string {
	if w.snap.Manifest != nil {
		return w.identity
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

// compose makes of the changes what is published.
func (w *Worker) compose(p *plan) {
	p.time = w.Now().UTC().Truncate(time.Millisecond)
	p.id = w.changesetID(p)
	for _, change := range p.changes {
		change.Changeset = p.id
	}
	findings := p.announcement(w.fold.Findings)
	if findings == nil && w.hidden.Findings {
		findings = p.currentFindings()
	}
	if findings != nil {
		p.ending = append(p.ending, p.event(":findings", event.Event{Type: event.FindingsChanged, Findings: findings}))
	}
	if w.completes(p) {
		p.ending = append(p.ending, p.event("", event.Event{Type: event.ChangesetCompleted, Changeset: w.changeset(p, p.id)}))
	}
}

// changesetID returns the id of a changeset that was begun for the same commit
// and not completed, or else a new one. An id goes on only where no record
// changed a second time meanwhile: each of its events is there once.
func (w *Worker) changesetID(p *plan) string {
	fresh := fmt.Sprintf("%s@%d", p.commit, w.seen)
	pending := w.fold.Pending()
	if len(pending) == 0 || !strings.HasPrefix(pending[0].Changeset, string(p.commit)+"@") {
		return fresh
	}
	said := make(map[schema.RecordID]struct{}, len(pending))
	for _, change := range pending {
		said[change.ID] = struct{}{}
	}
	for _, change := range p.changes {
		if _, ok := said[change.RecordID()]; ok {
			return fresh
		}
	}
	return pending[0].Changeset
}

// completes reports whether the plan ends with a changeset.
func (w *Worker) completes(p *plan) bool {
	if p.held {
		return false
	}
	return len(p.changes) > 0 || len(w.fold.Pending()) > 0 || w.fold.Changeset == nil || w.hidden.Changeset ||
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
	p.next = w.fold.State.Try()
	count := func(id schema.RecordID, op event.Op, bulk bool, digest schema.Digest) {
		cs.Counts[op]++
		cs.Bulk = cs.Bulk && bulk
		p.next.Put(id, digest)
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
	cs.Records = p.next.Len()
	return cs
}
