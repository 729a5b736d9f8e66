package main

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

// countEvery is how often the subscribers are counted at most, countFirst how
// often it is looked whether there is a newsletter yet, and countLimit how long
// counting may take.
const (
	countEvery = time.Minute
	countFirst = time.Second
	countLimit = 30 * time.Second
	// Whoever asks by a command, perhaps after an import, wants to know it now;
	// but a process that answers late is not heard.
	countOnDemand = nextAnswer / 2
)

// audience remembers how many subscribers there are: whoever asks how the
// process fares, such as a probe, does not wait for the broker.
type audience struct {
	mu    sync.Mutex
	count *ops.Subscribers // nil where nobody has counted yet
	seq   event.Seq        // of the list, as it was counted
}

func (a *audience) status() *ops.Subscribers {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.count == nil {
		return nil
	}
	count := *a.count
	return &count
}

// look counts the subscribers, unless the list is as it was. The error is
// fs.ErrNotExist where nothing was published yet.
func (a *audience) look(ctx context.Context, letter *newsletter.Newsletter) error {
	list, ok, err := letter.FindSubscribers(ctx)
	if err != nil {
		return err
	}
	if !ok {
		a.set(subscribers.Count{}, 0)
		return nil
	}
	// What is written while they are counted is counted the next time.
	seq, err := list.Changed(ctx)
	if err != nil {
		return fmt.Errorf("count the subscribers: %w", err)
	}
	if a.counted(seq) {
		return nil
	}
	count, err := list.Count(ctx)
	if err != nil {
		return fmt.Errorf("count the subscribers: %w", err)
	}
	a.set(count, seq)
	return nil
}

func (a *audience) set(c subscribers.Count, seq event.Seq) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.count, a.seq = &ops.Subscribers{Counted: time.Now(), Active: c.Active, Suspended: c.Suspended}, seq
}

// counted reports whether the list was counted as it is, and notes that it still
// is so.
func (a *audience) counted(seq event.Seq) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.count == nil || a.seq != seq {
		return false
	}
	a.count.Counted = time.Now()
	return true
}

// countSubscribers keeps the number of subscribers up to date until ctx ends.
// While the broker is away it stays as it was.
func (n *node) countSubscribers(ctx context.Context, letter *newsletter.Newsletter) {
	failing := false
	for {
		pause := countEvery
		if n.nc.IsConnected() {
			err := n.countNow(ctx, letter)
			none := errors.Is(err, fs.ErrNotExist)
			if none {
				pause = countFirst
			}
			if err != nil && !none && !failing && ctx.Err() == nil {
				n.log.Warn("subscribers not counted", zap.Error(err))
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

// countForCommand counts for somebody who asks by a command; where that takes
// long, they see the numbers of before.
func (n *node) countForCommand(ctx context.Context) {
	letter := n.letter()
	if letter == nil || !n.nc.IsConnected() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, countOnDemand)
	defer cancel()
	if err := n.audience.look(ctx, letter); err != nil {
		n.log.Debug("subscribers not counted for a command", zap.Error(err))
	}
}

func (n *node) countNow(ctx context.Context, letter *newsletter.Newsletter) error {
	ctx, cancel := context.WithTimeout(ctx, countLimit)
	defer cancel()
	return n.audience.look(ctx, letter)
}
