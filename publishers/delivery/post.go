package delivery

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"netsync/schema/event"
)

// timeout is how long an endpoint may take for a delivery (Standard Webhooks
// 1.0.0: 15 to 30 seconds).
const timeout = 20 * time.Second

// maxAfter is the longest pause that an endpoint may ask for.
const maxAfter = 24 * time.Hour

// A Kind of delivery posts messages to one address.
type Kind interface {
	// Host returns the host of the address, for people: the rest may be secret.
	Host() string
	// Request returns the request of one attempt to deliver a message.
	Request(ctx context.Context, m Message) (*http.Request, error)
}

// A Message is the content of a delivery: an event, or a notice of a Gap.
type Message struct {
	ID      string // the same for all attempts
	Dataset string
	Event   event.Event // if Gap is nil
	Gap     *Gap
	Sent    time.Time // of this attempt
}

// A result is the outcome of an attempt.
type result struct {
	ok     bool
	gone   bool          // for good
	after  time.Duration // the pause that the endpoint asks for
	reason string
}

// postMessage makes one attempt to deliver a message.
func (e *Endpoint) postMessage(ctx context.Context, m Message) result {
	m.Sent = e.Now()
	request, err := e.Kind.Request(ctx, m)
	if err != nil {
		return result{reason: err.Error()}
	}
	request.Header.Set("User-Agent", "netsync")
	response, err := e.client.Do(request)
	if err != nil {
		return result{reason: reasonOf(err)}
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 64<<10)) // so that the connection is used again
	switch {
	case response.StatusCode/100 == 2:
		return result{ok: true}
	case response.StatusCode == http.StatusGone:
		return result{gone: true, reason: "it answers " + response.Status}
	case response.StatusCode/100 == 3:
		return result{reason: fmt.Sprintf("it answers %s, and redirects are not followed: give the address that it leads to", response.Status)}
	}
	return result{after: retryAfter(response.Header, m.Sent), reason: "it answers " + response.Status}
}

// reasonOf returns an error without the address, which may have a secret in it.
func reasonOf(err error) string {
	var private *PrivateError
	if errors.As(err, &private) {
		return private.Error()
	}
	var at *url.Error
	if errors.As(err, &at) {
		err = at.Err
	}
	return err.Error()
}

// retryAfter returns the pause that an endpoint asks for (RFC 9110, 10.2.3).
func retryAfter(h http.Header, now time.Time) time.Duration {
	value := h.Get("Retry-After")
	var wait time.Duration
	if seconds, err := strconv.Atoi(value); err == nil {
		wait = time.Duration(min(seconds, int(maxAfter/time.Second))) * time.Second
	} else if at, err := http.ParseTime(value); err == nil {
		wait = at.Sub(now)
	}
	return max(0, min(wait, maxAfter))
}
