package deliverytest

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap/zaptest"

	"netsync/publishers/delivery"
	"netsync/publishers/publishertest"
	"netsync/schema/event"
	"netsync/schema/stream"
	"netsync/schema/stream/streamtest"
)

// A Kind is a kind of delivery as tests use it.
type Kind struct {
	// New returns the kind for an address.
	New func(address string) delivery.Kind
	// Read checks a request and returns the id of its message.
	Read func(r *http.Request, body []byte) (id string, err error)
}

// A Receiver is an HTTP server that records deliveries.
type Receiver struct {
	*httptest.Server
	t    *testing.T
	kind Kind

	mu       sync.Mutex
	accepted []string // ids that were answered with success, in order
	attempts map[string]int
	answer   func(w http.ResponseWriter, id string, attempt int)
}

// NewReceiver starts a receiver that answers by a function, which may be nil.
func NewReceiver(t *testing.T, kind Kind, answer func(w http.ResponseWriter, id string, attempt int)) *Receiver {
	t.Helper()
	r := &Receiver{t: t, kind: kind, attempts: make(map[string]int), answer: answer}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

// ServeHTTP answers a delivery.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return // it was cut off
	}
	id, err := r.kind.Read(request, body)
	if err != nil {
		r.t.Errorf("%s: %v: %s", id, err, body)
	}
	r.mu.Lock()
	r.attempts[id]++
	attempt, answer := r.attempts[id], r.answer
	r.mu.Unlock()
	recorder := &statusRecorder{ResponseWriter: w}
	if answer != nil {
		answer(recorder, id, attempt)
	}
	if recorder.code == 0 || recorder.code/100 == 2 {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.accepted = append(r.accepted, id)
	}
}

type statusRecorder struct {
	http.ResponseWriter
	code int
}

func (s *statusRecorder) WriteHeader(code int) { s.code = code; s.ResponseWriter.WriteHeader(code) }

// Messages returns how many messages came, accepted or not.
func (r *Receiver) Messages() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.attempts)
}

// Accepted returns the ids of the deliveries that were accepted, in order.
func (r *Receiver) Accepted() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.accepted)
}

// AcceptAll makes the receiver accept every delivery from now on.
func (r *Receiver) AcceptAll() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = nil
}

// A Bench is a dataset with an endpoint.
type Bench struct {
	*testing.T
	JetStream jetstream.JetStream
	History   *publishertest.History
	Config    delivery.Config
}

// NewBench starts a broker, publishes a record, and configures an endpoint for a
// receiver of this machine.
func NewBench(t *testing.T, kind delivery.Kind) *Bench {
	t.Helper()
	js := streamtest.JetStream(t)
	b := &Bench{T: t, JetStream: js, History: publishertest.NewHistory(t, js)}
	b.History.Commit(true, Network("leru", 1))
	b.Config = delivery.Config{
		Name: "one", Kind: kind, Private: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}, JetStream: js,
		Open:   b.openStream,
		Pauses: []time.Duration{time.Millisecond, 2 * time.Millisecond}, Timeout: 10 * time.Second,
		Log: zaptest.NewLogger(t),
	}
	return b
}

func (b *Bench) openStream(ctx context.Context) (*stream.Reader, error) {
	return stream.Open(ctx, b.JetStream, publishertest.Dataset)
}

// Run runs the endpoint until the test ends or stop is called, and waits until it
// follows the stream.
func (b *Bench) Run() (stop func()) {
	b.Helper()
	stop = b.Start(b.Config)
	streamtest.Eventually(b, "the endpoint to begin", func() bool { return b.State().Sequence > 0 })
	return stop
}

// Start runs an endpoint until the test ends or stop is called.
func (b *Bench) Start(c delivery.Config) (stop func()) {
	ctx, cancel := context.WithCancel(b.Context())
	done := make(chan error, 1)
	e := delivery.New(c)
	go func() { done <- e.Run(ctx) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if err := <-done; err != nil {
				b.Error(err)
			}
		})
	}
	b.Cleanup(stop)
	return stop
}

// State returns the state of the endpoint.
func (b *Bench) State() delivery.State {
	b.Helper()
	c := b.Config
	c.Open = b.openStream
	state, err := delivery.New(c).State(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	return state
}

// WaitDone waits until everything up to a position was delivered or given up.
func (b *Bench) WaitDone(p event.Position) delivery.State {
	b.Helper()
	var s delivery.State
	streamtest.Eventually(b, "the deliveries to be made", func() bool {
		s = b.State()
		return s.Sequence >= p.Sequence && len(s.Pending) == 0
	})
	return s
}

// Network returns a revision of a network.
func Network(id string, count int) publishertest.Revision {
	return publishertest.Revision{ID: "networks/" + id, Value: map[string]any{
		"name": id, "tier": "key", "kind": "alliance", "purposes": []any{"advocacy"}, "topics": []any{"water"},
		"members": map[string]any{"count": count},
	}}
}
