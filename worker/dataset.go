package worker

import (
	"context"
	"fmt"
	"slices"

	"go.uber.org/zap"

	"netsync/schema"
	"netsync/worker/git"
	"netsync/worker/snapshot"
	"netsync/worker/validate"
)

// readDataset updates the snapshot to a commit and to the current day, checks
// the changed files, and returns what changed. It does not use the stream.
func (w *Worker) readDataset(ctx context.Context, tip git.CommitID) (*snapshot.Delta, error) {
	if err := w.fetch(ctx, tip); err != nil {
		return nil, err
	}
	delta, err := w.updateSnapshot(ctx, tip)
	if err != nil && ctx.Err() == nil {
		// The mirror is a cache: recreate it if it cannot be read.
		w.Log.Warn("recreating the mirror", zap.Error(err))
		if err = w.mirror.Renew(ctx, tip); err == nil {
			delta, err = w.updateSnapshot(ctx, tip)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("read commit %s: %w", tip, err)
	}
	w.readCommit = tip
	if err := w.updateDates(delta); err != nil {
		return delta, err
	}
	w.findings = w.checker.Check(w.snap, delta)
	return delta, nil
}

func (w *Worker) fetch(ctx context.Context, tip git.CommitID) error {
	has, err := w.mirror.Has(ctx, tip)
	if err != nil || has {
		return err
	}
	return w.mirror.Fetch(ctx, tip)
}

func (w *Worker) updateSnapshot(ctx context.Context, tip git.CommitID) (*snapshot.Delta, error) {
	options := validate.Options(w.Now())
	if w.snap != nil && !w.needsReread() {
		delta, err := w.snap.Update(ctx, w.mirror.Repository, w.readCommit, tip, w.Path, options)
		if err == nil {
			return delta, nil
		}
		// The mirror may have been recreated without the old commit.
		w.Log.Warn("reading the whole dataset", zap.String("commit", string(tip)), zap.Error(err))
		w.snap = nil
	}
	snap, delta, err := snapshot.Read(ctx, w.mirror.Repository, tip, w.Path, options)
	if err != nil {
		return nil, err
	}
	w.snap, w.checker = snap, &validate.Checker{}
	return delta, nil
}

// markTouched adds the changed records of a snapshot to touched.
func (w *Worker) markTouched(delta *snapshot.Delta) {
	if delta == nil {
		return
	}
	if delta.All {
		w.touched = nil
	}
	if w.touched == nil {
		return
	}
	for id := range delta.Records {
		w.touched[id] = struct{}{}
	}
}

// currentDay returns the day in the dataset's time zone, or "" if there is no
// dataset yet.
func (w *Worker) currentDay() string {
	if w.snap == nil || w.snap.Manifest == nil {
		return ""
	}
	day, err := snapshot.Today(w.snap.Manifest, w.Now())
	if err != nil {
		return "" // unreachable: the manifest's time zone was validated
	}
	return day.String()
}

// needsReread reports whether a new day may resolve findings of unchanged
// files: a date in the future does not stay there.
func (w *Worker) needsReread() bool {
	return w.currentDay() != w.snap.AsOf.String() && slices.ContainsFunc(w.findings, validate.HasFutureDate)
}

// updateDates updates the fields that are derived from dates to the current
// day, and adds the changed records to delta.
func (w *Worker) updateDates(delta *snapshot.Delta) error {
	if w.snap.Manifest == nil || w.currentDay() == w.snap.AsOf.String() {
		return nil
	}
	day, err := schema.ParseDay(w.currentDay())
	if err != nil {
		return err
	}
	rederived, err := w.snap.Rederive(day)
	if err != nil {
		return err
	}
	delta.Add(rederived)
	return nil
}
