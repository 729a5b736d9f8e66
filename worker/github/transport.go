package github

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// Limits of a conversation with the API.
const (
	requestLimit = 30 * time.Second
	// maxAnswer bounds what is read of an answer.
	maxAnswer = 8 << 20
	// writePause is what GitHub asks to leave between two writes.
	writePause = time.Second
	// accept is what GitHub recommends, and what it describes. The library
	// asks for forms that came before.
	accept = "application/vnd.github+json, application/json;q=0.9"
)

// A credential says who is asking.
type credential interface {
	// authorization returns the value of the header of that name.
	authorization(ctx context.Context) (string, error)
	// refused says that GitHub did not take it.
	refused()
}

// A token is a credential that somebody made by hand.
type token string

func (t token) authorization(context.Context) (string, error) { return "Bearer " + string(t), nil }
func (t token) refused()                                      {}

// A transport is the way to GitHub's API: it shows the credential to that host
// and to no other, reads only what is new, and keeps a pause between writes.
type transport struct {
	base http.RoundTripper
	host string
	by   credential
	pace *pace
	kept *kept
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host != t.host {
		return nil, fmt.Errorf("GitHub sends to %s, which is not asked", r.URL.Host)
	}
	authorization, err := t.by.authorization(r.Context())
	if err != nil {
		return nil, err
	}
	if r.Method != http.MethodGet {
		if err := t.pace.wait(r.Context()); err != nil {
			return nil, err
		}
		defer t.pace.done()
	}
	ctx, cancel := context.WithTimeout(r.Context(), requestLimit)
	r = r.Clone(ctx)
	r.Header.Set("Authorization", authorization)
	r.Header.Set("Accept", accept)
	answer, err := t.kept.roundTrip(t.base, r)
	if err != nil {
		cancel()
		return nil, err
	}
	if answer.StatusCode == http.StatusUnauthorized {
		t.by.refused()
	}
	answer.Body = &body{io.LimitReader(answer.Body, maxAnswer), answer.Body, cancel}
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

// A pace lets one write after the other through, with a pause between.
type pace struct {
	mu   sync.Mutex // held during a write
	last time.Time
}

// wait returns when a write may begin. Unless it fails, done must follow.
func (p *pace) wait(ctx context.Context) error {
	p.mu.Lock()
	timer := time.NewTimer(time.Until(p.last.Add(writePause)))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		p.mu.Unlock()
		return ctx.Err()
	}
}

func (p *pace) done() {
	p.last = time.Now()
	p.mu.Unlock()
}

// Bounds of what is kept of answers.
const (
	maxKept     = 256
	maxKeptBody = 1 << 20
)

// kept holds answers that can be asked for on condition that they changed
// (RFC 9110 §13.1.2): GitHub does not count an answer that they did not.
type kept struct {
	mu      sync.Mutex
	answers map[string]keptAnswer
}

type keptAnswer struct {
	tag    string
	header http.Header
	body   []byte
}

func (k *kept) roundTrip(base http.RoundTripper, r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodGet {
		return base.RoundTrip(r)
	}
	k.mu.Lock()
	before, has := k.answers[r.URL.String()]
	k.mu.Unlock()
	if has {
		r.Header.Set("If-None-Match", before.tag)
	}
	answer, err := base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if has && answer.StatusCode == http.StatusNotModified {
		answer.Body.Close()
		return before.again(answer), nil
	}
	return answer, k.keep(r.URL.String(), answer)
}

// again makes the answer to be had from one that says that it did not change.
func (a keptAnswer) again(unchanged *http.Response) *http.Response {
	header := a.header.Clone()
	for name, values := range unchanged.Header {
		header[name] = values
	}
	unchanged.Status, unchanged.StatusCode = "200 OK", http.StatusOK
	unchanged.Header = header
	unchanged.Body, unchanged.ContentLength = io.NopCloser(bytes.NewReader(a.body)), int64(len(a.body))
	return unchanged
}

// keep remembers an answer that has a tag and is not too large. Where there is
// no more room, all is forgotten, which costs no more than asking again.
func (k *kept) keep(url string, answer *http.Response) error {
	tag := answer.Header.Get("ETag")
	if tag == "" || answer.StatusCode != http.StatusOK {
		return nil
	}
	data, err := io.ReadAll(io.LimitReader(answer.Body, maxKeptBody+1))
	if err != nil {
		answer.Body.Close()
		return err
	}
	answer.Body = &body{io.MultiReader(bytes.NewReader(data), answer.Body), answer.Body, func() {}}
	if len(data) > maxKeptBody {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.answers == nil || len(k.answers) >= maxKept {
		k.answers = make(map[string]keptAnswer)
	}
	k.answers[url] = keptAnswer{tag, answer.Header.Clone(), data}
	return nil
}
