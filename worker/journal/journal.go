// Package journal writes a dataset's stream. It publishes a changeset whole, once, and not
// after a concurrent one: each batch is atomic, and fenced by the sequence number that the
// writer expects to be the last.
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

// DefaultMaxBatch is the maximum number of messages in an atomic batch of a nats-server with
// the default configuration.
const DefaultMaxBatch = 1000

// A Journal writes one dataset's stream. It has no state: the stream tells what was
// published.
type Journal struct {
	js       jetstream.JetStream
	dataset  string
	maxBatch int
	replicas int // that the stream has
	// Reader reads the stream back.
	*stream.Reader
}

// Config is the configuration of a Journal.
type Config struct {
	Dataset  string
	Replicas int // of a stream that does not exist yet; 0 means 1
	// Chosen is recorded in the stream unless it is zero: the time at which an operator
	// asked for it although the dataset has another stream.
	Chosen   time.Time
	MaxBatch int // messages in an atomic batch; 0 means DefaultMaxBatch
}

// Open opens a dataset's stream, and creates it if needed. It returns an error for an
// existing stream whose configuration could lose changes.
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

// Of opens the stream of a reader, with the same check of the configuration that the reader
// last read.
func Of(js jetstream.JetStream, reader *stream.Reader, c Config) (*Journal, error) {
	config := reader.Config()
	if c.MaxBatch <= 0 {
		c.MaxBatch = DefaultMaxBatch
	}
	return &Journal{js: js, dataset: c.Dataset, maxBatch: c.MaxBatch, replicas: config.Replicas, Reader: reader}, stream.Check(config)
}

// configOf returns a stream's configuration with the time at which it was chosen.
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

// appearLimit is the time limit for a new stream to be known on all servers of a cluster.
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

// MaxBatch returns the maximum number of events that are published all or none.
func (j *Journal) MaxBatch() int { return j.maxBatch }
