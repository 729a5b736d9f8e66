// Package publishers keeps channels in step with a dataset's stream. A
// channel is anything that shows the dataset to somebody; the Runner reads the
// stream, folds it, and hands the channel one Edition after another.
//
// A publisher knows no more of the worker than a stranger's subscriber does.
package publishers

import (
	"context"
	"time"

	"netsync/schema"
	"netsync/schema/event"
)

// A Channel shows the dataset somewhere.
type Channel interface {
	// Name is the channel's name in folders, logs and commands.
	Name() string
	// Position returns what the channel shows now; the zero Position where
	// it shows nothing yet.
	Position(ctx context.Context) (event.Position, error)
	// Publish makes the channel show an edition: all of it or, after an
	// error or a crash, what it showed before. Publishing an edition that
	// is shown already changes nothing.
	Publish(ctx context.Context, e Edition) error
}

// A Preparer is a channel that can make its next Publish cheap. The Runner calls
// Prepare when readers see an edition and nothing else waits; what is not
// prepared, Publish does at its own cost.
type Preparer interface {
	Prepare() error
}

// An Edition is what is true now, and what is new since the channel's
// Position. It and everything in it must not be changed, and not be used after
// Publish has returned.
type Edition struct {
	Position  event.Position
	Changeset *event.Changeset
	Manifest  *schema.Manifest
	State     *schema.State
	// Entries are the changesets after the channel's position, oldest
	// first. The last one is Changeset, unless there is nothing new.
	Entries []Entry
	// Fresh says that Entries begin with the first changeset of all, and
	// that nothing the channel kept is to be relied on.
	Fresh bool
	// Asset returns the bytes of an image that a record of State shows, by
	// the digest in its logo; they are those that the digest is of, and at
	// most schema.MaxImage. An error names the record, and is for Publish to
	// return: the edition comes again. It is never nil in an edition that a
	// Runner or Build hands over.
	Asset func(ctx context.Context, digest schema.Digest) ([]byte, error)
}

// An Entry is one changeset of the dataset's history.
type Entry struct {
	Changeset *event.Changeset
	Sequence  event.Seq // of the changeset event
	Time      time.Time // of the changeset event
	Changes   []*event.Change
}
