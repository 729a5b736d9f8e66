// Package publishers keeps channels up to date with a dataset's stream. A
// channel is anything that presents the dataset; the Runner reads the stream,
// folds it, and passes the channel one Edition after another.
//
// A publisher uses only what the stream offers to any subscriber.
package publishers

import (
	"context"
	"time"

	"netsync/schema"
	"netsync/schema/event"
)

// A Channel presents the dataset, such as a website.
type Channel interface {
	// Name returns the channel's name in folders, logs and commands.
	Name() string
	// Position returns the position that the channel shows, or the zero
	// Position if it shows nothing yet.
	Position(ctx context.Context) (event.Position, error)
	// Publish makes the channel show an edition. After an error or a crash it
	// shows either that or what it showed before. Publishing the current
	// edition again changes nothing.
	Publish(ctx context.Context, e Edition) error
}

// A Preparer is a channel that can prepare its next Publish to make it cheaper.
// The Runner calls Prepare when it has no edition to publish. Publish works
// without it, but takes longer.
type Preparer interface {
	Prepare() error
}

// An Edition is the current state and the changes since the channel's Position.
// It and its contents must not be changed, or used after Publish has returned.
type Edition struct {
	Position  event.Position
	Changeset *event.Changeset
	Manifest  *schema.Manifest
	State     *schema.State
	// Entries are the changesets after the channel's position, oldest
	// first. The last one is Changeset, unless there is nothing new.
	Entries []Entry
	// Fresh is set if Entries begin with the first changeset of the stream. The
	// channel must then ignore what it kept.
	Fresh bool
	// Asset returns an image that a record of State shows, by the digest in its
	// logo. The bytes match the digest and are at most schema.MaxImage. An
	// error names the record; if Publish returns it, the edition is retried.
	// Asset is never nil in an edition from a Runner or Build.
	Asset func(ctx context.Context, digest schema.Digest) ([]byte, error)
}

// An Entry is one changeset of the dataset's history.
type Entry struct {
	Changeset *event.Changeset
	Sequence  event.Seq // of the changeset event
	Time      time.Time // of the changeset event
	Changes   []*event.Change
}
