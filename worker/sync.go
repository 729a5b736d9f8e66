package worker

import (
	"context"
	"errors"
	"sync"

	"go.uber.org/zap"

	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/failpoint"
	"netsync/worker/git"
	"netsync/worker/journal"
)

// A Result is what one pass found and did.
type Result struct {
	Commit   git.CommitID
	Position event.Position // of the last changeset in the stream; zero before the first
	// Changes are those that the pass published, or would have.
	Changes []*event.Change
	// Appended is how many events the pass put into the stream.
	Appended int
	// Live is how many records the last changeset changed, where that is one
	// of Commit: what this pass or an earlier one made of the commit.
	Live     int
	Findings []event.Finding
	// Held says that the commit was held back as a whole; what was published
	// before stays.
	Held bool
	// Quarantined are the records that keep their last good version, or wait
	// for a first one.
	Quarantined []string
}

// Options of one pass.
type Options struct {
	DryRun        bool // publish nothing
	AllowRemovals bool // let any number of records go
	NewDataset    bool // let the manifest have another id: begin a new stream
	// Republish are records that are said again although nothing changed,
	// marked as such.
	Republish []schema.RecordID
	// Restock compares the images that the broker has with all that are shown,
	// as the first pass does.
	Restock bool
}

// maxTries bounds how often one pass reads the tail back and begins again.
const maxTries = 5

// Sync makes one pass: it publishes what the tip of the branch says and the
// stream does not. It returns when the changeset is stored. Where nothing
// differs it publishes nothing.
func (w *Worker) Sync(ctx context.Context) (Result, error) { return w.SyncWith(ctx, Options{}) }

// SyncWith is Sync with options.
func (w *Worker) SyncWith(ctx context.Context, o Options) (Result, error) {
	w.pass.Lock()
	defer w.pass.Unlock()
	began := w.Now()
	for try := 1; ; try++ {
		r, err := w.once(ctx, o)
		if err == nil {
			w.succeeded(r)
			if !o.DryRun {
				w.Observe.passed(r.outcome(), w.Now().Sub(began))
			}
			if w.Report != nil && !o.DryRun {
				w.Report(r)
			}
			return r, nil
		}
		again := errors.Is(err, journal.ErrFenced) || errors.Is(err, journal.ErrOutcomeUnknown)
		if !again || try == maxTries || ctx.Err() != nil {
			if err = w.contradiction(ctx, err); isFailure(err) {
				w.failed(err)
				w.Observe.passed(Failed, w.Now().Sub(began))
			}
			return r, err
		}
		// The next try begins by reading the tail: what it finds there,
		// ours or another worker's, is not published again.
		w.Observe.retried(err)
		w.Log.Info("reading the tail back", zap.Int("try", try), zap.Error(err))
	}
}

// isFailure tells what operators must hear of from a wrong request, and from
// a race that another worker won every time: it publishes, so all is well.
func isFailure(err error) bool {
	for _, fine := range []error{ErrNotPublished, ErrHeld, journal.ErrFenced} {
		if errors.Is(err, fine) {
			return false
		}
	}
	return true
}

// once is the pass itself, in the order in which the data flows. The stream is
// read back while the repository is read: one of them may be far away.
func (w *Worker) once(ctx context.Context, o Options) (Result, error) {
	readBack := meanwhile(func() error { return withCause(CauseStream, w.readBack(ctx)) })
	tip, err := w.look(ctx)
	if err != nil {
		return Result{}, errors.Join(readBack(), withCause(CauseRepository, err))
	}
	if o.Restock {
		w.stock = nil
	}
	if w.settled.commit == tip {
		if err := readBack(); err != nil {
			return Result{}, err
		}
		if w.isSettled(tip) && !o.AllowRemovals && !o.NewDataset && !o.Restock && len(o.Republish) == 0 {
			return w.result(w.verdict, tip, nil), nil
		}
	}
	delta, err := w.readDataset(ctx, tip)
	err = errors.Join(readBack(), withCause(CauseRepository, err))
	w.touch(delta) // it is not read a second time
	if err != nil {
		return Result{}, err
	}
	if err := failpoint.Hit("worker: read"); err != nil {
		return Result{}, err
	}
	if err := w.checkIdentity(ctx, o); err != nil {
		return Result{}, withCause(CauseStream, err)
	}
	if err := w.openStream(ctx); err != nil {
		return Result{}, withCause(CauseStream, err)
	}
	p, err := w.plan(ctx, tip, o)
	if err != nil {
		return Result{}, err
	}
	if o.DryRun {
		return w.result(p.verdict, tip, p.changes), nil
	}
	if err := w.storeImages(ctx, &p); err != nil {
		return Result{}, err
	}
	if err := w.publish(ctx, p); err != nil {
		return Result{}, err
	}
	w.settle(p)
	r := w.result(p.verdict, tip, p.changes)
	r.Appended = p.len()
	return r, nil
}

// meanwhile does something beside, and returns what waits for it.
func meanwhile(do func() error) (wait func() error) {
	done := make(chan error, 1)
	go func() { done <- do() }()
	return sync.OnceValue(func() error { return <-done })
}

// look asks the repository where it is.
func (w *Worker) look(ctx context.Context) (git.CommitID, error) {
	if w.mirror == nil {
		mirror, err := git.Open(ctx, w.Git)
		if err != nil {
			return "", err
		}
		w.mirror = mirror
	}
	tip, err := w.mirror.Tip(ctx)
	if err == nil {
		err = failpoint.Hit("worker: look")
	}
	return tip, err
}

// isSettled reports whether the last pass left nothing to do for this commit,
// this day and this tail.
func (w *Worker) isSettled(tip git.CommitID) bool {
	if w.reader == nil && w.seen > 0 { // the stream was deleted
		return false
	}
	return w.settled.commit == tip && w.settled.seen == w.seen && w.settled.day == w.today()
}

func (w *Worker) settle(p plan) {
	if !p.held {
		w.touched = make(map[schema.RecordID]struct{})
		w.quarantined = p.quarantined()
	}
	w.verdict = p.verdict
	w.settled = settled{commit: p.commit, day: w.today(), seen: w.seen}
}

func (w *Worker) result(v verdict, tip git.CommitID, changes []*event.Change) Result {
	if v.findings == nil {
		v.findings = []event.Finding{}
	}
	return Result{
		Commit:      tip,
		Position:    w.fold.Position,
		Changes:     changes,
		Live:        w.live(tip),
		Findings:    v.findings,
		Held:        v.held,
		Quarantined: names(v.quarantined()),
	}
}

func (w *Worker) live(tip git.CommitID) int {
	if w.fold.Changeset == nil || w.fold.Changeset.Commit != string(tip) {
		return 0
	}
	return w.fold.Changeset.Events
}
