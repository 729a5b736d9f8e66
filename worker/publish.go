package worker

import (
	"context"
	"fmt"

	"go.uber.org/zap"

	"netsync/schema/event"
	"netsync/schema/failpoint"
	"netsync/worker/journal"
)

// publish appends a plan to the stream and takes it into what is known to be
// published.
func (w *Worker) publish(ctx context.Context, p plan) error {
	if p.len() == 0 {
		return nil
	}
	j, err := journal.Open(ctx, w.JetStream, journal.Config{Dataset: p.dataset, Replicas: w.Replicas, MaxBatch: w.MaxBatch})
	if err != nil {
		return err
	}
	if err := failpoint.Hit("worker: publish"); err != nil {
		return err
	}
	w.reader = j.Reader
	for from := 0; from < p.len(); from += j.MaxBatch() {
		events := p.events(from, min(from+j.MaxBatch(), p.len()))
		if err := w.append(ctx, j, p, events); err != nil {
			return fmt.Errorf("publish %s: %w", p.commit, err)
		}
	}
	w.wrote = w.seen
	w.Log.Info("published", zap.String("changeset", w.fold.Position.Changeset),
		zap.String("trace_id", event.TraceID(w.fold.Position.Changeset)), zap.Uint64("seq", uint64(w.seen)),
		zap.Int("changes", len(p.changes)), zap.Int("findings", len(p.findings)), zap.Int("quarantined", len(p.quarantined())))
	return nil
}

// append appends what goes to the broker as one batch.
func (w *Worker) append(ctx context.Context, j *journal.Journal, p plan, events []event.Event) error {
	if err := p.fill(events); err != nil {
		return err
	}
	began := w.Now()
	last, err := j.Append(ctx, w.seen, events)
	if err != nil {
		return err
	}
	if want := w.seen + event.Seq(len(events)); last != want {
		return fmt.Errorf("the stream ends at %d, not at %d: %w", last, want, journal.ErrOutcomeUnknown)
	}
	w.Observe.appended(events, w.Now().Sub(began))
	if err := failpoint.Hit("worker: published"); err != nil {
		return err
	}
	for _, e := range events {
		w.seen++
		if _, err := w.fold.Apply(e, w.seen); err != nil {
			return err
		}
	}
	p.lighten(events)
	return nil
}
