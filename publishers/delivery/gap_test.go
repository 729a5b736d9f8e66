package delivery_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"netsync/publishers/delivery/deliverytest"
	"netsync/publishers/publishertest"
	"netsync/schema/stream"
	"netsync/schema/stream/streamtest"
)

// restoreStream gives the stream the epoch that a restore up to a message begins.
func restoreStream(b *deliverytest.Bench) stream.Epoch {
	s, err := b.JetStream.Stream(b.Context(), stream.Name(publishertest.Dataset))
	if err != nil {
		b.Fatal(err)
	}
	info, err := s.Info(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	config, epoch := info.Config, stream.EpochOf(info).After(time.Now(), 5)
	config.Metadata = epoch.Metadata()
	if _, err := b.JetStream.UpdateStream(b.Context(), config); err != nil {
		b.Fatal(err)
	}
	return epoch
}

func TestAnEndpointIsToldThatTheStreamWasMadeAgain(t *testing.T) {
	t.Parallel()
	r := deliverytest.NewReceiver(t, plain, nil)
	b := deliverytest.NewBench(t, plain.New(r.URL))
	old := b.History.Commit(false, deliverytest.Network("leru", 2))
	stop := b.Run()
	b.WaitDone(old)
	stop()

	if err := b.JetStream.DeleteStream(t.Context(), stream.Name(publishertest.Dataset)); err != nil {
		t.Fatal(err)
	}
	b.History = publishertest.NewHistory(t, b.JetStream)
	first := b.History.Commit(true, deliverytest.Network("leru", 2))
	b.Run()
	streamtest.Eventually(t, "the endpoint to begin again", func() bool { return b.State().Epoch == first.Epoch })
	b.WaitDone(first)
	now := b.History.Commit(false, deliverytest.Network("leru", 3))
	b.WaitDone(now)
	want := []string{fmt.Sprintf("epoch:%s:%s", now.Epoch, old.Epoch), now.Changeset + ":networks/leru"}
	if got := r.Accepted(); !slices.Equal(got, want) {
		t.Errorf("delivered %q, want %q", got, want)
	}
}

func TestAnEndpointIsToldOfARestoreOnceAndGoesOn(t *testing.T) {
	t.Parallel()
	r := deliverytest.NewReceiver(t, plain, nil)
	b := deliverytest.NewBench(t, plain.New(r.URL))
	first := b.History.Commit(false, deliverytest.Network("leru", 2))
	stop := b.Run()
	b.WaitDone(first)
	stop()
	missed := b.History.Commit(false, deliverytest.Network("leru", 3))
	epoch := restoreStream(b)
	for range 2 {
		stop := b.Run()
		b.WaitDone(missed)
		stop()
	}
	want := []string{fmt.Sprintf("epoch:%s:%s", epoch.ID, first.Epoch), missed.Changeset + ":networks/leru"}
	if got := r.Accepted(); !slices.Equal(got, want) {
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
	r := deliverytest.NewReceiver(t, plain, nil)
	b := deliverytest.NewBench(t, plain.New(r.URL))
	b.Run()
	noted := make(chan struct{})
	second := b.Config
	second.JetStream = &lateBroker{JetStream: b.JetStream, before: func() {
		defer close(noted)
		b.WaitDone(b.History.Commit(false, deliverytest.Network("leru", 2)))
	}}
	b.Start(second)
	<-noted
	b.WaitDone(b.History.Commit(false, deliverytest.Network("leru", 3)))
	for _, id := range r.Accepted() {
		if strings.HasPrefix(id, "epoch:") {
			t.Errorf("the endpoint got %s, and the stream is the same", id)
		}
	}
}
