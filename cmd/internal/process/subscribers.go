package process

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"time"

	"go.uber.org/zap"

	"netsync/cmd/internal/ops"
	"netsync/publishers/newsletter"
	"netsync/publishers/newsletter/subscribers"
	"netsync/schema/event"
)

// countEvery is the pause between two counts of the subscribers, countFirst the pause
// while nothing was published yet, and countLimit how long a count may take.
const (
	countEvery = time.Minute
	countFirst = time.Second
	countLimit = 30 * time.Second
	// countOnDemand bounds a count for a command, which does not wait for an answer
	// that comes late.
	countOnDemand = nextAnswer / 2
)

// A subscriberCounter remembers how many subscribers there are, so that a status does
// not wait for the broker.
type subscriberCounter struct {
	mu    sync.Mutex
	count *ops.Subscribers // nil before the first count
	seq   event.Seq        // of the list, as it was counted
}

func (a *subscriberCounter) readStatus() *ops.Subscribers {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.count == nil {
		return nil
	}
	count := *a.count
	return &count
}

// countIfChanged counts the subscribers if the list changed. The error is
// fs.ErrNotExist if nothing was published yet.
func (a *subscriberCounter) countIfChanged(ctx context.Context, letter *newsletter.Newsletter) error {
	list, ok, err := letter.FindSubscribers(ctx)
	if err != nil {
		return err
	}
	if !ok {
		a.setCount(subscribers.Count{}, 0)
		return nil
	}
	// What is written while they are counted is counted the next time.
	seq, err := list.Changed(ctx)
	if err != nil {
		return fmt.Errorf("count the subscribers: %w", err)
	}
	if a.isCounted(seq) {
		return nil
	}
	count, err := list.Count(ctx)
	if err != nil {
		return fmt.Errorf("count the subscribers: %w", err)
	}
	a.setCount(count, seq)
	return nil
}

func (a *subscriberCounter) setCount(c subscribers.Count, seq event.Seq) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.count, a.seq = &ops.Subscribers{Counted: time.Now(), Active: c.Active, Suspended: c.Suspended}, seq
}

// isCounted reports whether the list was counted in its present state, and notes the
// time.
func (a *subscriberCounter) isCounted(seq event.Seq) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.count == nil || a.seq != seq {
		return false
	}
	a.count.Counted = time.Now()
	return true
}

// countSubscribers keeps the number of subscribers up to date until ctx ends. It keeps
// the last number while the broker is away.
func (d *digestSender) countSubscribers(ctx context.Context) {
	failing := false
	for {
		pause := countEvery
		if d.Conn.IsConnected() {
			err := d.countNow(ctx)
			none := errors.Is(err, fs.ErrNotExist)
			if none {
				pause = countFirst
			}
			if err != nil && !none && !failing && ctx.Err() == nil {
				d.Log.Warn("subscribers not counted", zap.Error(err))
			}
			failing = err != nil && !none
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

// countForCommand counts for a command that asks for the status. A count that takes
// too long leaves the last numbers.
func (d *digestSender) countForCommand(ctx context.Context) {
	if !d.Conn.IsConnected() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, countOnDemand)
	defer cancel()
	if err := d.counter.countIfChanged(ctx, d.letter); err != nil {
		d.Log.Debug("subscribers not counted for a command", zap.Error(err))
	}
}

func (d *digestSender) countNow(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, countLimit)
	defer cancel()
	return d.counter.countIfChanged(ctx, d.letter)
}
