package delivery

import (
	"context"
	"errors"

	"netsync/schema/stream"
)

// Bucket returns the name of the key-value bucket that has the states of a
// dataset's endpoints.
func Bucket(dataset string) string { return "netsync-" + dataset + "-webhooks" }

// openBucket opens the bucket of the states, creating it if needed.
func (e *Endpoint) openBucket(ctx context.Context, dataset string) (*stream.Bucket, error) {
	return stream.OpenBucket(ctx, e.JetStream, dataset, Bucket(dataset), "How far endpoints have been told of changes to the dataset "+dataset)
}

// changeState applies fn to the latest state, as stream.Change does.
func (e *Endpoint) changeState(ctx context.Context, b *stream.Bucket, fn func(s *State, found bool) error) error {
	return stream.Change(ctx, b, e.Name, fn)
}

// State returns how far the deliveries are.
func (e *Endpoint) State(ctx context.Context) (State, error) {
	r, err := e.Open(ctx)
	if err != nil {
		return State{}, err
	}
	b, err := stream.FindBucket(ctx, e.JetStream, Bucket(r.Dataset()))
	if errors.Is(err, stream.ErrNoBucket) {
		return State{}, nil
	}
	if err != nil {
		return State{}, err
	}
	state, _, err := stream.Read[State](ctx, b, e.Name)
	return state, err
}
