package stream

import (
	"context"
	"errors"

	"github.com/nats-io/nats.go/jetstream"

	"netsync/schema/event"
)

// Latest folds the stream up to its last message and returns that message's
// sequence number. It reads only the last message of each subject, which is
// enough unless a changeset is being written just now; then it replays.
func (r *Reader) Latest(ctx context.Context) (*event.Fold, event.Seq, error) {
	last, err := r.Last(ctx)
	if err != nil {
		return nil, 0, err
	}
	fold, seen, err := r.foldLastPerSubject(ctx, last)
	var diverged *event.ErrDiverged
	if errors.As(err, &diverged) || (err == nil && len(fold.Pending()) > 0) {
		// What belongs to a changeset that is not complete hides what was
		// said of the same records before.
		seen = max(last, seen)
		fold, err = r.FoldUpTo(ctx, seen)
	}
	if err != nil {
		return nil, 0, err
	}
	return fold, seen, nil
}

// foldLastPerSubject reads until it has seen message last or one after it,
// and returns which.
func (r *Reader) foldLastPerSubject(ctx context.Context, last event.Seq) (*event.Fold, event.Seq, error) {
	fold := r.Fold()
	if last == 0 {
		return fold, 0, nil
	}
	config := jetstream.OrderedConsumerConfig{DeliverPolicy: jetstream.DeliverLastPerSubjectPolicy, MaxResetAttempts: triesOfReplay}
	for m, err := range r.consume(ctx, config) {
		if err != nil {
			return nil, 0, err
		}
		if _, err := fold.Apply(m.Event, m.Seq); err != nil {
			return nil, m.Seq, err
		}
		if m.Seq >= last {
			return fold, m.Seq, nil
		}
	}
	return nil, 0, ctx.Err()
}

// FoldUpTo folds every message from the first to the one given.
func (r *Reader) FoldUpTo(ctx context.Context, last event.Seq) (*event.Fold, error) {
	fold := r.Fold()
	for m, err := range r.Replay(ctx, 1, last) {
		if err != nil {
			return nil, err
		}
		if _, err := fold.Apply(m.Event, m.Seq); err != nil {
			return nil, err
		}
	}
	return fold, nil
}
