package target

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/google/go-github/v60/github"
)

// Limits of a conversation with GitHub's API.
const (
	requestLimit = 2 * time.Minute
	maxAnswer    = 64 << 20
	writePause   = time.Second // what GitHub asks to leave between two writes
	leftAlone    = time.Minute // where GitHub asks for it and does not say how long
)

// A gitHubWay is the way to GitHub's API: it shows the token to that host and
// to no other, and writes one thing at a time with a pause between.
type gitHubWay struct {
	base  http.RoundTripper
	host  string
	token string
	pause func(ctx context.Context, d time.Duration) error

	mu    sync.Mutex // held while something is written
	wrote time.Time
}

func newGitHubWay(c GitHubConfig) *gitHubWay {
	w := &gitHubWay{base: c.Transport, token: c.Token, pause: c.Pause}
	if u, err := url.Parse(c.APIURL); err == nil { // Validate has seen it
		w.host = u.Host
	}
	if w.base == nil {
		w.base = http.DefaultTransport
	}
	if w.pause == nil {
		w.pause = sleep
	}
	return w
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// RoundTrip implements http.RoundTripper.
func (w *gitHubWay) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host != w.host {
		return nil, fmt.Errorf("GitHub sends to %s, which is not asked", r.URL.Host)
	}
	if r.Method != http.MethodGet {
		w.mu.Lock()
		defer w.mu.Unlock()
		if since := time.Since(w.wrote); since < writePause {
			if err := w.pause(r.Context(), writePause-since); err != nil {
				return nil, err
			}
		}
		defer func() { w.wrote = time.Now() }()
	}
	ctx, cancel := context.WithTimeout(r.Context(), requestLimit)
	r = r.Clone(ctx)
	r.Header.Set("Authorization", "Bearer "+w.token)
	answer, err := w.base.RoundTrip(r)
	if err != nil {
		cancel()
		return nil, err
	}
	answer.Body = &answerBody{io.LimitReader(answer.Body, maxAnswer), answer.Body, cancel}
	return answer, nil
}

// An answerBody is what is read of an answer. The time that a request may take
// ends with it.
type answerBody struct {
	io.Reader
	io.Closer
	cancel context.CancelFunc
}

func (b *answerBody) Close() error {
	defer b.cancel()
	return b.Closer.Close()
}

// asLater makes a LaterError of GitHub's wish to be left alone.
func asLater(err error) error {
	if limit, ok := errors.AsType[*github.RateLimitError](err); ok {
		return &LaterError{untilReset(limit.Rate.Reset.Time), err}
	}
	if limit, ok := errors.AsType[*github.AbuseRateLimitError](err); ok {
		if limit.RetryAfter != nil {
			return &LaterError{max(*limit.RetryAfter, time.Second), err}
		}
		return &LaterError{leftAlone, err}
	}
	answer, ok := errors.AsType[*github.ErrorResponse](err)
	if !ok || answer.Response == nil {
		return err
	}
	h := answer.Response.Header
	if seconds, convErr := strconv.Atoi(h.Get("Retry-After")); convErr == nil {
		return &LaterError{time.Duration(max(seconds, 1)) * time.Second, err}
	}
	if answer.Response.StatusCode == http.StatusTooManyRequests {
		return &LaterError{leftAlone, err}
	}
	return err
}

// untilReset is a second longer than it need be: the reset is given in whole
// seconds, of another clock.
func untilReset(t time.Time) time.Duration { return max(time.Until(t), 0) + time.Second }
