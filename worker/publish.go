package worker

import (
	"context"
	"fmt"

	"go.uber.org/zap"

	"netsync/schema/event"
	"netsync/schema/failpoint"
	"netsync/worker/journal"
)

// publishPlan appends a plan to the stream and updates the published state. It
// sends a batch while the broker makes the previous one durable.
func (w *Worker) publishPlan(ctx context.Context, p plan) error {
	if p.eventCount() == 0 {
		return nil
	}
	j, err := w.openJournal(ctx, p.dataset)
	if err != nil {
		return err
	}
	if err := failpoint.Hit("worker: publish"); err != nil {
		return err
	}
	w.reader = j.Reader
	w.reader.OnSetAside = w.OnSetAside
	w.fold.Epoch = j.Epoch().ID
	after := w.seen
	next := prepareBatch(j, &p, after, 0)
	for next != nil {
		batch := next
		if next = nil; batch.to < p.eventCount() {
			next = prepareBatch(j, &p, after, batch.to)
			next.batch.Ahead()
		}
		if err := w.appendBatch(ctx, j, batch); err != nil {
			if next != nil {
				next.batch.Discard() // it reads data that the next pass changes
			}
			return fmt.Errorf("publish %s: %w", p.commit, err)
		}
	}
	w.lastWritten = w.seen
	w.Log.Info("published", zap.String("changeset", w.fold.Position.Changeset),
		zap.String("trace_id", event.TraceID(w.fold.Position.Changeset)), zap.Uint64("seq", uint64(w.seen)),
		zap.Int("changes", len(p.changes)), zap.Int("findings", len(p.findings)), zap.Int("quarantined", len(p.heldRecords())))
	return nil
}

// openJournal opens the dataset's stream, creating it if needed. It reuses the
// reader of this pass.
func (w *Worker) openJournal(ctx context.Context, dataset string) (*journal.Journal, error) {
	c := journal.Config{Dataset: dataset, Replicas: w.Replicas, MaxBatch: w.MaxBatch, Chosen: w.chosenAt}
	if w.reader != nil && w.reader.Dataset() == dataset && w.chosenAt.IsZero() {
		return journal.Of(w.JetStream, w.reader, c)
	}
	return journal.Open(ctx, w.JetStream, c)
}

// A planBatch is the part of a plan that is appended as one batch.
type planBatch struct {
	to     int           // index of the first event after the batch
	events []event.Event // as far as they were added to batch
	batch  *journal.Batch
}

// prepareBatch returns the batch that begins with event from of a plan. The
// plan is published after message after.
func prepareBatch(j *journal.Journal, p *plan, after event.Seq, from int) *planBatch {
	to := min(from+batchSize(p.eventCount(), j.MaxBatch()), p.eventCount())
	events := make([]event.Event, to-from)
	return &planBatch{to, events, j.Prepare(after+event.Seq(from), len(events), p.fillEvents(from, events))}
}

// maxBatchEvents limits the batches of a plan that exceeds one batch: a batch
// is in memory several times, here and in the broker.
const maxBatchEvents = 1_000

// batchSize returns the number of events in the next batch.
func batchSize(events, maxBatch int) int {
	if events <= maxBatch {
		return events
	}
	return min(maxBatch, maxBatchEvents)
}

// appendBatch appends a batch and applies it to the published state.
func (w *Worker) appendBatch(ctx context.Context, j *journal.Journal, b *planBatch) error {
	began := w.Now()
	last, err := j.Append(ctx, b.batch)
	if err != nil {
		return err
	}
	if want := w.seen + event.Seq(len(b.events)); last != want {
		return fmt.Errorf("the stream ends at %d, not at %d: %w", last, want, journal.ErrOutcomeUnknown)
	}
	w.Observe.notifyAppended(b.events, w.Now().Sub(began))
	if err := failpoint.Hit("worker: published"); err != nil {
		return err
	}
	for _, e := range b.events {
		w.seen++
		if _, err := w.fold.Apply(e, w.seen); err != nil {
			return err
		}
	}
	return nil
}
