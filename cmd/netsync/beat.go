package main

import (
	"context"
	"fmt"
	"time"

	"netsync/cmd/internal/ops"
	"netsync/schema/event"
)

// A beat is what a worker says of itself.
type beat struct {
	Worker  string    `json:"worker"`
	Dataset string    `json:"dataset"`
	Since   time.Time `json:"since"`
	Wrote   event.Seq `json:"wrote"`          // the last message that it published
	Gone    bool      `json:"gone,omitempty"` // it ends, or its passes fail
}

// outranks reports whether a worker is rather the active one than another:
// who published last is or, before anybody did, who was there first.
func (b beat) outranks(other beat) bool {
	switch {
	case b.Wrote != other.Wrote:
		return b.Wrote > other.Wrote
	case !b.Since.Equal(other.Since):
		return b.Since.Before(other.Since)
	}
	return b.Worker < other.Worker
}

// beat is what this process's worker says of itself to others.
func (n *node) beat() beat {
	s := n.worker.Status()
	return beat{Dataset: s.Dataset, Since: n.started, Wrote: s.Wrote, Gone: s.Error != "" || s.Checked.IsZero()}
}

// tick makes the worker look because it is time to. One on standby lets the
// active one go first: two that look at once do the same work, one of them for
// nothing.
func (n *node) tick(ctx context.Context) {
	if n.standby != nil {
		n.standby.yield(ctx)
	}
	n.worker.Tick()
}

// answers reports whether the broker answers for the stream.
func (n *node) answers(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, beatEvery)
	defer cancel()
	var s ops.Stream
	n.tail(ctx, &s)
	return s.Error == ""
}

// standbyLine says why the worker of this process does not publish; "" where
// it does.
func (n *node) standbyLine() string {
	if n.standby == nil {
		return ""
	}
	active, ok := n.standby.behind()
	switch {
	case !ok:
		return ""
	case active.Wrote == 0:
		return "another worker was there first"
	}
	return fmt.Sprintf("another worker published up to message %d", active.Wrote)
}
