package target_test

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/zap"

	"netsync/publishers/release"
	"netsync/publishers/target"
	"netsync/schema/event"
)

// A slate is a target that a test holds in its hand.
type slate struct {
	shown  atomic.Uint64
	tries  atomic.Int64
	fail   atomic.Pointer[error]
	pushes chan struct{} // each push takes one; nil for no wait
}

func (s *slate) Name() string    { return "slate" }
func (s *slate) Address() string { return "a slate" }

func (s *slate) Shown(context.Context) (event.Position, error) { return event.Position{}, nil }

func (s *slate) Compare(context.Context, *target.Site) ([]release.Difference, error) { return nil, nil }

func (s *slate) Push(ctx context.Context, site *target.Site, _ bool, _ target.Explain) (bool, error) {
	if s.pushes != nil {
		select {
		case <-s.pushes:
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
	s.tries.Add(1)
	if err := s.fail.Load(); err != nil {
		return false, *err
	}
	s.shown.Store(uint64(site.Position.Sequence))
	return true, nil
}

// pusher runs a pusher on a slate.
func pusher(t *testing.T, s *slate, l *local, change func(*target.PusherConfig)) *target.Pusher {
	t.Helper()
	c := target.PusherConfig{
		Target: s,
		Site:   func(context.Context) (*target.Site, error) { return target.ReadSite(l.website, l.feed) },
		Explain: func(context.Context, event.Position, event.Position) (target.Message, error) {
			return target.Message{}, nil
		},
		Log: zap.NewNop(),
	}
	if change != nil {
		change(&c)
	}
	p, err := target.NewPusher(c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run() = %v", err)
		}
	})
	return p
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s does not come true", what)
		}
	}
}

func TestTheNewestSiteWins(t *testing.T) {
	t.Parallel()
	l, s := newLocal(t), &slate{pushes: make(chan struct{})}
	l.flip(map[string]string{"a": "1"})
	p := pusher(t, s, l, nil)
	s.pushes <- struct{}{}
	eventually(t, "the first push", func() bool { return s.shown.Load() == 1 })
	for range 5 {
		l.flip(map[string]string{"a": "1"})
		p.Wake()
	}
	close(s.pushes)
	if err := p.Wait(t.Context(), 6, 0); err != nil {
		t.Errorf("Wait() = %v", err)
	}
	eventually(t, "the last push", func() bool { return s.shown.Load() == 6 })
	if tries := s.tries.Load(); tries > 3 {
		t.Errorf("%d pushes for two sites that mattered", tries)
	}
}

func TestATargetThatFailsIsToldAndTriedAgain(t *testing.T) {
	t.Parallel()
	l, s := newLocal(t), &slate{}
	down := errors.New("the line is dead")
	s.fail.Store(&down)
	l.flip(map[string]string{"a": "1"})
	p := pusher(t, s, l, nil)
	eventually(t, "a failure", func() bool { return p.Status().Error != "" })
	if s := p.Status(); s.Failing.IsZero() || s.Retry.IsZero() || s.Position.Sequence != 0 {
		t.Errorf("Status() = %+v", s)
	}
	var failing *target.FailingError
	if err := p.Wait(t.Context(), 1, time.Millisecond); !errors.As(err, &failing) || !strings.Contains(err.Error(), "the line is dead") {
		t.Errorf("Wait() = %v", err)
	}
	s.fail.Store(nil)
	if err := p.Wait(t.Context(), 1, time.Minute); err != nil {
		t.Errorf("Wait() = %v", err)
	}
	if s := p.Status(); s.Error != "" || !s.Failing.IsZero() || s.Pushed.IsZero() {
		t.Errorf("Status() = %+v", s)
	}
}

func TestATargetThatAsksForItIsLeftAlone(t *testing.T) {
	t.Parallel()
	l, s := newLocal(t), &slate{}
	var later error = &target.LaterError{After: time.Hour, Err: errors.New("slow down")}
	s.fail.Store(&later)
	l.flip(map[string]string{"a": "1"})
	p := pusher(t, s, l, nil)
	eventually(t, "a failure", func() bool { return p.Status().Error != "" })
	for range 3 {
		p.Wake()
		time.Sleep(10 * time.Millisecond) // gives a wrong pusher time to try
	}
	if tries := s.tries.Load(); tries != 1 {
		t.Errorf("it was tried %d times", tries)
	}
}

func TestNothingIsPushedBeforeTheWebsiteShowsSomething(t *testing.T) {
	t.Parallel()
	l, s := newLocal(t), &slate{}
	looked := make(chan struct{}, 9)
	p := pusher(t, s, l, func(c *target.PusherConfig) {
		site := c.Site
		c.Site = func(ctx context.Context) (*target.Site, error) {
			made, err := site(ctx)
			if errors.Is(err, fs.ErrNotExist) {
				looked <- struct{}{}
			}
			return made, err
		}
	})
	<-looked
	l.flip(map[string]string{"a": "1"})
	p.Wake()
	if err := p.Wait(t.Context(), 1, 0); err != nil {
		t.Errorf("Wait() = %v", err)
	}
}

// A site whose release is taken away while it is pushed gives way to the one
// that came after it.
func TestAnOvertakenSiteGivesWay(t *testing.T) {
	t.Parallel()
	l := newLocal(t)
	l.website.Keep = -1
	old := l.flip(map[string]string{"a": "1"})
	l.flip(map[string]string{"a": "2"})
	if _, err := old.Read("a"); !errors.Is(err, target.ErrOvertaken) {
		t.Errorf("Read() = %v", err)
	}
	if data, err := l.site().Read("a"); err != nil || string(data) != "2" {
		t.Errorf("Read() = %q, %v", data, err)
	}
}
