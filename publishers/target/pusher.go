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

// A PusherConfig is what a Pusher works with.
type PusherConfig struct {
	Target Target
	// Site takes the site as it is now. While the error is fs.ErrNotExist,
	// there is nothing to push.
	Site func(ctx context.Context) (*Site, error)
	// Explain tells what changes between what a target shows and a site.
	Explain func(ctx context.Context, from, to event.Position) (Message, error)
	// Every is how often the target is looked at without a wake; 0 means ten
	// minutes.
	Every time.Duration
	Log   *zap.Logger
	Now   func() time.Time // nil means time.Now
}

// A Pusher keeps one target at what the site is now.
type Pusher struct {
	PusherConfig

	pushing sync.Mutex
	woken   chan struct{}

	mu     sync.Mutex
	status Status
	moved  chan struct{} // closed and replaced when status changes
}

// Status is what a pusher last did.
type Status struct {
	Target   string         `json:"target"`
	Address  string         `json:"address"`
	Position event.Position `json:"position"` // what the target shows, as far as is known
	// Pushed is when this process last changed the target; zero before it
	// does.
	Pushed  time.Time `json:"pushed,omitzero"`
	Error   string    `json:"error,omitempty"`
	Failing time.Time `json:"failing_since,omitzero"`
	Retry   time.Time `json:"retry_at,omitzero"` // where it fails
}

// NewPusher makes a pusher; Run starts it.
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

// Wake says that the site may have changed. It never waits.
func (p *Pusher) Wake() {
	select {
	case p.woken <- struct{}{}:
	default: // one is enough: the newest site is taken when its turn comes
	}
}

// Pauses between tries.
const (
	minPause = time.Second
	maxPause = 5 * time.Minute
)

// Run pushes whenever it is woken, and every while, until ctx ends, and
// returns nil then. After a failure it tries again with growing pauses; a wake
// ends a pause, unless the target has asked for it.
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

// Again pushes once more without relying on anything remembered, whether or
// not Run is under way.
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

// Status returns what the pusher last did.
func (p *Pusher) Status() Status {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.status
}

// A FailingError is a target that does not come to show what it should.
type FailingError struct {
	Target, Problem string
}

func (e *FailingError) Error() string {
	return fmt.Sprintf("the target %s does not show it yet: %s", e.Target, e.Problem)
}

// Wait returns when the target shows the changeset event with that sequence
// number, or a later one. One that fails is waited for as long as patience
// lasts; the error is a *FailingError then, and when ctx ends first.
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
