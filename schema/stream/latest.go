package stream

import (
	"context"

	"github.com/nats-io/nats.go/jetstream"

	"netsync/schema/event"
)

// Latest folds the stream up to its last message and returns that message's
// sequence number. It reads only the last message of each subject unless a
// changeset is being written; then it replays the stream.
func (r *Reader) Latest(ctx context.Context) (*event.Fold, event.Seq, error) {
	last, err := r.Last(ctx)
	if err != nil {
		return nil, 0, err
	}
	fold, seen, err := r.foldLastPerSubject(ctx, last)
	if err == nil && (fold.Position.Sequence == 0 || len(fold.Pending()) > 0) {
		// An incomplete changeset, or a message that is set aside, hides
		// earlier events of the same records.
		seen = max(last, seen)
		fold, err = r.FoldUpTo(ctx, seen)
	}
	if err != nil {
		return nil, 0, err
	}
	return fold, seen, nil
}

// foldLastPerSubject reads until it has seen message last or a later one, and
// returns which.
func (r *Reader) foldLastPerSubject(ctx context.Context, last event.Seq) (*event.Fold, event.Seq, error) {
	fold := r.Fold()
	if last == 0 {
		return fold, 0, nil
	}
	config := jetstream.OrderedConsumerConfig{DeliverPolicy: jetstream.DeliverLastPerSubjectPolicy, MaxResetAttempts: triesOfReplay}
	for m, err := range r.readMessages(ctx, config) {
		if err != nil {
			return nil, 0, err
		}
		if err := r.Take(fold, &Hidden{}, m); err != nil {
			return nil, m.Seq, err
		}
		if m.Seq >= last {
			return fold, m.Seq, nil
		}
	}
	return nil, 0, ctx.Err()
}

// FoldUpTo folds every message up to last. It ignores messages set aside and
// changeset events that announce another state.
func (r *Reader) FoldUpTo(ctx context.Context, last event.Seq) (*event.Fold, error) {
	fold := r.Fold()
	for m, err := range r.Replay(ctx, 1, last) {
		if err != nil {
			return nil, err
		}
		if err := r.Take(fold, &Hidden{}, m); err != nil {
			return nil, err
		}
	}
	return fold, nil
}
