package webhook

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap/zaptest"

	"netsync/publishers/publishertest"
	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/stream"
	"netsync/schema/stream/streamtest"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

var testSecret = Secret("a secret of thirty-two bytes....")

// A receiver takes deliveries and answers as a test says.
type receiver struct {
	*httptest.Server
	t *testing.T

	mu     sync.Mutex
	taken  []string // ids that were answered with success, in order
	tries  map[string]int
	answer func(w http.ResponseWriter, id string, try int)
}

func newReceiver(t *testing.T, answer func(w http.ResponseWriter, id string, try int)) *receiver {
	r := &receiver{t: t, tries: make(map[string]int), answer: answer}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return // it was cut off
	}
	id := req.Header.Get(headerID)
	if err := testSecret.Verify(req.Header, body, time.Now()); err != nil {
		r.t.Errorf("%s: %v", id, err)
	}
	if err := Secret("another secret of 32 bytes......").Verify(req.Header, body, time.Now()); err == nil {
		r.t.Errorf("%s: any secret has signed it", id)
	}
	var p struct {
		Type      event.Type
		Timestamp time.Time
		Data      struct{ Changeset string }
	}
	if err := json.Unmarshal(body, &p); err != nil || p.Type == "" || p.Timestamp.IsZero() || p.Data.Changeset == "" && p.Type != StreamRemade {
		r.t.Errorf("%s: %v: %s", id, err, body)
	}
	r.mu.Lock()
	r.tries[id]++
	try, answer := r.tries[id], r.answer
	r.mu.Unlock()
	before := &noted{ResponseWriter: w}
	if answer != nil {
		answer(before, id, try)
	}
	if before.code == 0 || before.code/100 == 2 {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.taken = append(r.taken, id)
	}
}

type noted struct {
	http.ResponseWriter
	code int
}

func (n *noted) WriteHeader(code int) { n.code = code; n.ResponseWriter.WriteHeader(code) }

func (r *receiver) tried() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.tries)
}

func (r *receiver) took() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.taken)
}

// A bench is a dataset with an endpoint.
type bench struct {
	*testing.T
	js      jetstream.JetStream
	history *publishertest.History
	config  Config
}

func newBench(t *testing.T, address string, change func(*Config)) *bench {
	js := streamtest.JetStream(t)
	b := &bench{T: t, js: js, history: publishertest.NewHistory(t, js)}
	b.history.Commit(true, network("leru", 1))
	b.config = Config{
		Name: "one", URL: address, Secret: testSecret, Private: loopback, JetStream: js,
		Open:   func(ctx context.Context) (*stream.Reader, error) { return stream.Open(ctx, js, publishertest.Dataset) },
		Pauses: []time.Duration{time.Millisecond, 2 * time.Millisecond}, Timeout: 10 * time.Second,
		Log: zaptest.NewLogger(t),
	}
	if change != nil {
		change(&b.config)
	}
	return b
}

// run runs an endpoint until the test ends or stop is called.
func (b *bench) run(e *Endpoint) (stop func()) {
	ctx, cancel := context.WithCancel(b.Context())
	done := make(chan error, 1)
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
	streamtest.Eventually(b, "the endpoint to begin", func() bool { s := b.state(); return s.Sequence > 0 })
	return stop
}

func (b *bench) state() State {
	s := &store{js: b.js, dataset: publishertest.Dataset, name: b.config.Name}
	state, err := s.load(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	return state
}

// settled waits until everything up to a position was delivered or given up.
func (b *bench) settled(p event.Position) State {
	b.Helper()
	var s State
	streamtest.Eventually(b, "the deliveries to be made", func() bool {
		s = b.state()
		return s.Sequence >= p.Sequence && len(s.Pending) == 0
	})
	return s
}

func network(id string, count int) publishertest.Revision {
	return publishertest.Revision{ID: "networks/" + id, Value: map[string]any{
		"name": id, "tier": "key", "kind": "alliance", "purposes": []any{"advocacy"}, "topics": []any{"water"},
		"members": map[string]any{"count": count},
	}}
}

func TestEachChangeIsDeliveredOnce(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, nil)
	b := newBench(t, r.URL, nil)
	// Two processes run the same endpoint.
	b.run(New(b.config))
	stop := b.run(New(b.config))
	var want []string
	var last event.Position
	for n := range 20 {
		last = b.history.Commit(false, network("leru", n+2), network("iau", n))
		want = append(want, last.Changeset+":networks/leru", last.Changeset+":networks/iau")
		if n == 10 {
			stop()
		}
	}
	if s := b.settled(last); len(s.Dead) > 0 || s.Made != uint64(len(want)) {
		t.Errorf("%d made, dead: %v", s.Made, s.Dead)
	}
	if got := r.took(); !slices.Equal(got, want) {
		t.Errorf("delivered %q, want %q", got, want)
	}
}

func TestABulkImportIsOneDelivery(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, nil)
	b := newBench(t, r.URL, nil)
	b.run(New(b.config))
	last := b.history.Commit(true, network("a", 1), network("b", 1), network("c", 1))
	b.settled(last)
	if got := r.took(); !slices.Equal(got, []string{last.Changeset}) {
		t.Errorf("delivered %q", got)
	}
}

func TestAnEndpointIsToldOfNothingItDidNotAskFor(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, nil)
	b := newBench(t, r.URL, func(c *Config) {
		c.Filter = Filter{Collections: []schema.Collection{schema.Networks}, Topics: []string{"water"}, Ops: []event.Op{event.Created, event.Removed}, Least: event.Major}
	})
	b.run(New(b.config))
	dry := network("dry", 1)
	dry.Value["topics"] = []any{}
	b.history.Commit(false, network("leru", 7), dry, publishertest.Revision{ID: "organizations/tu", Value: map[string]any{"name": "TU", "kind": "university"}})
	first := b.history.Commit(false, network("wet", 1))
	last := b.history.Commit(false, publishertest.Revision{ID: "networks/wet"})
	b.settled(last)
	if got := r.took(); !slices.Equal(got, []string{first.Changeset + ":networks/wet", last.Changeset + ":networks/wet"}) {
		t.Errorf("delivered %q", got)
	}
}

// TestALargeChangesetIsToldInPortions has more changes than there is room for.
func TestALargeChangesetIsToldInPortions(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, nil)
	b := newBench(t, r.URL, nil)
	b.run(New(b.config))
	b.run(New(b.config))
	var all []publishertest.Revision
	for n := range maxPending + 50 {
		all = append(all, network(fmt.Sprintf("n-%d", n), 1))
	}
	last := b.history.Commit(false, all...)
	b.settled(last)
	got := r.took()
	if slices.Sort(got); len(got) != len(all) || len(slices.Compact(got)) != len(all) {
		t.Errorf("%d deliveries of %d changes", len(got), len(all))
	}
}

// TestAProcessThatEndsInTheMiddleOfAChangeset leaves the rest of it to the next
// one, and what is said of its bulk changes in the end.
func TestAProcessThatEndsInTheMiddleOfAChangeset(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, nil)
	b := newBench(t, r.URL, nil)
	b.run(New(b.config))()
	first := b.state().Sequence
	last := b.history.Commit(true, network("a", 1), network("b", 1))
	s := &store{js: b.js, dataset: publishertest.Dataset, name: b.config.Name}
	if err := s.changeState(t.Context(), func(s *State, _ bool) error { s.Sequence = first + 2; return nil }); err != nil {
		t.Fatal(err)
	}
	b.run(New(b.config))
	b.settled(last)
	if got := r.took(); !slices.Equal(got, []string{last.Changeset}) {
		t.Errorf("delivered %q", got)
	}
}

func TestAReceiverThatFailsIsTriedAgain(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, func(w http.ResponseWriter, id string, try int) {
		switch {
		case strings.HasSuffix(id, "never"):
			http.Error(w, "no", http.StatusInternalServerError)
		case strings.HasSuffix(id, "stalls") && try < 2:
			panic(http.ErrAbortHandler)
		case try < 3:
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	b := newBench(t, r.URL, nil)
	b.run(New(b.config))
	last := b.history.Commit(false, network("never", 1), network("stalls", 1), network("late", 1))
	s := b.settled(last)
	if len(s.Dead) != 1 || !strings.HasSuffix(s.Dead[0].ID, "never") || s.Dead[0].Attempts != 3 || !strings.Contains(s.Dead[0].Error, "500") {
		t.Errorf("dead: %+v", s.Dead)
	}
	if got := r.took(); len(got) != 2 {
		t.Errorf("delivered %q", got)
	}
	// What was given up is delivered when somebody asks for it.
	r.mu.Lock()
	r.answer = nil
	r.mu.Unlock()
	if n, err := New(b.config).Replay(t.Context(), nil); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	if s := b.settled(last); len(s.Dead) != 0 || len(r.took()) != 3 {
		t.Errorf("dead: %+v, delivered %q", s.Dead, r.took())
	}
}

func TestAReceiverThatStalls(t *testing.T) {
	t.Parallel()
	free := make(chan struct{})
	r := newReceiver(t, func(_ http.ResponseWriter, _ string, try int) {
		if try == 1 {
			<-free
		}
	})
	b := newBench(t, r.URL, func(c *Config) { c.Timeout = 100 * time.Millisecond })
	b.run(New(b.config))
	last := b.history.Commit(false, network("leru", 7))
	s := b.settled(last)
	close(free)
	if s.Made != 1 || len(s.Dead) > 0 {
		t.Errorf("%+v", s)
	}
}

func TestARedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	elsewhere := newReceiver(t, nil)
	r := newReceiver(t, func(w http.ResponseWriter, _ string, _ int) {
		w.Header().Set("Location", elsewhere.URL)
		w.WriteHeader(http.StatusTemporaryRedirect)
	})
	b := newBench(t, r.URL, nil)
	b.run(New(b.config))
	s := b.settled(b.history.Commit(false, network("leru", 7)))
	if len(s.Dead) != 1 || !strings.Contains(s.Dead[0].Error, "redirects are not followed") {
		t.Errorf("dead: %+v", s.Dead)
	}
	if elsewhere.tried() > 0 {
		t.Error("it was followed")
	}
}

func TestAnEndpointThatIsGone(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, func(w http.ResponseWriter, _ string, _ int) { w.WriteHeader(http.StatusGone) })
	b := newBench(t, r.URL, nil)
	b.run(New(b.config))
	s := b.settled(b.history.Commit(false, network("leru", 7), network("iau", 7)))
	if s.Gone.IsZero() || len(s.Dead) != 2 || r.tried() != 1 {
		t.Errorf("gone %v, dead %+v, tried %d", s.Gone, s.Dead, r.tried())
	}
	last := b.history.Commit(false, network("leru", 8))
	if s := b.settled(last); len(s.Dead) != 3 || r.tried() != 1 {
		t.Errorf("dead %+v, tried %d", s.Dead, r.tried())
	}
	r.mu.Lock()
	r.answer = nil
	r.mu.Unlock()
	if n, err := New(b.config).Replay(t.Context(), nil); err != nil || n != 3 {
		t.Fatal(n, err)
	}
	if s := b.settled(last); len(s.Dead) != 0 || !s.Gone.IsZero() || s.Made != 3 {
		t.Errorf("%+v", s)
	}
}

func TestNoPrivateAddressIsConnectedTo(t *testing.T) {
	t.Parallel()
	names := newNames(t)
	var listeners []net.Listener
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Logf("no %s here: %v", address, err)
			continue
		}
		defer l.Close()
		listeners = append(listeners, l)
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				t.Errorf("somebody connected to %s", c.LocalAddr())
				c.Close()
			}
		}()
	}
	for n, l := range listeners {
		_, port, _ := net.SplitHostPort(l.Addr().String())
		hosts := []string{"127.0.0.1", "localhost", "127.1", "0x7f000001", "[::ffff:127.0.0.1]", "four.example"}
		if n > 0 {
			hosts = []string{"[::1]", "localhost", "[::ffff:7f00:1]", "six.example"}
		}
		for _, host := range append(hosts, "private.example", "metadata.example", "mapped.example", "nat64.example") {
			t.Run(host+" "+l.Addr().Network(), func(t *testing.T) {
				e := newEndpoint(Config{URL: "http://" + host + ":" + port + "/", Secret: testSecret, Timeout: 5 * time.Second, Now: time.Now}, names.dialer(nil))
				r := e.postMessage(t.Context(), message())
				// 127.1 and the like are names that nobody has.
				unknown := host == "127.1" || host == "0x7f000001"
				if refused := strings.Contains(r.reason, "no address of the public internet"); r.ok || refused == unknown {
					t.Errorf("%s: %+v", host, r)
				}
			})
		}
	}
}

func message() stream.Message {
	return stream.Message{Event: event.Event{ID: "x", Type: event.ChangesetCompleted, Dataset: "d", Time: time.Unix(0, 0), Changeset: &event.Changeset{ID: "x"}}}
}

func TestWhichAddressesArePublic(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"8.8.8.8", "130.161.128.82", "2001:67c:2564:a::1", "2606:4700::1111", "64:ff9b::808:808"} {
		if !isAllowed(netip.MustParseAddr(s), nil) {
			t.Errorf("%s is public", s)
		}
	}
	for _, s := range []string{
		"0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.168.1.1",
		"192.0.2.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00::1", "ff02::1",
		"::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001::1",
		"2001:db8::1", "fec0::1", "100::1", "3fff::1",
	} {
		if isAllowed(netip.MustParseAddr(s), nil) {
			t.Errorf("%s is not public", s)
		}
	}
	if !isAllowed(netip.MustParseAddr("::ffff:127.0.0.1"), loopback) || isAllowed(netip.MustParseAddr("10.0.0.1"), loopback) {
		t.Error("networks that are named")
	}
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	// The example of the specification's reference libraries.
	s, err := ParseSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Sign("msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`)); got != "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" {
		t.Errorf("signature %s", got)
	}
	for _, wrong := range []string{"", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_!!", "whsec_AAAA"} {
		if _, err := ParseSecret(wrong); err == nil {
			t.Errorf("%q is no secret", wrong)
		} else if wrong != "" && strings.Contains(err.Error(), "AAAA") {
			t.Errorf("%v tells the secret", err)
		}
	}
	h := http.Header{}
	now := time.Unix(1614265330, 0)
	h.Set(headerID, "a")
	h.Set(headerTimestamp, fmt.Sprint(now.Unix()))
	h.Set(headerSignature, "v1,bad "+s.Sign("a", now, []byte("b")))
	if err := s.Verify(h, []byte("b"), now.Add(time.Minute)); err != nil {
		t.Error(err)
	}
	for _, late := range []time.Duration{-6 * time.Minute, 6 * time.Minute} {
		if err := s.Verify(h, []byte("b"), now.Add(late)); err == nil {
			t.Error("an old delivery is taken")
		}
	}
	if err := s.Verify(h, []byte("c"), now); err == nil {
		t.Error("another body is taken")
	}
}
