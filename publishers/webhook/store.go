package webhook

import (
	"context"
	"errors"
	"sync"

	"github.com/nats-io/nats.go/jetstream"

	"netsync/schema/stream"
)

// Bucket returns the name of the key-value bucket that has the states of a
// dataset's endpoints.
func Bucket(dataset string) string { return "netsync-" + dataset + "-webhooks" }

// A store keeps the state of one endpoint. Several processes may change it.
type store struct {
	js      jetstream.JetStream
	dataset string
	name    string

	mu     sync.Mutex
	bucket *stream.Bucket
}

// open opens the bucket, creating it if needed.
func (s *store) open(ctx context.Context) (*stream.Bucket, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bucket != nil {
		return s.bucket, nil
	}
	b, err := stream.OpenBucket(ctx, s.js, s.dataset, Bucket(s.dataset), "How far endpoints have been told of changes to the dataset "+s.dataset)
	if err == nil {
		s.bucket = b
	}
	return b, err
}

// load reads the state, the zero State if nothing was written yet.
func (s *store) load(ctx context.Context) (State, error) {
	b, err := stream.FindBucket(ctx, s.js, Bucket(s.dataset))
	if errors.Is(err, stream.ErrNoBucket) {
		return State{}, nil
	}
	if err != nil {
		return State{}, err
	}
	state, _, err := stream.Read[State](ctx, b, s.name)
	return state, err
}

// changeState applies fn to the latest state, as stream.Change does.
func (s *store) changeState(ctx context.Context, fn func(s *State, found bool) error) error {
	b, err := s.open(ctx)
	if err != nil {
		return err
	}
	return stream.Change(ctx, b, s.name, fn)
}
