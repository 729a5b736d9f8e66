package ops

import (
	"errors"
	"fmt"
	"time"
)

// longFailing is for how long the worker's passes may fail before the process
// is not ready: a push to GitHub that is under way, or a broker that elects a
// leader, is over by then.
const longFailing = 5 * time.Minute

// Ready returns why the process cannot do its work, or nil. What it shows
// already it goes on showing either way.
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
		if since := s.Time.Sub(w.Failing); !w.Failing.IsZero() && since >= longFailing {
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
		if c.Position.Sequence == 0 {
			return fmt.Errorf("the channel %s shows nothing yet", c.Channel)
		}
	}
	return nil
}
