// Package journal is the writing end of a dataset's stream. It publishes a
// changeset whole, once, and after nobody else's: each batch is atomic and
// fenced by the sequence number that the writer believes to be the last.
package journal

import (
	"context"
	"errors"
	"fmt"
	"maps"
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
	// Chosen, unless it is zero, is noted in the stream: an operator asked for
	// it then, although the dataset has another one.
	Chosen   time.Time
	MaxBatch int // messages in an atomic batch; 0 means DefaultMaxBatch
}

// Open opens a dataset's stream and makes it where there is none. A stream
// that exists and could lose changes is refused.
func Open(ctx context.Context, js jetstream.JetStream, c Config) (*Journal, error) {
	s, err := stream.Find(ctx, js, c.Dataset)
	switch {
	case errors.Is(err, stream.ErrNoStream):
		s, err = createStream(ctx, js, c)
	case err == nil && !c.Chosen.IsZero():
		s, err = js.UpdateStream(ctx, c.configOf(s.CachedInfo().Config))
	}
	if err != nil {
		return nil, fmt.Errorf("make sure of stream %s: %w", stream.Name(c.Dataset), err)
	}
	return Of(js, stream.Of(js, c.Dataset, s), c)
}

// Of opens the stream that a reader reads. It is refused for what it was when
// the reader last asked about it.
func Of(js jetstream.JetStream, reader *stream.Reader, c Config) (*Journal, error) {
	config := reader.Config()
	if c.MaxBatch <= 0 {
		c.MaxBatch = DefaultMaxBatch
	}
	return &Journal{js: js, dataset: c.Dataset, maxBatch: c.MaxBatch, replicas: config.Replicas, Reader: reader}, stream.Check(config)
}

// configOf adds to a stream's configuration that it was chosen.
func (c Config) configOf(config jetstream.StreamConfig) jetstream.StreamConfig {
	if !c.Chosen.IsZero() {
		config.Metadata = maps.Clone(config.Metadata)
		if config.Metadata == nil {
			config.Metadata = make(map[string]string)
		}
		config.Metadata[stream.ChosenKey] = c.Chosen.UTC().Format(time.RFC3339Nano)
	}
	return config
}

// appearLimit is how long a stream that was made may take to be known on the
// server that is asked for it; without a cluster it is known at once.
const appearLimit = 5 * time.Second

// createStream creates the stream. Two workers may do so at once: to create the same
// stream twice is no error, but the answer to one of them may be lost.
func createStream(ctx context.Context, js jetstream.JetStream, c Config) (jetstream.Stream, error) {
	_, err := js.CreateStream(ctx, c.configOf(stream.Config(c.Dataset, c.Replicas)))
	if err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, appearLimit)
	defer cancel()
	for {
		s, err := stream.Find(ctx, js, c.Dataset)
		if !errors.Is(err, stream.ErrNoStream) {
			return s, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(appearLimit / 50):
		}
	}
}

// MaxBatch is the number of events that are published all or none.
func (j *Journal) MaxBatch() int { return j.maxBatch }
