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

// A Result is the result of a pass.
type Result struct {
	Commit   git.CommitID
	Position event.Position // of the last changeset in the stream; zero before the first
	// Changes are those that the pass published, or would publish without
	// DryRun.
	Changes []*event.Change
	// Appended is the number of events that the pass appended.
	Appended int
	// Live is the number of changed records in the last changeset, if that is
	// of Commit: published by this pass or an earlier one.
	Live     int
	Findings []event.Finding
	// Held is set if the whole commit was held; the published state remains.
	Held bool
	// Quarantined are the records that keep their last good version, or wait
	// for a first one.
	Quarantined []string
}

// Options are the options of a pass.
type Options struct {
	DryRun        bool // publish nothing
	AllowRemovals bool // allow any number of removals
	NewDataset    bool // accept another id in the manifest: begin a new stream
	// Republish are records to publish again although they did not change,
	// marked as republished.
	Republish []schema.RecordID
	// Restock compares all images with those of the broker, as the first pass
	// does.
	Restock bool
}

// maxTries is the number of times that one pass may start.
const maxTries = 5

// Sync makes one pass: it publishes the differences between the branch and the
// stream, if any. It returns when the changeset is stored.
func (w *Worker) Sync(ctx context.Context) (Result, error) { return w.SyncWith(ctx, Options{}) }

// SyncWith is Sync with options.
func (w *Worker) SyncWith(ctx context.Context, o Options) (Result, error) {
	w.pass.Lock()
	defer w.pass.Unlock()
	began := w.Now()
	for try := 1; ; try++ {
		r, err := w.runPass(ctx, o)
		if err == nil {
			w.recordSuccess(r)
			if !o.DryRun {
				w.Observe.notifyPassed(r.passOutcome(), w.Now().Sub(began))
			}
			if w.Report != nil && !o.DryRun {
				w.Report(r)
			}
			return r, nil
		}
		canRetry := errors.Is(err, journal.ErrFenced) || errors.Is(err, journal.ErrOutcomeUnknown)
		if !canRetry || try == maxTries || ctx.Err() != nil {
			if err = w.detectDamage(ctx, err); isFailure(err) {
				w.recordFailure(err)
				w.Observe.notifyPassed(Failed, w.Now().Sub(began))
			}
			return r, err
		}
		// The next try reads the tail first: what it finds there, published
		// by this or another worker, is not published again.
		w.Observe.notifyRetried(err)
		w.Log.Info("reading back the tail", zap.Int("try", try), zap.Error(err))
	}
}

// isFailure reports whether operators need to know of an error. Invalid
// requests do not count, nor does losing every race with another worker, which
// then publishes.
func isFailure(err error) bool {
	for _, fine := range []error{ErrNotPublished, ErrHeld, journal.ErrFenced} {
		if errors.Is(err, fine) {
			return false
		}
	}
	return true
}

// runPass makes a pass, in the order of the data flow. It reads back the stream
// while it reads the repository, as either may be slow.
func (w *Worker) runPass(ctx context.Context, o Options) (Result, error) {
	readBack := runAsync(func() error { return withCause(CauseStream, w.readBack(ctx)) })
	tip, err := w.readTip(ctx)
	if err != nil {
		return Result{}, errors.Join(readBack(), withCause(CauseRepository, err))
	}
	if o.Restock {
		w.storedImages = nil
	}
	if w.lastPass.commit == tip {
		if err := readBack(); err != nil {
			return Result{}, err
		}
		if w.isUpToDate(tip) && !o.AllowRemovals && !o.NewDataset && !o.Restock && len(o.Republish) == 0 {
			return w.newResult(w.verdict, tip, nil), nil
		}
	}
	delta, err := w.readDataset(ctx, tip)
	err = errors.Join(readBack(), withCause(CauseRepository, err))
	w.markTouched(delta) // also after an error: the next update starts from here
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
	p, err := w.makePlan(ctx, tip, o)
	if err != nil {
		return Result{}, err
	}
	if o.DryRun {
		return w.newResult(p.verdict, tip, p.changes), nil
	}
	if err := w.storeImages(ctx, &p); err != nil {
		return Result{}, err
	}
	if err := w.publishPlan(ctx, p); err != nil {
		return Result{}, err
	}
	w.recordPass(p)
	r := w.newResult(p.verdict, tip, p.changes)
	r.Appended = p.eventCount()
	return r, nil
}

// runAsync runs do in a goroutine, and returns a function that waits for its
// result.
func runAsync(do func() error) (wait func() error) {
	done := make(chan error, 1)
	go func() { done <- do() }()
	return sync.OnceValue(func() error { return <-done })
}

// readTip returns the tip of the branch. It opens the mirror if needed.
func (w *Worker) readTip(ctx context.Context) (git.CommitID, error) {
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

// isUpToDate reports whether the last pass was for this commit, this day and
// this end of the stream.
func (w *Worker) isUpToDate(tip git.CommitID) bool {
	if w.reader == nil && w.seen > 0 { // the stream was deleted
		return false
	}
	return w.lastPass.commit == tip && w.lastPass.seen == w.seen && w.lastPass.day == w.currentDay()
}

func (w *Worker) recordPass(p plan) {
	if !p.held {
		w.touched = make(map[schema.RecordID]struct{})
		w.quarantined = p.heldRecords()
	}
	w.verdict = p.verdict
	w.lastPass = checkpoint{commit: p.commit, day: w.currentDay(), seen: w.seen}
}

func (w *Worker) newResult(v verdict, tip git.CommitID, changes []*event.Change) Result {
	if v.findings == nil {
		v.findings = []event.Finding{}
	}
	return Result{
		Commit:      tip,
		Position:    w.fold.Position,
		Changes:     changes,
		Live:        w.countLive(tip),
		Findings:    v.findings,
		Held:        v.held,
		Quarantined: idStrings(v.heldRecords()),
	}
}

func (w *Worker) countLive(tip git.CommitID) int {
	if w.fold.Changeset == nil || w.fold.Changeset.Commit != string(tip) {
		return 0
	}
	return w.fold.Changeset.Events
}
