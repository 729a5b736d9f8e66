package subscribe_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"netsync/publishers/publishertest"
	"netsync/publishers/subscribe"
	"netsync/schema/event"
	"netsync/schema/stream"
	"netsync/schema/stream/streamtest"
)

func network(id string, count int) publishertest.Revision {
	return publishertest.Revision{ID: "networks/" + id, Value: map[string]any{
		"name": id, "tier": "key", "kind": "alliance", "purposes": []any{"advocacy"}, "members": map[string]any{"count": count},
	}}
}

// TestAProgramThatComesAndGoesMissesNothing restarts a subscriber at random
// places in a random history.
func TestAProgramThatComesAndGoesMissesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		js := streamtest.JetStream(t)
		history := publishertest.NewHistory(t, js)
		var told []event.Position
		count := rapid.IntRange(1, 12).Draw(rt, "changesets")
		for n := range count {
			var revisions []publishertest.Revision
			for _, id := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c"}), 1, 3, rapid.ID[string]).Draw(rt, "records") {
				revisions = append(revisions, network(id, n))
			}
			told = append(told, history.Commit(n == 0, revisions...))
		}
		if rapid.Bool().Draw(rt, "cut off") {
			history.Begin(network("half", 1)) // it is not told before it is whole
		}
		var seen []event.Position
		var since event.Position
		for since != told[len(told)-1] {
			stop := rapid.IntRange(1, 3).Draw(rt, "updates")
			for u, err := range subscribe.Updates(t.Context(), js, subscribe.Options{Dataset: publishertest.Dataset, Since: since}) {
				if err != nil {
					rt.Fatal(err)
				}
				if got := u.State.Digest(); got != u.Changeset.StateDigest || u.Position.StateDigest != got {
					rt.Fatalf("the state is %s, announced was %s", got, u.Changeset.StateDigest)
				}
				if u.Snapshot == (len(u.Changes) > 0) {
					rt.Fatalf("snapshot %t with %d changes", u.Snapshot, len(u.Changes))
				}
				seen, since = append(seen, u.Position), u.Position
				if stop--; stop == 0 || since == told[len(told)-1] {
					break
				}
			}
		}
		if want := told[slices.Index(told, seen[0]):]; !slices.Equal(seen, want) {
			rt.Fatalf("seen %v, want %v", seen, want)
		}
	})
}

func TestAPositionThatTheStreamDoesNotKnow(t *testing.T) {
	t.Parallel()
	js := streamtest.JetStream(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for _, err := range subscribe.Updates(ctx, js, subscribe.Options{}) {
		if !errors.Is(err, stream.ErrNoStream) {
			t.Fatal(err)
		}
	}
	history := publishertest.NewHistory(t, js)
	history.Commit(true, network("a", 1))
	last := history.Commit(false, network("a", 2))
	for _, since := range []event.Position{{}, {Dataset: "other", Sequence: 1}, {Dataset: "other", Sequence: 2}, {Dataset: "other", Sequence: 900}} {
		for u, err := range subscribe.Updates(ctx, js, subscribe.Options{Since: since}) {
			if err != nil || !u.Snapshot || u.Position != last {
				t.Errorf("since %v: %+v, %v", since, u, err)
			}
			break
		}
	}
}
