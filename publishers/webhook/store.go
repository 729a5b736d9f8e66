package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/nats-io/nats.go/jetstream"

	"netsync/schema/stream"
)

// Bucket is the name of the key-value bucket in which the states of a dataset's
// endpoints lie.
func Bucket(dataset string) string { return "netsync-" + dataset + "-webhooks" }

// A store keeps the state of one endpoint. Several processes may change it: each
// change is made to what the one before it left.
type store struct {
	js      jetstream.JetStream
	dataset string
	name    string

	mu sync.Mutex
	kv jetstream.KeyValue
}

// find opens the bucket; nil where nobody has made it yet.
func (s *store) find(ctx context.Context) (jetstream.KeyValue, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kv != nil {
		return s.kv, nil
	}
	kv, err := s.js.KeyValue(ctx, Bucket(s.dataset))
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		return nil, nil //nolint:nilnil // it is nobody's error
	}
	if err != nil {
		return nil, fmt.Errorf("open the bucket %s: %w", Bucket(s.dataset), err)
	}
	s.kv = kv
	return kv, nil
}

// bucket opens the bucket, and makes it where there is none.
func (s *store) bucket(ctx context.Context) (jetstream.KeyValue, error) {
	kv, err := s.find(ctx)
	if kv != nil || err != nil {
		return kv, err
	}
	copies := 1
	if of, err := s.js.Stream(ctx, stream.Name(s.dataset)); err == nil {
		copies = of.CachedInfo().Config.Replicas // it is worth as much
	}
	_, err = s.js.CreateKeyValue(ctx, jetstream.KeyValueConfig{
		Bucket:      Bucket(s.dataset),
		Description: "How far endpoints have been told of changes to the dataset " + s.dataset,
		Storage:     jetstream.FileStorage,
		History:     1,
		Replicas:    copies,
	})
	if err != nil && !errors.Is(err, jetstream.ErrBucketExists) {
		return nil, fmt.Errorf("make the bucket %s: %w", Bucket(s.dataset), err)
	}
	return s.find(ctx)
}

// load reads the state; found is false where there is none yet.
func (s *store) load(ctx context.Context) (state State, revision uint64, found bool, err error) {
	kv, err := s.find(ctx)
	if kv == nil || err != nil {
		return State{}, 0, false, err
	}
	entry, err := kv.Get(ctx, s.name)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return State{}, 0, false, nil
	}
	if err == nil {
		err = json.Unmarshal(entry.Value(), &state)
	}
	if err != nil {
		return State{}, 0, false, fmt.Errorf("read the state of the endpoint %s: %w", s.name, err)
	}
	return state, entry.Revision(), true, nil
}

// change changes the state. What change is given is the newest one, and it may
// be called again with another; where it returns false, nothing is written.
func (s *store) change(ctx context.Context, change func(s *State, found bool) bool) error {
	for {
		state, revision, found, err := s.load(ctx)
		if err != nil {
			return err
		}
		if !change(&state, found) {
			return nil
		}
		data, err := json.Marshal(state)
		if err != nil {
			return err
		}
		kv, err := s.bucket(ctx)
		if err != nil {
			return err
		}
		if found {
			_, err = kv.Update(ctx, s.name, data, revision)
		} else {
			_, err = kv.Create(ctx, s.name, data)
		}
		if errors.Is(err, jetstream.ErrKeyExists) {
			continue // another process was first
		}
		if err != nil {
			return fmt.Errorf("keep the state of the endpoint %s: %w", s.name, err)
		}
		return nil
	}
}
