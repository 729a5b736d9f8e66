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
// published. While the broker makes one batch durable, it is sent the next.
func (w *Worker) publish(ctx context.Context, p plan) error {
	if p.len() == 0 {
		return nil
	}
	j, err := w.journal(ctx, p.dataset)
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
	next := prepare(j, &p, after, 0)
	for next != nil {
		part := next
		if next = nil; part.to < p.len() {
			next = prepare(j, &p, after, part.to)
			next.batch.Ahead()
		}
		if err := w.append(ctx, j, part); err != nil {
			if next != nil {
				next.batch.Discard() // it reads what the next pass changes
			}
			return fmt.Errorf("publish %s: %w", p.commit, err)
		}
	}
	w.wrote = w.seen
	w.Log.Info("published", zap.String("changeset", w.fold.Position.Changeset),
		zap.String("trace_id", event.TraceID(w.fold.Position.Changeset)), zap.Uint64("seq", uint64(w.seen)),
		zap.Int("changes", len(p.changes)), zap.Int("findings", len(p.findings)), zap.Int("quarantined", len(p.quarantined())))
	return nil
}

// journal opens the dataset's stream and makes it where there is none. Where the
// pass began with reading it back, it was asked about a moment ago.
func (w *Worker) journal(ctx context.Context, dataset string) (*journal.Journal, error) {
	c := journal.Config{Dataset: dataset, Replicas: w.Replicas, MaxBatch: w.MaxBatch, Chosen: w.chosen}
	if w.reader != nil && w.reader.Dataset() == dataset && w.chosen.IsZero() {
		return journal.Of(w.JetStream, w.reader, c)
	}
	return journal.Open(ctx, w.JetStream, c)
}

// A part of a plan is what goes to the broker as one batch.
type part struct {
	to     int           // the first event that is not in it
	events []event.Event // as far as they are in the batch
	batch  *journal.Batch
}

// prepare makes the part that begins with an event of a plan, which is published
// after a message.
func prepare(j *journal.Journal, p *plan, after event.Seq, from int) *part {
	to := min(from+partLen(p.len(), j.MaxBatch()), p.len())
	events := make([]event.Event, to-from)
	return &part{to, events, j.Prepare(after+event.Seq(from), len(events), p.fill(from, events))}
}

// maxPart is how many events go at a time where they do not go all at once: a
// batch is in memory several times over, here and in the broker.
const maxPart = 1_000

// partLen is how many of a number of events go as one batch.
func partLen(events, maxBatch int) int {
	if events <= maxBatch {
		return events
	}
	return min(maxBatch, maxPart)
}

// append appends a part and takes it into what is published.
func (w *Worker) append(ctx context.Context, j *journal.Journal, c *part) error {
	began := w.Now()
	last, err := j.Append(ctx, c.batch)
	if err != nil {
		return err
	}
	if want := w.seen + event.Seq(len(c.events)); last != want {
		return fmt.Errorf("the stream ends at %d, not at %d: %w", last, want, journal.ErrOutcomeUnknown)
	}
	w.Observe.appended(c.events, w.Now().Sub(began))
	if err := failpoint.Hit("worker: published"); err != nil {
		return err
	}
	for _, e := range c.events {
		w.seen++
		if _, err := w.fold.Apply(e, w.seen); err != nil {
			return err
		}
	}
	return nil
}
