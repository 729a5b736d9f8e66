package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"netsync/schema/event"
	"netsync/schema/stream"
)

// timeout is how long an endpoint may take for a delivery (Standard Webhooks
// 1.0.0: 15 to 30 seconds).
const timeout = 20 * time.Second

// maxAfter is how long an endpoint may ask to be let alone.
const maxAfter = 24 * time.Hour

// A result is what became of a delivery.
type result struct {
	ok     bool
	gone   bool          // for good
	after  time.Duration // how long the endpoint asks to be let alone
	reason string
}

// A payload is the body of a delivery (Standard Webhooks 1.0.0, "Payload
// structure"). Data is that of the event.
type payload struct {
	Type      event.Type      `json:"type"`
	Timestamp time.Time       `json:"timestamp"`
	Dataset   string          `json:"dataset"`
	Data      json.RawMessage `json:"data"`
}

// postMessage sends one request, and returns its result.
func (e *Endpoint) postMessage(ctx context.Context, m stream.Message) result {
	body, err := bodyOf(m.Event)
	if err != nil {
		return result{reason: err.Error()}
	}
	return e.postBody(ctx, m.ID, body)
}

// postBody makes the delivery of that id.
func (e *Endpoint) postBody(ctx context.Context, id string, body []byte) result {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, e.URL, bytes.NewReader(body))
	if err != nil {
		return result{reason: err.Error()}
	}
	now := e.Now()
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "netsync")
	request.Header.Set(headerID, id)
	request.Header.Set(headerTimestamp, strconv.FormatInt(now.Unix(), 10))
	request.Header.Set(headerSignature, e.Secret.Sign(id, now, body))
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
	return result{after: retryAfter(response.Header, now), reason: "it answers " + response.Status}
}

// reasonOf is an error without the address, which may have a secret in it.
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

// retryAfter reads how long an endpoint asks to be let alone (RFC 9110, 10.2.3).
func retryAfter(h http.Header, now time.Time) time.Duration {
	said := h.Get("Retry-After")
	var wait time.Duration
	if seconds, err := strconv.Atoi(said); err == nil {
		wait = time.Duration(min(seconds, int(maxAfter/time.Second))) * time.Second
	} else if at, err := http.ParseTime(said); err == nil {
		wait = at.Sub(now)
	}
	return max(0, min(wait, maxAfter))
}

func bodyOf(e event.Event) ([]byte, error) {
	whole, err := event.Encode(e)
	if err != nil {
		return nil, err
	}
	var has struct {
		Data json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(whole, &has); err != nil {
		return nil, fmt.Errorf("decode event %s: %w", e.ID, err)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // so that records stay canonical
	if err := enc.Encode(payload{e.Type, e.Time, e.Dataset, has.Data}); err != nil {
		return nil, fmt.Errorf("encode event %s: %w", e.ID, err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
