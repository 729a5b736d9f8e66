package deliverytest

import (
	"context"
	"errors"
	"sync"

	"github.com/nats-io/nats.go/jetstream"
)

var errKilled = errors.New("the process was killed")

// A mortalBroker fails for good at one of the steps of a process on its buckets: as
// the broker sees it, the process is killed there. A write has two steps: it is killed
// before the write, or before it learns that the write was made.
type mortalBroker struct {
	jetstream.JetStream

	mu     sync.Mutex
	left   int // steps
	killed chan struct{}
}

func (b *mortalBroker) isKilled() bool {
	select {
	case <-b.killed:
		return true
	default:
		return false
	}
}

// takeStep returns errKilled if the process does not live to make a step.
func (b *mortalBroker) takeStep() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left--; b.left == 0 {
		close(b.killed)
	}
	if b.left <= 0 {
		return errKilled
	}
	return nil
}

func (b *mortalBroker) KeyValue(ctx context.Context, bucket string) (jetstream.KeyValue, error) {
	if err := b.takeStep(); err != nil {
		return nil, err
	}
	kv, err := b.JetStream.KeyValue(ctx, bucket)
	return mortalBucket{kv, b}, err
}

type mortalBucket struct {
	jetstream.KeyValue
	b *mortalBroker
}

func (k mortalBucket) Get(ctx context.Context, key string) (jetstream.KeyValueEntry, error) {
	if err := k.b.takeStep(); err != nil {
		return nil, err
	}
	return k.KeyValue.Get(ctx, key)
}

func (k mortalBucket) Update(ctx context.Context, key string, value []byte, revision uint64) (uint64, error) {
	if err := k.b.takeStep(); err != nil {
		return 0, err
	}
	revision, err := k.KeyValue.Update(ctx, key, value, revision)
	return revision, errors.Join(err, k.b.takeStep())
}
