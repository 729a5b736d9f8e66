package broker

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
)

const (
	// gateWait bounds the server's answer to one request.
	gateWait = 5 * time.Second
	// Requests of one kind that may wait for the gate. It drops further ones,
	// and their senders time out.
	maxGateRequests = 1_000
	maxGateBytes    = 8 << 20
)

// gate answers the JetStream requests of guests that have one answer. It knows
// by name the streams that they may read, limits their consumers, and hands the
// server one request at a time, so that guests cannot fill the server's queue of
// requests. The other requests go to the streams themselves, by the names that
// the guests' account imports.
type gate struct {
	nc        *nats.Conn
	closed    chan struct{}
	dataset   atomic.Value // string: the dataset that guests may read; "" is none
	consumers guestConsumers
	api       sync.Mutex // held during a request to the server
}

// openGate serves the requests of guests until close.
func openGate(b *Broker) (*gate, error) {
	g := &gate{closed: make(chan struct{})}
	g.dataset.Store("")
	ignore := func(*nats.Conn, *nats.Subscription, error) {} // senders of dropped requests time out
	nc, err := b.Connect(nats.Name("netsync guests"), nats.ErrorHandler(ignore),
		nats.ClosedHandler(func(*nats.Conn) { close(g.closed) }))
	if err != nil {
		return nil, err
	}
	g.nc, g.consumers.request = nc, g.sendRequest
	if err := g.serve(); err != nil {
		g.close()
		return nil, fmt.Errorf("serve the broker's guests: %w", err)
	}
	return g, nil
}

// serve subscribes to each kind of request.
func (g *gate) serve() error {
	handlers := map[string]func(*nats.Msg, request) ([]byte, error){
		"INFO":                      g.relayRequest,
		"STREAM.NAMES":              g.listStreams,
		"STREAM.INFO.*":             g.relayOfStream,
		"STREAM.MSG.GET.*":          g.relayOfStream,
		"CONSUMER.CREATE.>":         g.createConsumer,
		"CONSUMER.DURABLE.CREATE.>": g.refuseDurable,
		"CONSUMER.INFO.*.*":         g.relayOfConsumer,
		"CONSUMER.DELETE.*.*":       g.deleteConsumer,
	}
	var errs []error
	for _, verb := range gateRequests() {
		handle := handlers[verb]
		sub, err := g.nc.Subscribe(gatePrefix+verb, func(m *nats.Msg) {
			answer, err := handle(m, parseRequest(m.Subject, verb))
			if err != nil {
				answer = newRefusal(err)
			}
			if answer != nil {
				_ = m.Respond(answer) // a guest that gets no answer times out and asks again
			}
		})
		if err == nil {
			err = sub.SetPendingLimits(maxGateRequests, maxGateBytes)
		}
		errs = append(errs, err)
	}
	return errors.Join(append(errs, g.nc.Flush())...)
}

// close ends the connection and waits for it.
func (g *gate) close() {
	g.nc.Close()
	<-g.closed
}

// A sendRequest is what a guest asks for.
type request struct {
	subject  string // of the API, without its prefix
	stream   string
	consumer string
}

// parseRequest takes a subject apart by its kind: the tokens after the kind's
// own are a stream and a consumer.
func parseRequest(subject, verb string) request {
	r := request{subject: strings.TrimPrefix(subject, gatePrefix)}
	own := strings.Count(strings.TrimRight(verb, ".*>"), ".") + 1
	tokens := strings.Split(r.subject, ".")[own:]
	if len(tokens) > 0 {
		r.stream = tokens[0]
	}
	if len(tokens) > 1 {
		r.consumer = tokens[1]
	}
	return r
}

// sendRequest asks the server, with one request at a time.
func (g *gate) sendRequest(subject string, data []byte) ([]byte, error) {
	g.api.Lock()
	defer g.api.Unlock()
	answer, err := g.nc.Request(apiPrefix+subject, data, gateWait)
	if err != nil {
		return nil, err
	}
	return answer.Data, nil
}

// relayRequest passes a request on and its answer back, without headers: they can ask
// the server to send a trace of the message anywhere.
func (g *gate) relayRequest(m *nats.Msg, r request) ([]byte, error) {
	return g.sendRequest(r.subject, m.Data)
}
