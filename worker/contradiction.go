package worker

import (
	"context"
	"errors"
	"fmt"

	"netsync/schema/stream"
	"netsync/worker/journal"
)

// detectDamage replaces the error of a pass that was fenced repeatedly although
// no other worker published. A broker with damaged files behaves so: it shows
// the messages that it can read, but counts all. Other errors are returned
// unchanged.
func (w *Worker) detectDamage(ctx context.Context, err error) error {
	if !errors.Is(err, journal.ErrFenced) || w.reader == nil {
		return err
	}
	last, tailErr := w.reader.Last(ctx)
	if tailErr != nil || last != w.seen {
		return err
	}
	return &stream.DamagedError{
		Stream:  stream.Name(w.reader.Dataset()),
		Problem: fmt.Sprintf("it ends with message %d, and the broker does not let one follow (%v)", last, err),
	}
}
