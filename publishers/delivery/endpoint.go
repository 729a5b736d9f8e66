package delivery

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"netsync/schema/stream"
)

// A Config is the configuration of an Endpoint.
type Config struct {
	Name   string // unique in the dataset
	Kind   Kind
	Filter Filter
	// Private are networks that are allowed although they are not of the public
	// internet.
	Private []netip.Prefix
	// Open opens the stream. The endpoint waits while it returns stream.ErrNoStream.
	Open      func(ctx context.Context) (*stream.Reader, error)
	JetStream jetstream.JetStream
	Log       *zap.Logger
	Now       func() time.Time // nil means time.Now
	// Pauses are the pauses before the next attempts; nil means those of Standard
	// Webhooks.
	Pauses []time.Duration
	// Timeout is how long a delivery may take; 0 means 20 seconds.
	Timeout time.Duration
}

// An Endpoint receives the changes that its filter selects. Any number of processes
// may run the same one: one of them makes each delivery.
type Endpoint struct {
	Config
	client *http.Client
	self   string
	wake   chan struct{}
	room   chan struct{}
	start  start // of Run; only the goroutine that reads the stream uses it
}

// New makes an endpoint; Run starts it.
func New(c Config) *Endpoint {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Pauses == nil {
		c.Pauses = pauses
	}
	if c.Timeout == 0 {
		c.Timeout = timeout
	}
	return newEndpoint(c, newDialer(c.Private))
}

func newEndpoint(c Config, d *net.Dialer) *Endpoint {
	transport := &http.Transport{
		DialContext:         d.DialContext,
		TLSHandshakeTimeout: 10 * time.Second,
		MaxIdleConns:        2,
		IdleConnTimeout:     time.Minute,
		// No proxy: it would connect to private addresses.
	}
	return &Endpoint{
		Config: c,
		client: &http.Client{Transport: transport, Timeout: c.Timeout, CheckRedirect: noRedirect},
		self:   rand.Text(),
		wake:   make(chan struct{}, 1),
		room:   make(chan struct{}, 1),
	}
}

func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// Pauses of an endpoint that cannot go on.
const (
	minPause = 200 * time.Millisecond
	maxPause = time.Minute
	longWait = time.Hour
	// look is how often a process looks for deliveries that another one left.
	look = 5 * time.Second
)

// Run reads the stream and makes deliveries until ctx ends, and returns nil then. A new
// endpoint receives the changes from the start of Run on.
func (e *Endpoint) Run(ctx context.Context) error {
	defer e.client.CloseIdleConnections()
	e.start.at = e.Now()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return e.retryUntilEnd(ctx, "read the stream for", e.read) })
	group.Go(func() error { return e.retryUntilEnd(ctx, "deliver to", e.deliverAll) })
	return group.Wait()
}

// retryUntilEnd calls do again, after growing pauses, as long as it fails.
func (e *Endpoint) retryUntilEnd(ctx context.Context, what string, do func(context.Context) error) error {
	pause := minPause
	for {
		began := e.Now()
		err := do(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if e.Now().Sub(began) > maxPause {
			pause = minPause
		}
		if err != nil && !errors.Is(err, stream.ErrNoStream) {
			e.Log.Error("webhooks stand still", zap.String("endpoint", e.Name), zap.Error(fmt.Errorf("%s %s: %w", what, e.Name, err)), zap.Duration("retry_in", pause))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
		pause = min(2*pause, maxPause)
	}
}

func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // it will look anyway
	}
}

// Replay makes deliveries again that were given up, those with some ids or all of
// them, and returns how many. It resumes an endpoint that was gone.
func (e *Endpoint) Replay(ctx context.Context, ids []string) (count int, err error) {
	r, err := e.Open(ctx)
	if err != nil {
		return 0, err
	}
	b, err := e.openBucket(ctx, r.Dataset())
	if err != nil {
		return 0, err
	}
	err = e.changeState(ctx, b, func(s *State, found bool) error {
		if !found {
			return stream.ErrUnchanged
		}
		count = s.replayDead(ids, e.Now())
		return nil
	})
	return count, err
}
