package target

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"time"

	"go.uber.org/zap"

	"netsync/schema/event"
)

// A PusherConfig is the configuration of a Pusher.
type PusherConfig struct {
	Target Target
	// Site returns the present site. While the error is fs.ErrNotExist, there is nothing to
	// push.
	Site func(ctx context.Context) (*Site, error)
	// Explain describes the changes from the position of a target to that of a site.
	Explain func(ctx context.Context, from, to event.Position) (Message, error)
	// Every is the interval of comparisons without a wake; 0 means ten minutes.
	Every time.Duration
	Log   *zap.Logger
	Now   func() time.Time // nil means time.Now
}

// A Pusher keeps one target up to date with the site.
type Pusher struct {
	PusherConfig

	pushing sync.Mutex
	woken   chan struct{}

	mu     sync.Mutex
	status Status
	moved  chan struct{} // closed and replaced when status changes
}

// Status describes the last work of a pusher.
type Status struct {
	Target   string         `json:"target"`
	Address  string         `json:"address"`
	Position event.Position `json:"position"` // that the target shows, as far as known
	// Pushed is the time of the last change of the target by this process; zero if there is
	// none.
	Pushed  time.Time `json:"pushed,omitzero"`
	Error   string    `json:"error,omitempty"`
	Failing time.Time `json:"failing_since,omitzero"`
	Retry   time.Time `json:"retry_at,omitzero"` // if it fails
}

// NewPusher returns a pusher. Run starts it.
func NewPusher(c PusherConfig) (*Pusher, error) {
	if c.Target == nil || c.Site == nil || c.Explain == nil || c.Log == nil {
		return nil, errors.New("target: a pusher needs a target, a site, explanations and a log")
	}
	if c.Every == 0 {
		c.Every = 10 * time.Minute
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Pusher{
		PusherConfig: c,
		woken:        make(chan struct{}, 1),
		status:       Status{Target: c.Target.Name(), Address: c.Target.Address()},
		moved:        make(chan struct{}),
	}, nil
}

// Wake reports that the site may have changed. It does not block.
func (p *Pusher) Wake() {
	select {
	case p.woken <- struct{}{}:
	default: // one wake is enough: Run reads the newest site
	}
}

// Pauses between attempts.
const (
	minPause = time.Second
	maxPause = 5 * time.Minute
)

// Run pushes at each wake and at regular intervals until ctx ends, and returns nil. It
// retries a failed push after growing pauses. A wake ends a pause, unless the target asked
// for it.
func (p *Pusher) Run(ctx context.Context) error {
	pause := minPause
	for {
		err := p.push(ctx, false)
		if ctx.Err() != nil {
			return nil
		}
		wait, woken := p.Every, p.woken
		switch later := (*LaterError)(nil); {
		case errors.Is(err, ErrOvertaken):
			continue
		case errors.As(err, &later):
			wait, woken = later.After, nil
		case err != nil:
			wait, pause = pause, min(2*pause, maxPause)
		default:
			pause = minPause
		}
		if err != nil {
			p.recordFailure(err, wait)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-woken:
		case <-time.After(wait):
		}
	}
}

// Again pushes once, without relying on earlier comparisons. Run may be running or not.
func (p *Pusher) Again(ctx context.Context) error {
	err := p.push(ctx, true)
	for errors.Is(err, ErrOvertaken) {
		err = p.push(ctx, true)
	}
	if err != nil && ctx.Err() == nil {
		p.recordFailure(err, minPause)
		p.Wake()
	}
	return err
}

func (p *Pusher) push(ctx context.Context, afresh bool) error {
	p.pushing.Lock()
	defer p.pushing.Unlock()
	s, err := p.Site(ctx)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	explain := func(ctx context.Context, from event.Position) (Message, error) {
		return p.Explain(ctx, from, s.Position)
	}
	began := p.Now()
	changed, err := p.Target.Push(ctx, s, afresh, explain)
	if err != nil {
		return err
	}
	if changed {
		p.Log.Info("pushed", zap.String("target", p.Target.Name()), zap.String("changeset", s.Position.Changeset),
			zap.Uint64("seq", uint64(s.Position.Sequence)), zap.Duration("took", p.Now().Sub(began)))
	}
	p.update(func(st *Status) {
		if changed {
			st.Pushed = p.Now()
		}
		st.Position = s.Position
		st.Error, st.Failing, st.Retry = "", time.Time{}, time.Time{}
	})
	return nil
}

func (p *Pusher) recordFailure(err error, wait time.Duration) {
	p.Log.Error("target failed", zap.String("target", p.Target.Name()), zap.Error(err), zap.Duration("retry_in", wait))
	p.update(func(s *Status) {
		s.Error, s.Retry = err.Error(), p.Now().Add(wait)
		if s.Failing.IsZero() {
			s.Failing = p.Now()
		}
	})
}

func (p *Pusher) update(change func(*Status)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(&p.status)
	close(p.moved)
	p.moved = make(chan struct{})
}

// Status returns the status of the pusher.
func (p *Pusher) Status() Status {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.status
}

// A FailingError reports a target that does not show the expected changeset.
type FailingError struct {
	Target, Problem string
}

func (e *FailingError) Error() string {
	return fmt.Sprintf("the target %s does not show it yet: %s", e.Target, e.Problem)
}

// Wait returns when the target shows the changeset event with a sequence number, or a later
// one. The error is a *FailingError if the target fails for longer than patience, or if ctx
// ends first.
func (p *Pusher) Wait(ctx context.Context, seq event.Seq, patience time.Duration) error {
	enough := time.NewTimer(patience)
	defer enough.Stop()
	spent := false
	for {
		p.mu.Lock()
		status, moved := p.status, p.moved
		p.mu.Unlock()
		switch {
		case status.Position.Sequence >= seq && status.Error == "":
			return nil
		case status.Error != "" && spent:
			return &FailingError{status.Target, status.Error}
		}
		select {
		case <-moved:
		case <-enough.C:
			spent = true
		case <-ctx.Done():
			problem := status.Error
			if problem == "" {
				problem = "the push is under way"
			}
			return &FailingError{status.Target, problem}
		}
	}
}
