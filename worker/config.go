// Package worker turns commits into events. One pass reads where the branch
// is, brings the snapshot there, checks it, compares it with what the stream
// says was published, and appends what differs as one changeset.
//
// Nothing is decided by what the worker remembers having done: every pass
// compares what should be with what is, so a lost wake-up, a crash between two
// steps, a rewritten history and a second worker all end in the same place.
package worker

import (
	"errors"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"

	"netsync/schema/stream"
	"netsync/worker/git"
)

// A Config is what a Worker works with.
type Config struct {
	Git       git.Config
	Path      string    // folder of the dataset in the repository; "" is the root
	OnInvalid OnInvalid // "" means KeepLastGood
	JetStream jetstream.JetStream
	// Dataset is the id that the manifest must have; "" leaves it to what the
	// dataset was published under.
	Dataset string
	// Exclusive says that the broker serves this dataset alone.
	Exclusive bool
	Replicas  int // of a stream that does not exist yet
	MaxBatch  int // messages that the broker takes in one atomic batch
	// Report hears of every pass that did not fail, but for dry runs, before
	// the next one begins; nil where nobody wants to know. It must not block.
	Report  func(Result)
	Observe Observer
	// OnSetAside, if not nil, is called with each message of the stream that is
	// not an event of the dataset.
	OnSetAside func(stream.Message)
	Log        *zap.Logger
	Now        func() time.Time // nil means time.Now
}

// OnInvalid says what errors in records do.
type OnInvalid string

// What errors in records do. A broken manifest always holds the commit.
const (
	KeepLastGood OnInvalid = "quarantine" // hold the record; the others go live
	Reject       OnInvalid = "reject"     // hold the whole commit
)

// Validate reports what is missing.
func (c Config) Validate() error {
	if c.JetStream == nil || c.Log == nil {
		return errors.New("worker: a broker and a log are needed")
	}
	return c.Git.Validate()
}
