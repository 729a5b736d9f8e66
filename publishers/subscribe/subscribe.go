// Package subscribe gives a program the state of a dataset and every change to
// it, and proves at each changeset that nothing was missed:
//
//	for u, err := range subscribe.Updates(ctx, js, subscribe.Options{}) {
//		if err != nil {
//			return err
//		}
//		fmt.Println(u.Position.Changeset, len(u.Changes), u.State.Len())
//	}
//
// It needs a connection to the broker that may read the stream, and no access
// to Git.
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

// Options say what is read.
type Options struct {
	// Dataset is the dataset's id. It may be left out where the broker has one.
	Dataset string
	// Since is the position of the last update that the program has dealt with:
	// it gets those behind it. The zero Position begins with a snapshot.
	Since event.Position
}

// An Update is a complete changeset, or a snapshot.
type Update struct {
	// Position is what to keep, and to give as Options.Since after a restart.
	Position  event.Position
	Changeset *event.Changeset
	Time      time.Time // of the changeset event; zero in a snapshot
	// Changes are those of the changeset, in the stream's order; nil in a
	// snapshot.
	Changes []*event.Change
	// State is all records after the changeset. Its digest is the one that was
	// announced. It changes when the next update is asked for.
	State *schema.State
	// Snapshot says that there may have been changesets before this one that
	// the program is not told of: it begins with State.
	Snapshot bool
	// Remade says that Options.Since is of a stream that was deleted and made
	// again, or restored, and is not in the present one: this snapshot replaces
	// what the program was told of after the last message that both share.
	Remade bool
}

// Updates yields a snapshot, or what came after Options.Since, and then each
// changeset as it is completed, until ctx ends. After an error it yields nothing
// more. The error is stream.ErrNoStream if nothing was published yet, and a
// *stream.DamagedError if a message is missing. If the stream does not know
// Options.Since any more, it begins with a snapshot.
//
// A message that is not an event of the dataset changes nothing, nor does a
// changeset event that announces another state than the events give.
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

// begin folds the stream up to a complete changeset: the one that the program
// knows, or the last one.
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
		// What lies behind the last changeset comes again, with what completes it.
		fold, err = reader.FoldUpTo(ctx, newest.Seq)
	}
	if err != nil {
		return nil, false, err
	}
	return fold, fold.Position != since, nil
}
