package newsletter

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"go.uber.org/zap"

	"netsync/schema/stream"
)

// Reasons for skipping a time of the schedule.
const (
	skippedLate = "late"
	skippedDone = "done"
)

// timerDelay is the maximum delay of a timer.
const timerDelay = time.Second

// RunDue sends the digest that the schedule requests at due. It handles each
// time of the schedule at most once. A time before the grace period is skipped:
// its changes go into the next digest.
func (n *Newsletter) RunDue(ctx context.Context, due time.Time) (Report, error) {
	if err := n.Ready(); err != nil {
		return Report{}, err
	}
	due = due.UTC().Truncate(time.Second)
	if n.Now().Sub(due) > n.Grace+timerDelay {
		n.Log.Info("digest skipped: its grace period is over", zap.Time("due", due))
		return Report{Skipped: skippedLate}, nil
	}
	done, err := n.isHandled(ctx, due)
	if err != nil {
		return Report{}, fmt.Errorf("newsletter: %w", err)
	}
	if done {
		return Report{Skipped: skippedDone}, nil
	}
	return n.send(ctx, due)
}

// Missed sends the digest for the last time of the schedule, if that was missed
// while no process ran: nothing was recorded for it, and the dataset existed at
// that time. Call it once, when a process has started and shows the stream's
// state.
func (n *Newsletter) Missed(ctx context.Context, due time.Time) (Report, error) {
	since, err := n.streamStart(ctx)
	if err != nil {
		return Report{}, fmt.Errorf("newsletter: %w", err)
	}
	if since.IsZero() || !since.Before(due) {
		return Report{Skipped: skippedDone}, nil
	}
	return n.RunDue(ctx, due)
}

func (n *Newsletter) isHandled(ctx context.Context, due time.Time) (bool, error) {
	p, err := n.readPending()
	if err != nil {
		return false, err
	}
	l, ok, err := n.findLedger(ctx, p.Position.Dataset)
	if err != nil || !ok {
		return false, err
	}
	h, err := l.readHistory(ctx)
	if err != nil {
		return false, err
	}
	passed, _, err := l.lastSlot(ctx)
	return !due.After(h.lastSlot()) || !due.After(passed.Due), err
}

// A Schedule returns the next time after t, or zero if there is none.
type Schedule interface{ Next(t time.Time) time.Time }

// Due returns the last time of a schedule, if it is within the grace period:
// the argument for RunDue and Missed.
func (n *Newsletter) Due(s Schedule) (time.Time, bool) {
	return Previous(s, n.Now(), n.Grace+timerDelay)
}

// Previous returns the last time of a schedule that is not after now and not
// before now minus limit, if any.
func Previous(s Schedule, now time.Time, limit time.Duration) (last time.Time, ok bool) {
	// Search nearby first: a schedule of minutes has many times a day.
	for back := min(time.Minute, limit); ; back = min(2*back, limit) {
		for t := s.Next(now.Add(-back - 1)); !t.IsZero() && !t.After(now); t = s.Next(t) {
			last, ok = t, true
		}
		if ok || back >= limit {
			return last, ok
		}
	}
}

// streamStart returns the time of the first changeset; zero if there is none
// yet.
func (n *Newsletter) streamStart(ctx context.Context) (time.Time, error) {
	p, err := n.readPending()
	if errors.Is(err, fs.ErrNotExist) {
		return time.Time{}, nil
	}
	if err != nil || n.JetStream == nil {
		return time.Time{}, err
	}
	reader, err := stream.Open(ctx, n.JetStream, p.Position.Dataset)
	if err != nil {
		return time.Time{}, err
	}
	m, _, err := reader.ChangesetAfter(ctx, 0)
	return m.Time, err
}
