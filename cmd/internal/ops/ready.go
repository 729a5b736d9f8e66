package ops

import (
	"errors"
	"fmt"
	"time"

	"netsync/worker"
)

const (
	// longUnreachable is how long the repository may be unreachable while the
	// process is ready.
	longUnreachable = 5 * time.Minute
	// longStuck is how long a part with work may make no progress: a broker
	// that elects a leader is back by then.
	longStuck = time.Minute
)

// Ready returns why the process cannot do its work, or nil. It keeps serving
// the current releases either way.
func (s Status) Ready() error {
	switch {
	case !s.Process.Connected:
		return errors.New("the broker is not connected")
	case s.Stream.Error != "":
		return fmt.Errorf("the stream cannot be read: %s", s.Stream.Error)
	case s.Stream.Unwritable != "":
		return fmt.Errorf("the stream cannot be written: %s", s.Stream.Unwritable)
	}
	if w := s.Worker; w != nil {
		if w.Cause == worker.CauseStream {
			return fmt.Errorf("the worker cannot read the stream: %s", w.Error)
		}
		limit := longStuck
		if w.Cause == worker.CauseRepository {
			limit = longUnreachable
		}
		if since := s.Time.Sub(w.Failing); !w.Failing.IsZero() && since >= limit {
			return fmt.Errorf("the worker has been failing for %s: %s", Span(since), w.Error)
		}
		if w.Checked.IsZero() && w.Error != "" {
			return fmt.Errorf("the worker's first pass failed: %s", w.Error)
		}
		if w.Checked.IsZero() {
			return errors.New("the worker has not finished its first pass")
		}
	}
	for _, c := range s.Channels {
		if err := c.checkCurrent(s.Time, s.Process.Started); err != nil {
			return err
		}
	}
	return nil
}

// checkCurrent returns why a channel of a process that started at a time is not
// kept current, or nil. An operator's hold is no reason.
func (c Channel) checkCurrent(now, started time.Time) error {
	progressed := started
	if c.Published.After(started) {
		progressed = c.Published
	}
	switch {
	case c.Unreadable:
		return fmt.Errorf("the channel %s cannot read the stream: %s", c.Channel, c.Error)
	case c.Position.Sequence == 0:
		return fmt.Errorf("the channel %s shows nothing yet", c.Channel)
	case c.Held != nil:
		return nil
	case !c.Failing.IsZero() && now.Sub(c.Failing) >= longStuck:
		return fmt.Errorf("the channel %s has been failing for %s: %s", c.Channel, Span(now.Sub(c.Failing)), c.Error)
	case c.Behind() >= longStuck && now.Sub(progressed) >= longStuck:
		return fmt.Errorf("the channel %s is %s behind and makes no progress", c.Channel, Span(c.Behind()))
	}
	return nil
}
