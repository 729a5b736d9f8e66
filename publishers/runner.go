package publishers

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"netsync/schema/event"
	"netsync/schema/failpoint"
	"netsync/schema/stream"
)

// A Config configures a Runner.
type Config struct {
	Channel Channel
	// Open opens the stream. The runner waits while it returns
	// stream.ErrNoStream.
	Open func(ctx context.Context) (*stream.Reader, error)
	// Follows, if set, is the runner of a channel that must show each edition
	// first: a feed waits for the website that it links to. While that is held,
	// so is this one.
	Follows *Runner
	// Dir, if set, is the folder with the channel's releases and its hold.
	Dir string
	// Shown, if set, is called when the status may have changed. It must not
	// block.
	Shown func()
	Log   *zap.Logger
	Now   func() time.Time // nil means time.Now
}

// Validate reports what is missing.
func (c Config) Validate() error {
	if c.Channel == nil || c.Open == nil || c.Log == nil {
		return errors.New("publishers: a runner needs a channel, a stream and a log")
	}
	return nil
}

// A Runner keeps one channel up to date with the stream.
type Runner struct {
	Config

	// publishing is held while the channel publishes.
	publishing sync.Mutex
	// afresh is set if the channel must be built from the whole stream.
	afresh atomic.Bool

	mu     sync.Mutex
	status Status
	moved  chan struct{} // closed and replaced when status changes
}

// Status is the state of a runner.
type Status struct {
	Channel  string         `json:"channel"`
	Position event.Position `json:"position"` // what the channel shows
	// Published is when the runner published Position; zero if the channel
	// showed it already.
	Published time.Time `json:"published,omitzero"`
	Error     string    `json:"error,omitempty"`
	// Unreadable is set while the runner fails because it cannot read the stream.
	Unreadable bool      `json:"unreadable,omitempty"`
	Failing    time.Time `json:"failing_since,omitzero"`
	Held       *Hold     `json:"held,omitempty"` // nil if it is not held
	// Remade is set if the channel showed a stream that was deleted and made
	// again, and was rebuilt from the present one.
	Remade *Remade `json:"remade,omitempty"`
}

// NewRunner returns a runner; Run starts it.
func NewRunner(c Config) (*Runner, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Runner{Config: c, status: Status{Channel: c.Channel.Name()}, moved: make(chan struct{})}, nil
}

// Compare compares the channel's position with the stream, before the worker
// publishes to it again. A channel that is ahead shows changes that the stream
// has lost; new ones may take their sequence numbers. Run rebuilds such a
// channel.
func (r *Runner) Compare(ctx context.Context) error {
	shown, err := r.Channel.Position(ctx)
	if err != nil {
		return fmt.Errorf("ask %s for its position: %w", r.Channel.Name(), err)
	}
	var last event.Seq
	reader, err := r.Open(ctx)
	if errors.Is(err, stream.ErrNoStream) && shown.Sequence > 0 {
		r.Log.Warn("the channel shows a dataset whose stream is gone from the broker, and is rebuilt when it is published again. "+
			"If this is not intended, stop before the worker creates a new stream, and see netsync restore",
			zap.String("dataset", shown.Dataset), zap.Uint64("seq", uint64(shown.Sequence)))
		r.afresh.Store(true)
		return nil
	}
	if err == nil {
		if _, same := reader.Same(shown); !same {
			return nil // Run notices and rebuilds it
		}
		last, err = reader.Last(ctx)
	}
	if err != nil && !errors.Is(err, stream.ErrNoStream) {
		return err
	}
	if shown.Sequence > last {
		r.Log.Warn("the channel is ahead of the stream, which has lost its end; the channel is rebuilt",
			zap.Uint64("seq", uint64(shown.Sequence)), zap.Uint64("last", uint64(last)))
		r.afresh.Store(true)
	}
	return nil
}

// Pauses between retries: short at first, since the stream usually appears soon
// after a first start.
const (
	minPause = 100 * time.Millisecond
	maxPause = time.Minute
)

// Run publishes one edition after another until ctx ends, and then returns nil.
// After a failure it starts again from the position that the channel shows.
func (r *Runner) Run(ctx context.Context) error {
	pause := minPause
	for {
		began := r.Now()
		err := r.findHold(ctx)
		if err == nil {
			err = r.followUnlessHeld(ctx)
		}
		if ctx.Err() != nil {
			return nil
		}
		if r.Now().Sub(began) > maxPause {
			pause = minPause
		}
		r.recordFailure(err, pause)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
		if pause *= 2; errors.Is(err, stream.ErrNoStream) {
			pause = min(pause, time.Second)
		}
		pause = min(pause, maxPause)
	}
}

func (r *Runner) recordFailure(err error, pause time.Duration) {
	if errors.Is(err, stream.ErrNoStream) {
		return
	}
	r.Log.Error("channel failed", zap.Error(err), zap.Duration("retry_in", pause))
	r.update(func(s *Status) {
		s.Error = err.Error()
		_, s.Unreadable = errors.AsType[*readError](err)
		if s.Failing.IsZero() {
			s.Failing = r.Now()
		}
	})
}

// A readError reports that the stream cannot be read.
type readError struct{ err error }

func (e *readError) Error() string { return e.err.Error() }
func (e *readError) Unwrap() error { return e.err }

// publishNew publishes an edition that the channel does not show yet.
func (r *Runner) publishNew(ctx context.Context, e Edition) error {
	if err := r.waitForLeader(ctx, e.Position.Sequence); err != nil {
		return fmt.Errorf("wait for what %s follows: %w", r.Channel.Name(), err)
	}
	r.publishing.Lock()
	defer r.publishing.Unlock()
	if r.isHeld() {
		return errHeld
	}
	shown, err := r.Channel.Position(ctx)
	if err != nil {
		return fmt.Errorf("ask %s for its position: %w", r.Channel.Name(), err)
	}
	if !e.Fresh {
		e.Entries = entriesAfter(e.Entries, shown.Sequence)
		if len(e.Entries) == 0 && shown == e.Position {
			r.recordPosition(shown)
			return nil
		}
	}
	if err = failpoint.Hit("channel: publish"); err == nil {
		err = r.Channel.Publish(ctx, e)
	}
	if err == nil {
		err = failpoint.Hit("channel: published")
	}
	if err != nil {
		return fmt.Errorf("publish %s to %s: %w", e.Position.Changeset, r.Channel.Name(), err)
	}
	r.afresh.Store(false)
	r.Log.Info("published", zap.String("changeset", e.Position.Changeset), zap.String("trace_id", event.TraceID(e.Position.Changeset)),
		zap.Uint64("seq", uint64(e.Position.Sequence)), zap.Int("changesets", len(e.Entries)))
	r.recordPosition(e.Position)
	return nil
}

// republish publishes the current edition again.
func (r *Runner) republish(ctx context.Context, e Edition) error {
	r.publishing.Lock()
	defer r.publishing.Unlock()
	if r.isHeld() {
		return errHeld
	}
	if err := r.Channel.Publish(ctx, e); err != nil {
		return fmt.Errorf("publish %s to %s again: %w", e.Position.Changeset, r.Channel.Name(), err)
	}
	r.update(func(s *Status) { s.Position, s.Error, s.Unreadable, s.Failing = e.Position, "", false, time.Time{} })
	return nil
}

// entriesAfter removes the entries that a concurrent rebuild has published.
func entriesAfter(entries []Entry, shown event.Seq) []Entry {
	for len(entries) > 0 && entries[0].Sequence <= shown {
		entries = entries[1:]
	}
	return entries
}

func (r *Runner) recordPosition(p event.Position) {
	r.update(func(s *Status) {
		if s.Position != p {
			s.Position, s.Published = p, r.Now()
		}
		s.Error, s.Unreadable, s.Failing = "", false, time.Time{}
	})
}

func (r *Runner) update(change func(*Status)) {
	r.mu.Lock()
	change(&r.status)
	close(r.moved)
	r.moved = make(chan struct{})
	r.mu.Unlock()
	if r.Shown != nil {
		r.Shown()
	}
}

// Status returns the state of the runner.
func (r *Runner) Status() Status {
	held := r.HeldBack()
	r.mu.Lock()
	defer r.mu.Unlock()
	status := r.status
	status.Held = held
	return status
}

// Wait waits until the channel shows the changeset event with that sequence
// number, or a later one. If the channel is held, Wait returns a *HeldError at
// once. If ctx ends first, the error gives the reason for the delay.
func (r *Runner) Wait(ctx context.Context, seq event.Seq) error {
	for {
		r.mu.Lock()
		status, moved := r.status, r.moved
		r.mu.Unlock()
		if status.Position.Sequence >= seq {
			return nil
		}
		if hold := r.HeldBack(); hold != nil {
			return &HeldError{status.Channel, *hold}
		}
		select {
		case <-moved:
		case <-ctx.Done():
			if status.Error != "" {
				return fmt.Errorf("%s: %s", status.Channel, status.Error)
			}
			return fmt.Errorf("%s shows message %d, not yet %d: %w", status.Channel, status.Position.Sequence, seq, ctx.Err())
		}
	}
}
