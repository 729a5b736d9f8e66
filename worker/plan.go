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

// A plan holds the events that a pass would publish.
type plan struct {
	verdict
	dataset     string
	commit      git.CommitID
	changes     []*event.Change
	input       diff.Input // of the comparison
	id          string     // of the changeset
	time        time.Time
	finalEvents []event.Event // findings, changeset
	nextState   *schema.Trial // the state after the changeset; its digest is computed last
}

// eventCount returns the number of events.
func (p *plan) eventCount() int { return len(p.changes) + len(p.finalEvents) }

// eventAt returns an event: first the changes, then finalEvents.
func (p *plan) eventAt(i int) event.Event {
	if i >= len(p.changes) {
		return p.finalEvents[i-len(p.changes)]
	}
	change := p.changes[i]
	return p.newEvent(":"+change.RecordID().String(), event.Event{Type: change.Op.Type(), Change: change})
}

// newEvent sets the envelope of an event. suffix identifies it within the
// changeset; it is "" for the changeset event.
func (p *plan) newEvent(suffix string, e event.Event) event.Event {
	e.ID, e.Dataset, e.Time = p.id+suffix, p.dataset, p.time
	e.Trace = event.TraceOf(e.ID)
	return e
}

// makePlan compares the wanted with the published state.
func (w *Worker) makePlan(ctx context.Context, tip git.CommitID, o Options) (plan, error) {
	p := plan{commit: tip, dataset: w.datasetID()}
	found := slices.Concat(w.findings, w.identityFindings)
	if p.held = w.holdsCommit() || len(w.identityFindings) > 0; !p.held {
		held, err := w.compareStates(&p, found, func(q *Quarantine) (diff.Input, error) { return w.diffInput(ctx, tip, q) }, o.DryRun)
		if err != nil {
			return p, err
		}
		removals, err := w.checkRemovals(ctx, p, o)
		if err != nil {
			return p, err
		}
		found = slices.Concat(found, held, removals)
		if len(removals) > 0 {
			p.held, p.changes = true, nil
		}
	}
	if err := w.addRepublished(&p, o.Republish); err != nil {
		return p, err
	}
	if !p.held {
		w.addHidden(&p)
	}
	p.findings = w.withFirstSeen(found, tip)
	if p.dataset != "" { // otherwise there is no stream
		w.finishPlan(&p)
	}
	return p, nil
}

func (w *Worker) datasetID() string {
	if w.snap.Manifest != nil {
		return w.targetDataset
	}
	if w.reader != nil {
		return w.reader.Dataset()
	}
	return ""
}

// diffInput returns the input of the comparison.
func (w *Worker) diffInput(ctx context.Context, tip git.CommitID, q *Quarantine) (diff.Input, error) {
	first := w.fold.Changeset == nil && len(w.fold.Pending()) == 0
	commits, err := w.commitsByRecord(ctx, tip)
	if err != nil {
		return diff.Input{}, err
	}
	partial := w.partialState()
	return diff.Input{
		IDs:     w.listCandidates(q),
		Before:  partial.get,
		After:   q.Get,
		Removed: partial.isRemoved,
		Alias:   w.snap.AliasOf,
		Commits: commits,
		Bulk:    first || partial.isBulk(),
	}, nil
}

// listCandidates returns the records that may differ: touched records, and
// those that are or were held, which may be free now.
func (w *Worker) listCandidates(q *Quarantine) []schema.RecordID {
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

// finishPlan adds ids, findings and the changeset to the changes.
func (w *Worker) finishPlan(p *plan) {
	p.time = w.Now().UTC().Truncate(time.Millisecond)
	p.id = w.changesetID(p)
	for _, change := range p.changes {
		change.Changeset = p.id
	}
	findings := p.changedFindings(w.fold.Findings)
	if findings == nil && w.hidden.Findings {
		findings = p.currentFindings()
	}
	if findings != nil {
		p.finalEvents = append(p.finalEvents, p.newEvent(":findings", event.Event{Type: event.FindingsChanged, Findings: findings}))
	}
	if w.needsChangeset(p) {
		p.finalEvents = append(p.finalEvents, p.newEvent("", event.Event{Type: event.ChangesetCompleted, Changeset: w.newChangeset(p, p.id)}))
	}
}

// changesetID returns the id of an incomplete changeset for the same commit, or
// else a new one. It reuses an id only if no record changed again, so that each
// event id is unique.
func (w *Worker) changesetID(p *plan) string {
	fresh := fmt.Sprintf("%s@%d", p.commit, w.seen)
	pending := w.fold.Pending()
	if len(pending) == 0 || !strings.HasPrefix(pending[0].Changeset, string(p.commit)+"@") {
		return fresh
	}
	begun := make(map[schema.RecordID]struct{}, len(pending))
	for _, change := range pending {
		begun[change.ID] = struct{}{}
	}
	for _, change := range p.changes {
		if _, ok := begun[change.RecordID()]; ok {
			return fresh
		}
	}
	return pending[0].Changeset
}

// needsChangeset reports whether the plan ends with a changeset.
func (w *Worker) needsChangeset(p *plan) bool {
	if p.held {
		return false
	}
	return len(p.changes) > 0 || len(w.fold.Pending()) > 0 || w.fold.Changeset == nil || w.hidden.Changeset ||
		w.fold.Changeset.ManifestDigest != schema.DigestOf(w.snap.ManifestJSON())
}

func (w *Worker) newChangeset(p *plan, id string) *event.Changeset {
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
	p.nextState = w.fold.State.Try()
	count := func(id schema.RecordID, op event.Op, bulk bool, digest schema.Digest) {
		cs.Counts[op]++
		cs.Bulk = cs.Bulk && bulk
		p.nextState.Put(id, digest)
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
	cs.Records = p.nextState.Len()
	return cs
}
