// Package webhook makes the requests of webhooks that are signed as Standard Webhooks
// has it (https://www.standardwebhooks.com, 1.0.0).
package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"netsync/publishers/delivery"
	"netsync/schema/event"
	"netsync/schema/shared"
)

// A Webhook is a delivery.Kind that posts to a URL.
type Webhook struct {
	URL    string
	Secret Secret
}

// Host implements delivery.Kind.
func (w Webhook) Host() string {
	u, err := url.Parse(w.URL)
	if err != nil {
		return ""
	}
	return u.Host
}

// Request implements delivery.Kind.
func (w Webhook) Request(ctx context.Context, m delivery.Message) (*http.Request, error) {
	body, err := encodeBody(m)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set(headerID, m.ID)
	request.Header.Set(headerTimestamp, strconv.FormatInt(m.Sent.Unix(), 10))
	request.Header.Set(headerSignature, w.Secret.Sign(m.ID, m.Sent, body))
	return request, nil
}

// A payload is the body of a request (Standard Webhooks 1.0.0, "Payload structure").
type payload struct {
	Type      event.Type      `json:"type"`
	Timestamp time.Time       `json:"timestamp"`
	Dataset   string          `json:"dataset"`
	Data      json.RawMessage `json:"data"` // of the event, or a delivery.Gap
}

func encodeBody(m delivery.Message) ([]byte, error) {
	p := payload{Type: m.Event.Type, Timestamp: m.Event.Time, Dataset: m.Dataset}
	var err error
	if m.Gap != nil {
		p.Type, p.Timestamp = delivery.StreamRemade, m.Gap.Time
		p.Data, err = json.Marshal(m.Gap)
	} else {
		p.Data, err = eventData(m.Event)
	}
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", m.ID, err)
	}
	body, err := shared.EncodeJSON(p)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", m.ID, err)
	}
	return body, nil
}

// eventData returns the data of an event as its CloudEvents message has them.
func eventData(e event.Event) (json.RawMessage, error) {
	whole, err := event.Encode(e)
	if err != nil {
		return nil, err
	}
	var message struct {
		Data json.RawMessage `json:"data"`
	}
	err = json.Unmarshal(whole, &message)
	return message.Data, err
}
