package worker

import (
	"context"
	"errors"

	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/stream"
)

// Published returns the published version of a record as known to the worker,
// or zero. It waits for a running pass.
func (w *Worker) Published(id schema.RecordID) schema.Stored {
	w.pass.Lock()
	defer w.pass.Unlock()
	return w.fold.State.Stored(id)
}

// openStream opens the dataset's stream and folds every message of it, to
// detect what a broker lost or changed. It does not create the stream.
func (w *Worker) openStream(ctx context.Context) error {
	if w.snap.Manifest == nil || (w.reader != nil && w.reader.Dataset() == w.targetDataset) {
		return nil
	}
	w.fold, w.hidden, w.seen, w.touched, w.storedImages = &event.Fold{}, stream.Hidden{}, 0, nil, nil
	reader, err := stream.Open(ctx, w.JetStream, w.targetDataset)
	if errors.Is(err, stream.ErrNoStream) {
		w.reader = nil
		return nil
	}
	if err != nil {
		return err
	}
	reader.OnSetAside = w.OnSetAside
	fold, hidden, seen, err := reader.Audit(ctx)
	if err != nil {
		return err
	}
	w.reader, w.fold, w.hidden, w.seen = reader, fold, hidden, seen
	return nil
}

// readBack applies the events that anyone published since the last pass.
func (w *Worker) readBack(ctx context.Context) error {
	if w.reader == nil {
		return nil
	}
	last, err := w.reader.Last(ctx)
	if errors.Is(err, stream.ErrNoStream) || errors.Is(err, stream.ErrRemade) || (err == nil && last < w.seen) {
		// The stream was deleted, and perhaps created again.
		w.reader = nil
		return nil
	}
	if err != nil {
		return err
	}
	for m, err := range w.reader.Replay(ctx, w.seen+1, last) {
		if err != nil {
			return err
		}
		if err := w.reader.Take(w.fold, &w.hidden, m); err != nil {
			return err
		}
		w.seen = m.Seq
		if m.Change != nil && w.touched != nil {
			w.touched[m.Change.RecordID()] = struct{}{}
		}
	}
	return nil
}
