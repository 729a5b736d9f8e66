package webhook

import (
	"context"
	"errors"
	"testing"

	"netsync/schema/stream"
)

// TestANewEndpointBeginsAtTheStart keeps the stream from being read until a
// change was published: in a cluster it has no leader for a while.
func TestANewEndpointBeginsAtTheStart(t *testing.T) {
	t.Parallel()
	to := newReceiver(t, nil)
	attempts := make(chan struct{}, 100)
	readable := make(chan struct{})
	b := newBench(t, to.URL, nil)
	open := b.config.Open
	b.config.Open = func(ctx context.Context) (*stream.Reader, error) {
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
		b.history.Commit(false, network("leru", 2))
		close(readable)
		close(done)
	}()
	b.run(New(b.config))
	<-done
	p := b.history.Commit(false, network("leru", 3))
	b.settled(p)
	if took := to.took(); len(took) != 2 {
		t.Errorf("delivered %q, want the change that came while the stream could not be read, and the one after", took)
	}
}
