package worker

import (
	"context"
	"errors"

	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/stream"
)

// Published returns what is published of a record, as far as the worker knows;
// zero where nothing is. During a pass it waits.
func (w *Worker) Published(id schema.RecordID) schema.Stored {
	w.pass.Lock()
	defer w.pass.Unlock()
	return w.fold.State.Stored(id)
}

// openStream finds the stream of the dataset that was read and folds it, every
// message: what a broker lost or changed must not be built upon. It makes no
// stream; the first publication does.
func (w *Worker) openStream(ctx context.Context) error {
	if w.snap.Manifest == nil || (w.reader != nil && w.reader.Dataset() == w.identity) {
		return nil
	}
	w.fold, w.hidden, w.seen, w.touched, w.stock = &event.Fold{}, stream.Hidden{}, 0, nil, nil
	reader, err := stream.Open(ctx, w.JetStream, w.identity)
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

// readBack takes in what was published since the worker last looked, by
// whomever.
func (w *Worker) readBack(ctx context.Context) error {
	if w.reader == nil {
		return nil
	}
	last, err := w.reader.Last(ctx)
	if errors.Is(err, stream.ErrNoStream) || errors.Is(err, stream.ErrRemade) || (err == nil && last < w.seen) {
		// The stream was taken away and perhaps made anew.
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
