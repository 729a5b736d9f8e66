package broker

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

const (
	// maxGuestIdle bounds how long a guest's consumer outlives its last use.
	maxGuestIdle = 5 * time.Minute
	// maxGuestWaiting bounds the pull requests that wait at a consumer.
	maxGuestWaiting = 512
	// guestMark is in the metadata of each consumer that a guest created.
	guestMark = "netsync.guest"
)

// createConsumer creates an ephemeral consumer within the limits of guests.
func (g *gate) createConsumer(m *nats.Msg, r request) ([]byte, error) {
	if !g.mayRead(r.stream) {
		return nil, server.NewJSStreamNotFoundError()
	}
	request, err := limitConsumer(m.Data, r.stream)
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(request)
	if err != nil {
		return nil, err
	}
	answer, err := g.consumers.create(r, data)
	if err != nil {
		return nil, err
	}
	return bytes.Replace(answer, []byte(`"`+gatePrefix+inboxPrefix), []byte(`"`+inboxPrefix), 1), nil
}

// limitConsumer reads a request with the server's own types and returns what
// is to be asked of the server, so that the server cannot read it differently.
// An update becomes a creation: a guest does not change an existing consumer.
//
// A push consumer names the subject that its messages go to, and could so copy
// one stream's messages into another: a guest names an inbox, which is moved
// below a prefix that nothing else uses. The guests' account imports it back
// under its own name.
func limitConsumer(data []byte, stream string) (*server.CreateConsumerRequest, error) {
	var r server.CreateConsumerRequest
	if err := json.Unmarshal(data, &r); err != nil {
		return nil, fmt.Errorf("read the request: %w", err)
	}
	c := &r.Config
	if c.Durable != "" {
		return nil, errDurable
	}
	if to := c.DeliverSubject; to != "" {
		if !strings.HasPrefix(to, inboxPrefix) {
			return nil, fmt.Errorf("guests have messages delivered to a subject that begins with %s", inboxPrefix)
		}
		c.DeliverSubject = gatePrefix + to
	}
	r.Stream, r.Action = stream, server.ActionCreate
	c.InactiveThreshold = min(c.InactiveThreshold, maxGuestIdle)
	c.MaxWaiting = min(c.MaxWaiting, maxGuestWaiting)
	c.Replicas, c.MemoryStorage = 0, true
	c.Direct, c.Sourcing, c.SampleFrequency = false, false, ""
	c.Metadata = map[string]string{guestMark: "true"}
	return &r, nil
}

var errDurable = errors.New("guests create ephemeral consumers only: leave the durable name out, " +
	"remember the sequence number of the last message and begin after it")

func (g *gate) refuseDurable(*nats.Msg, request) ([]byte, error) { return nil, errDurable }

// relayOfConsumer passes on what is asked about a guest's consumer.
func (g *gate) relayOfConsumer(m *nats.Msg, r request) ([]byte, error) {
	if !g.isOwner(r) {
		return nil, server.NewJSConsumerNotFoundError()
	}
	return g.relayRequest(m, r)
}

func (g *gate) deleteConsumer(m *nats.Msg, r request) ([]byte, error) {
	answer, err := g.relayOfConsumer(m, r)
	if err == nil {
		g.consumers.removeConsumer(r)
	}
	return answer, err
}

// isOwner reports whether a guest created a consumer. Its name is random, and no
// request lists names: only its creator knows it.
func (g *gate) isOwner(r request) bool { return g.mayRead(r.stream) && g.consumers.isKnown(r) }
