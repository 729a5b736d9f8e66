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

// readDataset brings the snapshot to a commit and to the day that it is, checks
// what changed and returns it. What was published it does not look at.
func (w *Worker) readDataset(ctx context.Context, tip git.CommitID) (*snapshot.Delta, error) {
	if err := w.fetch(ctx, tip); err != nil {
		return nil, err
	}
	delta, err := w.updateSnapshot(ctx, tip)
	if err != nil && ctx.Err() == nil {
		// The mirror is a cache: one that cannot be read is made anew.
		w.Log.Warn("making the mirror anew", zap.Error(err))
		if err = w.mirror.Renew(ctx, tip); err == nil {
			delta, err = w.updateSnapshot(ctx, tip)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("read commit %s: %w", tip, err)
	}
	w.read = tip
	if err := w.rederive(delta); err != nil {
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
	if w.snap != nil && !w.outlived() {
		delta, err := w.snap.Update(ctx, w.mirror.Repository, w.read, tip, w.Path, options)
		if err == nil {
			return delta, nil
		}
		// The mirror may have been made anew without the old commit.
		w.Log.Warn("reading the dataset whole", zap.String("commit", string(tip)), zap.Error(err))
		w.snap = nil
	}
	snap, delta, err := snapshot.Read(ctx, w.mirror.Repository, tip, w.Path, options)
	if err != nil {
		return nil, err
	}
	w.snap, w.checker = snap, &validate.Checker{}
	return delta, nil
}

// touch notes what was read as what may differ from what was published.
func (w *Worker) touch(delta *snapshot.Delta) {
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

// today returns the day in the dataset's time zone; "" where there is no
// dataset yet.
func (w *Worker) today() string {
	if w.snap == nil || w.snap.Manifest == nil {
		return ""
	}
	day, err := snapshot.Today(w.snap.Manifest, w.Now())
	if err != nil {
		return "" // the manifest's time zone was checked when it was read
	}
	return day.String()
}

// outlived reports whether the passing of days may have mended findings of
// files that nobody changed: dates that lay ahead do not do so for ever.
func (w *Worker) outlived() bool {
	return w.today() != w.snap.AsOf.String() && slices.ContainsFunc(w.findings, validate.HasFutureDate)
}

// rederive brings states that follow from dates to a new day, and notes what
// that changed.
func (w *Worker) rederive(delta *snapshot.Delta) error {
	if w.snap.Manifest == nil || w.today() == w.snap.AsOf.String() {
		return nil
	}
	day, err := schema.ParseDay(w.today())
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
