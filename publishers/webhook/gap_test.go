package webhook

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"netsync/publishers/publishertest"
	"netsync/schema/event"
	"netsync/schema/stream"
	"netsync/schema/stream/streamtest"
)

// restore gives the stream the epoch that a restore up to a message begins.
func (b *bench) restore() stream.Epoch {
	s, err := b.js.Stream(b.Context(), stream.Name(publishertest.Dataset))
	if err != nil {
		b.Fatal(err)
	}
	info, err := s.Info(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	config, epoch := info.Config, stream.EpochOf(info).After(time.Now(), 5)
	config.Metadata = epoch.Metadata()
	if _, err := b.js.UpdateStream(b.Context(), config); err != nil {
		b.Fatal(err)
	}
	return epoch
}

func TestAnEndpointIsToldThatTheStreamWasMadeAgain(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, nil)
	b := newBench(t, r.URL, nil)
	old := b.history.Commit(false, network("leru", 2))
	stop := b.run(New(b.config))
	b.settled(old)
	stop()

	if err := b.js.DeleteStream(t.Context(), stream.Name(publishertest.Dataset)); err != nil {
		t.Fatal(err)
	}
	b.history = publishertest.NewHistory(t, b.js)
	first := b.history.Commit(true, network("leru", 2))
	b.run(New(b.config))
	streamtest.Eventually(t, "the endpoint to begin again", func() bool { return b.state().Epoch == first.Epoch })
	b.settled(first)
	now := b.history.Commit(false, network("leru", 3))
	b.settled(now)
	want := []string{fmt.Sprintf("epoch:%s:%s", now.Epoch, old.Epoch), now.Changeset + ":networks/leru"}
	if got := r.took(); !slices.Equal(got, want) {
		t.Errorf("delivered %q, want %q", got, want)
	}
}

func TestAnEndpointIsToldOfARestoreOnceAndGoesOn(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, nil)
	b := newBench(t, r.URL, nil)
	first := b.history.Commit(false, network("leru", 2))
	stop := b.run(New(b.config))
	b.settled(first)
	stop()
	missed := b.history.Commit(false, network("leru", 3))
	epoch := b.restore()
	for range 2 {
		stop := b.run(New(b.config))
		b.settled(missed)
		stop()
	}
	want := []string{fmt.Sprintf("epoch:%s:%s", epoch.ID, first.Epoch), missed.Changeset + ":networks/leru"}
	if got := r.took(); !slices.Equal(got, want) {
		t.Errorf("delivered %q, want %q", got, want)
	}
}

// lateBroker calls a function once, before it opens a bucket.
type lateBroker struct {
	jetstream.JetStream
	before func()
	once   sync.Once
}

func (b *lateBroker) KeyValue(ctx context.Context, bucket string) (jetstream.KeyValue, error) {
	b.once.Do(b.before)
	return b.JetStream.KeyValue(ctx, bucket)
}

func TestASecondProcessBeginsWhileTheFirstNotesAChange(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, nil)
	b := newBench(t, r.URL, nil)
	b.run(New(b.config))
	var last event.Position
	second := b.config
	second.JetStream = &lateBroker{JetStream: b.js, before: func() {
		last = b.history.Commit(false, network("leru", 2))
		b.settled(last)
	}}
	e := New(second)
	reader, err := second.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	from, err := e.findStart(t.Context(), reader, e.openStore(reader))
	if err != nil || from != last.Sequence {
		t.Errorf("the second process begins after message %d, %v; want %d", from, err, last.Sequence)
	}
	b.settled(b.history.Commit(false, network("leru", 3)))
	for _, id := range r.took() {
		if strings.HasPrefix(id, "epoch:") {
			t.Errorf("the endpoint got %s, and the stream is the same", id)
		}
	}
}
