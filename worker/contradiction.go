package worker

import (
	"context"
	"errors"
	"fmt"

	"netsync/schema/stream"
	"netsync/worker/journal"
)

// contradiction looks at a pass that was fenced off again and again, although
// the tail that it read back is the one that it wrote behind. A broker whose
// files are damaged answers so: it shows the messages that it can read and
// counts those that it cannot. Any other error stays as it is.
func (w *Worker) contradiction(ctx context.Context, err error) error {
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
