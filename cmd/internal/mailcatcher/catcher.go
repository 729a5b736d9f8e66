package mailcatcher

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"go.uber.org/zap"

	"netsync/schema/shared"
)

const (
	maxMessages   = 200
	maxBytes      = 10 << 20 // of one message
	maxRecipients = 100
)

// ErrUsed is returned by a second Run.
var ErrUsed = errors.New("mail catcher: Run was called before")

// AddrError is an address that the catcher does not listen on.
type AddrError struct {
	Addr   string
	Reason string
}

func (e *AddrError) Error() string {
	return fmt.Sprintf("mail catcher: address %q: %s; use for example 127.0.0.1:1025", e.Addr, e.Reason)
}

// Config is what a Catcher needs.
type Config struct {
	// Dir keeps the messages, an .eml file each. It is created where there
	// is none. Two running catchers must not share it.
	Dir string
	// Addr is a loopback address with a port, "127.0.0.1:0" for any port.
	Addr string
	// Listener is used in place of Addr where it is set, and closed by Run.
	// It must be on a loopback address, too.
	Listener net.Listener
	// Log takes a line for each message; nil for none.
	Log *zap.Logger
	// Now is the clock that names messages; nil for the real one.
	Now func() time.Time
}

// Validate finds what Run would refuse.
func (c Config) Validate() error {
	if c.Dir == "" {
		return errors.New("mail catcher: no folder for the messages")
	}
	if c.Listener != nil {
		return checkLoopback(c.Listener.Addr().String())
	}
	return checkLoopback(c.Addr)
}

// checkLoopback takes no names but localhost: a name can lead anywhere.
func checkLoopback(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return &AddrError{addr, err.Error()}
	}
	if !shared.IsLoopback(host) {
		return &AddrError{addr, "not a loopback address"}
	}
	return nil
}

// Catcher takes in mail while Run runs. Its other methods may be called at
// any time and by several goroutines.
type Catcher struct {
	cfg   Config
	store *store

	mu      sync.Mutex
	used    bool
	ready   chan struct{} // closed when addr or failure is set
	addr    string
	failure error
}

// New makes a Catcher. It starts nothing and touches nothing.
func New(cfg Config) *Catcher {
	if cfg.Log == nil {
		cfg.Log = zap.NewNop()
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Catcher{
		cfg:   cfg,
		store: &store{dir: cfg.Dir, now: cfg.Now},
		ready: make(chan struct{}),
	}
}

// Addr waits until the catcher listens and gives the address. Where it will
// not listen, the error is that of Run.
func (c *Catcher) Addr(ctx context.Context) (string, error) {
	select {
	case <-c.ready:
		return c.addr, c.failure
	case <-ctx.Done():
		return "", fmt.Errorf("wait for mail catcher: %w", ctx.Err())
	}
}

// Messages lists what was caught, the newest first. Before Run it is empty.
func (c *Catcher) Messages() []Message { return c.store.list() }

// Raw gives a message as it is kept: what was received, below a Return-Path
// and a Delivered-To for each recipient. The error is fs.ErrNotExist where
// there is no such message, or no more.
func (c *Catcher) Raw(id string) ([]byte, error) { return c.store.readFile(id) }

// Read gives the readable parts of a message. Like Raw, but a message that is
// no proper mail is not an error: its Content is empty.
func (c *Catcher) Read(id string) (Content, error) {
	data, err := c.Raw(id)
	if err != nil {
		return Content{}, err
	}
	return parseContent(data), nil
}

// Run loads the messages of earlier runs, listens, and takes in mail until
// the context ends. Then a message on its way has a second to arrive, and Run
// returns nil. It can be called once.
func (c *Catcher) Run(ctx context.Context) error {
	c.mu.Lock()
	used := c.used
	c.used = true
	c.mu.Unlock()
	if used {
		return ErrUsed
	}
	l, err := c.listen(ctx)
	if err != nil {
		c.failure = err
		close(c.ready)
		return err
	}
	c.addr = l.Addr().String()
	close(c.ready)
	return c.serve(ctx, l)
}

func (c *Catcher) listen(ctx context.Context) (net.Listener, error) {
	err := c.cfg.Validate()
	if err == nil {
		err = c.store.load()
	}
	if err != nil {
		if c.cfg.Listener != nil {
			c.cfg.Listener.Close()
		}
		return nil, err
	}
	if c.cfg.Listener != nil {
		return c.cfg.Listener, nil
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", c.cfg.Addr)
	if err != nil {
		return nil, fmt.Errorf("mail catcher: %w", err)
	}
	// localhost is what the resolver makes of it, so look at the result.
	if err := checkLoopback(l.Addr().String()); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}
