// Package worker turns commits into events. A pass reads the tip of the branch,
// updates and checks the snapshot of the dataset, compares it with the
// published state, and appends the differences to the stream as one changeset.
//
// A pass does not rely on what the worker remembers: it compares the wanted
// with the published state. So a lost wake-up, a crash between two steps, a
// rewritten history and a second worker all lead to the same result.
package worker

import (
	"errors"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"

	"netsync/schema/stream"
	"netsync/worker/git"
)

// A Config holds the settings of a Worker.
type Config struct {
	Git       git.Config
	Path      string    // folder of the dataset in the repository; "" is the root
	OnInvalid OnInvalid // "" means KeepLastGood
	JetStream jetstream.JetStream
	// Dataset is the id that the manifest must have. If it is "", the id that
	// the dataset was published with is required.
	Dataset string
	// Exclusive is set if the broker serves this dataset only.
	Exclusive bool
	Replicas  int // of a new stream
	MaxBatch  int // the broker's maximum of messages in an atomic batch
	// Report is called after every successful pass except dry runs, before the
	// next one begins. It may be nil, and must not block.
	Report  func(Result)
	Observe Observer
	// OnSetAside is called with each message of the stream that is not an event
	// of the dataset. It may be nil.
	OnSetAside func(stream.Message)
	Log        *zap.Logger
	Now        func() time.Time // nil means time.Now
}

// OnInvalid is the effect of errors in records.
type OnInvalid string

// Effects of errors in records. A broken manifest always holds the commit.
const (
	KeepLastGood OnInvalid = "quarantine" // hold the record; the others go live
	Reject       OnInvalid = "reject"     // hold the whole commit
)

// Validate reports a missing setting.
func (c Config) Validate() error {
	if c.JetStream == nil || c.Log == nil {
		return errors.New("worker: a broker and a log are needed")
	}
	return c.Git.Validate()
}
