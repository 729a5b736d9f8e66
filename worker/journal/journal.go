// Package journal is the writing end of a dataset's stream. It publishes a
// changeset whole, once, and after nobody else's: each batch is atomic and
// fenced by the sequence number that the writer believes to be the last.
package journal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"netsync/schema/stream"
)

// DefaultMaxBatch is the number of messages that a nats-server takes in one
// atomic batch unless it is configured otherwise.
const DefaultMaxBatch = 1000

// A Journal writes one dataset's stream. It holds no state of its own: what
// was published, the stream tells.
type Journal struct {
	js       jetstream.JetStream
	dataset  string
	maxBatch int
	replicas int // that the stream has
	// Reader reads the stream back.
	*stream.Reader
}

// Config says which stream is written and how.
type Config struct {
	Dataset  string
	Replicas int // of a stream that does not exist yet; 0 means 1
	MaxBatch int // messages in an atomic batch; 0 means DefaultMaxBatch
}

// Open opens a dataset's stream and makes it where there is none. A stream
// that exists and could lose changes is refused.
func Open(ctx context.Context, js jetstream.JetStream, c Config) (*Journal, error) {
	if c.MaxBatch <= 0 {
		c.MaxBatch = DefaultMaxBatch
	}
	j := &Journal{js: js, dataset: c.Dataset, maxBatch: c.MaxBatch}
	if err := j.ensure(ctx, c.Replicas); err != nil {
		return nil, err
	}
	var err error
	j.Reader, err = openMade(ctx, js, c.Dataset)
	return j, err
}

// appearLimit is how long a stream that was made may take to be known on the
// server that is asked for it; without a cluster it is known at once.
const appearLimit = 5 * time.Second

// openMade opens a stream that was made a moment ago, perhaps by another
// worker.
func openMade(ctx context.Context, js jetstream.JetStream, dataset string) (*stream.Reader, error) {
	ctx, cancel := context.WithTimeout(ctx, appearLimit)
	defer cancel()
	for {
		reader, err := stream.Open(ctx, js, dataset)
		if !errors.Is(err, stream.ErrNoStream) {
			return reader, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(appearLimit / 50):
		}
	}
}

func (j *Journal) ensure(ctx context.Context, replicas int) error {
	s, err := stream.Find(ctx, j.js, j.dataset)
	if errors.Is(err, stream.ErrNoStream) {
		// Two workers may get here at once: creating the same stream twice
		// is no error, but an answer to one of them may get lost.
		s, err = j.js.CreateStream(ctx, stream.Config(j.dataset, replicas))
		if errors.Is(err, context.DeadlineExceeded) {
			s, err = stream.Find(ctx, j.js, j.dataset)
		}
	}
	if err != nil {
		return fmt.Errorf("make sure of stream %s: %w", stream.Name(j.dataset), err)
	}
	j.replicas = s.CachedInfo().Config.Replicas
	return stream.Check(s.CachedInfo().Config)
}

// MaxBatch is the number of events that are published all or none.
func (j *Journal) MaxBatch() int { return j.maxBatch }
