// Package githubapi is the way to GitHub's API for all that talk to it.
package githubapi

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// WritePause is what GitHub asks to leave between two writes of one token ("Best
// practices for using the REST API").
const WritePause = time.Second

// A Transport is an http.RoundTripper that shows a credential to one host and to
// no other, bounds what an answer may take, and keeps the pace of its token.
type Transport struct {
	Base      http.RoundTripper // nil means http.DefaultTransport
	Host      string
	Authorize func(context.Context) (string, error) // returns the header Authorization
	Pace      *Pace
	Timeout   time.Duration // of a request, its body included
	MaxAnswer int64         // bytes
}

// RoundTrip implements http.RoundTripper.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host != t.Host {
		return nil, fmt.Errorf("GitHub sends to %s, which is not asked", r.URL.Host)
	}
	authorization, err := t.Authorize(r.Context())
	if err != nil {
		return nil, err
	}
	if r.Method != http.MethodGet {
		if err := t.Pace.startWrite(r.Context()); err != nil {
			return nil, err
		}
		defer t.Pace.endWrite()
	}
	ctx, cancel := context.WithTimeout(r.Context(), t.Timeout)
	r = r.Clone(ctx)
	r.Header.Set("Authorization", authorization)
	base := t.Base
	if base == nil {
		base = http.DefaultTransport
	}
	answer, err := base.RoundTrip(r)
	if err != nil {
		cancel()
		return nil, err
	}
	answer.Body = &body{io.LimitReader(answer.Body, t.MaxAnswer), answer.Body, cancel}
	return answer, nil
}

// A body is what is read of an answer. The time that a request may take ends
// with it: not everybody closes one that was read to its end.
type body struct {
	io.Reader
	io.Closer
	done func()
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err != nil {
		b.done()
	}
	return n, err
}

func (b *body) Close() error {
	b.done()
	return b.Closer.Close()
}

// A Pace lets one write after the other through, WritePause apart. All that write
// with one token share one.
type Pace struct {
	// Sleep waits; nil waits for real.
	Sleep func(context.Context, time.Duration) error

	mu   sync.Mutex // held during a write
	last time.Time
}

// startWrite returns when a write may begin. Unless it fails, endWrite must follow.
func (p *Pace) startWrite(ctx context.Context) error {
	p.mu.Lock()
	sleep := p.Sleep
	if sleep == nil {
		sleep = sleepFor
	}
	rest := time.Until(p.last.Add(WritePause))
	if rest <= 0 {
		return nil
	}
	if err := sleep(ctx, rest); err != nil {
		p.mu.Unlock()
		return err
	}
	return nil
}

func (p *Pace) endWrite() {
	p.last = time.Now()
	p.mu.Unlock()
}

func sleepFor(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Paces has the pace of each token of a process. Its zero value is ready.
type Paces struct {
	mu  sync.Mutex
	all map[string]*Pace
}

// Of returns the pace of a token.
func (p *Paces) Of(token string) *Pace {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.all == nil {
		p.all = make(map[string]*Pace)
	}
	if p.all[token] == nil {
		p.all[token] = new(Pace)
	}
	return p.all[token]
}
