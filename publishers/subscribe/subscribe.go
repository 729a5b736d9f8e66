// Package subscribe reads the state of a dataset and every change of it from the stream, and
// proves at each changeset that nothing was missed:
//
//	for u, err := range subscribe.Updates(ctx, js, subscribe.Options{}) {
//		if err != nil {
//			return err
//		}
//		fmt.Println(u.Position.Changeset, len(u.Changes), u.State.Len())
//	}
//
// It needs a connection to the broker that may read the stream, but no access to Git.
package subscribe

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/stream"
)

// Options are the options of Updates.
type Options struct {
	// Dataset is the dataset's id. It may be "" if the broker has only one.
	Dataset string
	// Since is the position of the last update that the program has handled: Updates yields
	// those after it. With the zero Position it begins with a snapshot.
	Since event.Position
}

// An Update is a complete changeset, or a snapshot.
type Update struct {
	// Position is to be stored, and passed as Options.Since after a restart.
	Position  event.Position
	Changeset *event.Changeset
	Time      time.Time // of the changeset event; zero in a snapshot
	// Changes are the changes of the changeset, in the stream's order; nil in a snapshot.
	Changes []*event.Change
	// State has all records after the changeset. Its digest is the announced one. It is valid
	// until the next update.
	State *schema.State
	// Snapshot is set if Updates skipped changesets before this one: the program begins with
	// State.
	Snapshot bool
	// Remade is set if the stream of Options.Since was deleted and created again, or restored,
	// and the present one does not have that position: this snapshot replaces all updates
	// after the last message that both streams share.
	Remade bool
}

// Updates yields a snapshot, or the changesets after Options.Since, and then each changeset as
// it is completed, until ctx ends. It ends after an error, which is stream.ErrNoStream if
// nothing was published yet, and a *stream.DamagedError if a message is missing. If the stream
// does not have Options.Since any more, it begins with a snapshot.
//
// It ignores messages that are not events of the dataset, and changeset events that announce
// another state than that of the events before.
func Updates(ctx context.Context, js jetstream.JetStream, o Options) iter.Seq2[Update, error] {
	return func(yield func(Update, error) bool) {
		reader, err := stream.Open(ctx, js, o.Dataset)
		if err != nil {
			yield(Update{}, fmt.Errorf("subscribe: %w", err))
			return
		}
		fold, snapshot, err := begin(ctx, reader, o.Since)
		if err != nil {
			yield(Update{}, fmt.Errorf("subscribe: %w", err))
			return
		}
		if snapshot && fold.Changeset != nil {
			_, same := reader.Same(o.Since)
			u := Update{Position: fold.Position, Changeset: fold.Changeset, State: &fold.State, Snapshot: true, Remade: !same}
			if !yield(u, nil) {
				return
			}
		}
		var changes []*event.Change
		for m, err := range reader.Follow(ctx, fold.Position.Sequence+1) {
			if err == nil {
				err = reader.Take(fold, &stream.Hidden{}, m)
			}
			if err != nil {
				yield(Update{}, fmt.Errorf("subscribe: %w", err))
				return
			}
			if m.Change != nil {
				changes = append(changes, m.Change)
			}
			if fold.Position.Sequence != m.Seq {
				continue
			}
			u := Update{Position: fold.Position, Changeset: fold.Changeset, Time: m.Time, Changes: changes, State: &fold.State}
			if !yield(u, nil) {
				return
			}
			changes = nil
		}
	}
}

// begin folds the stream up to a complete changeset: that of since, or the last one.
func begin(ctx context.Context, reader *stream.Reader, since event.Position) (fold *event.Fold, snapshot bool, err error) {
	newest, ok, err := reader.LastChangeset(ctx)
	if err != nil {
		return nil, false, err
	}
	if !ok {
		return reader.Fold(), true, nil
	}
	since, same := reader.Same(since)
	if same && since.Sequence > 0 && since.Sequence < newest.Seq {
		fold, err := reader.FoldUpTo(ctx, since.Sequence)
		if err != nil {
			return nil, false, err
		}
		if fold.Position == since {
			return fold, false, nil
		}
	}
	fold, _, err = reader.Latest(ctx)
	if err == nil && len(fold.Pending()) > 0 {
		// The events after the last changeset are read again, with their changeset.
		fold, err = reader.FoldUpTo(ctx, newest.Seq)
	}
	if err != nil {
		return nil, false, err
	}
	return fold, fold.Position != since, nil
}
