// Package stream defines how a dataset's events are stored in NATS JetStream,
// and reads them. The worker reads its own stream through it, as do publishers,
// commands and third-party programs.
package stream

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"netsync/schema/event"
)

const namePrefix = "netsync-"

// Name returns the name of a dataset's stream: netsync-<dataset>.
func Name(dataset string) string { return namePrefix + dataset }

// datasetOf returns the dataset of a stream; ok is false for other streams.
func datasetOf(stream string) (dataset string, ok bool) { return strings.CutPrefix(stream, namePrefix) }

// Config returns the configuration of a dataset's stream, with the given number
// of replicas.
//
// The stream keeps all messages, since it is the only state. Batches are
// atomic. Direct reads stay off: in a cluster a lagging replica may answer
// them, and the worker relies on what it reads.
func Config(dataset string, replicas int) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:               Name(dataset),
		Description:        "Changes of the dataset " + dataset,
		Subjects:           []string{event.AllSubjects(dataset)},
		Retention:          jetstream.LimitsPolicy,
		Discard:            jetstream.DiscardNew,
		Storage:            jetstream.FileStorage,
		Replicas:           max(replicas, 1),
		Duplicates:         2 * time.Minute,
		DenyDelete:         true,
		AllowAtomicPublish: true,
	}
}

// Check returns why an existing stream is not reliable, or nil.
func Check(config jetstream.StreamConfig) error {
	var problems []error
	refuse := func(bad bool, problem string) {
		if bad {
			problems = append(problems, errors.New(problem))
		}
	}
	refuse(!config.AllowAtomicPublish, "allow_atomic is off: a changeset could be published in part")
	refuse(config.PersistMode == jetstream.AsyncPersistMode, "persist_mode is async: an acknowledged changeset could be lost")
	refuse(config.Storage != jetstream.FileStorage, "storage is not file: a restart would lose everything")
	refuse(config.MaxAge > 0 || config.MaxMsgs > 0 || config.MaxBytes > 0 || config.MaxMsgsPerSubject > 0,
		"max_age, max_msgs, max_bytes or max_msgs_per_subject is set: old changes would be dropped")
	refuse(config.Retention != jetstream.LimitsPolicy, "retention is not limits: changes would be dropped once read")
	if len(problems) == 0 {
		return nil
	}
	return fmt.Errorf("stream %s is not set up for netsync: %w", config.Name, errors.Join(problems...))
}
