package delivery_test

import (
	"context"
	"errors"
	"testing"

	"netsync/publishers/delivery/deliverytest"
	"netsync/schema/stream"
)

// TestANewEndpointBeginsAtTheStart keeps the stream from being read until a
// change was published: in a cluster it has no leader for a while.
func TestANewEndpointBeginsAtTheStart(t *testing.T) {
	t.Parallel()
	to := deliverytest.NewReceiver(t, plain, nil)
	attempts := make(chan struct{}, 100)
	readable := make(chan struct{})
	b := deliverytest.NewBench(t, plain.New(to.URL))
	open := b.Config.Open
	b.Config.Open = func(ctx context.Context) (*stream.Reader, error) {
		attempts <- struct{}{}
		select {
		case <-readable:
			return open(ctx)
		default:
			return nil, errors.New("no leader")
		}
	}
	done := make(chan struct{})
	go func() {
		<-attempts
		b.History.Commit(false, deliverytest.Network("leru", 2))
		close(readable)
		close(done)
	}()
	b.Run()
	<-done
	p := b.History.Commit(false, deliverytest.Network("leru", 3))
	b.WaitDone(p)
	if took := to.Accepted(); len(took) != 2 {
		t.Errorf("delivered %q, want the change that came while the stream could not be read, and the one after", took)
	}
}
