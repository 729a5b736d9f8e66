package worker

import (
	"context"
	"fmt"
	"slices"

	"go.uber.org/zap"

	"netsync/schema/event"
	"netsync/schema/failpoint"
	"netsync/worker/journal"
)

// publish appends a plan to the stream and takes it into what is known to be
// published.
func (w *Worker) publish(ctx context.Context, p plan) error {
	if len(p.events) == 0 {
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
	began := w.Now()
	for chunk := range slices.Chunk(p.events, j.MaxBatch()) {
		if err := w.append(ctx, j, p, chunk); err != nil {
			return fmt.Errorf("publish %s: %w", p.commit, err)
		}
	}
	w.wrote = w.seen
	w.Observe.appended(p.events, w.Now().Sub(began))
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
	last, err := j.Append(ctx, w.seen, events)
	if err != nil {
		return err
	}
	if want := w.seen + event.Seq(len(events)); last != want {
		return fmt.Errorf("the stream ends at %d, not at %d: %w", last, want, journal.ErrOutcomeUnknown)
	}
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
