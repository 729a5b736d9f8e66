// Package live tells browsers of changes as they happen, by server-sent events
// (HTML Living Standard, §9.2): each has the number of a message in the
// dataset's stream and the stream's epoch as its id, so that a browser that comes
// back goes on where it was, in the same stream or one that was restored from it.
package live

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"time"

	"go.uber.org/zap"

	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/stream"
)

// A Config is what a Server works with.
type Config struct {
	// Open finds the stream.
	Open func(ctx context.Context) (*stream.Reader, error)
	Log  *zap.Logger
	// Limit is how many may listen at the same time; 0 means 100.
	Limit int
	// LimitEach is how many of them one client may be: an address of IPv4 or a
	// /56 of IPv6; 0 means 10.
	LimitEach int
	// Address returns the address that a request comes from, and IsNear whether
	// it may stand for many clients, so that LimitEach does not hold for it. If
	// they are nil, it holds for nobody.
	Address func(*http.Request) netip.Addr
	IsNear  func(netip.Addr) bool
	// Beat is how often somebody who hears nothing is told that the
	// connection stands; 0 means 15 s.
	Beat time.Duration
}

const (
	defaultLimit     = 100
	defaultLimitEach = 10
	defaultBeat      = 15 * time.Second
	// writeLimit is how long somebody may take to accept an event.
	writeLimit = 30 * time.Second
	// retry is how long a browser waits before it comes back.
	retry = 3 * time.Second
)

// A Server answers requests for events.
type Server struct {
	Config
	seats *seats
	ended context.Context
}

// New makes a server, which lets everybody go when ctx ends.
func New(ctx context.Context, c Config) *Server {
	if c.Limit == 0 {
		c.Limit = defaultLimit
	}
	if c.LimitEach == 0 {
		c.LimitEach = defaultLimitEach
	}
	if c.Beat == 0 {
		c.Beat = defaultBeat
	}
	return &Server{c, newSeats(c.Limit, c.LimitEach), ctx}
}

// A wish says which events somebody wants. Empty lists are no limit.
type wish struct {
	since      *stream.Place // nil is what comes from now on
	records    []schema.RecordID
	collection []schema.Collection
}

// wishOf reads a request. Changesets always come: without them nobody knows
// what is complete.
func wishOf(r *http.Request) (w wish, err error) {
	since := r.URL.Query().Get("since")
	if last := r.Header.Get("Last-Event-ID"); last != "" {
		since = last
	}
	if since != "" {
		place, err := stream.ParsePlace(since)
		if err != nil {
			return w, err
		}
		w.since = &place
	}
	for _, name := range r.URL.Query()["record"] {
		id, err := schema.ParseRecordID(name)
		if err != nil {
			return w, err
		}
		w.records = append(w.records, id)
	}
	for _, name := range r.URL.Query()["collection"] {
		c := schema.Collection(name)
		if !slices.Contains(schema.Collections(), c) {
			return w, fmt.Errorf("there is no collection %.40q", name)
		}
		w.collection = append(w.collection, c)
	}
	return w, nil
}

// matches leaves out findings: they quote unpublished values.
func (w wish) matches(e event.Event) bool {
	switch {
	case e.Changeset != nil:
		return true
	case e.Change == nil:
		return false
	}
	id := e.Change.RecordID()
	return (len(w.records) == 0 || slices.Contains(w.records, id)) &&
		(len(w.collection) == 0 || slices.Contains(w.collection, id.Collection))
}

// ServeHTTP sends events until the reader goes. It takes since=N, for what
// comes after message N (0 for all), record=networks/leru and
// collection=networks, each as often as you like. N, like the id of an event, may
// name the epoch of the stream behind a dash. A reader whose message is not in
// the present stream gets 410 Gone with a text that says why.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	if r.Method != http.MethodGet {
		w.Header().Set("Allow", http.MethodGet)
		http.Error(w, "method not allowed: use GET", http.StatusMethodNotAllowed)
		return
	}
	wish, err := wishOf(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	leave, refused := s.seats.claim(s.clientOf(r))
	if refused != 0 {
		w.Header().Set("Retry-After", "60")
		http.Error(w, map[int]string{
			http.StatusTooManyRequests:    fmt.Sprintf("your network has %d connections for events, which is the most: close one, or share one", s.LimitEach),
			http.StatusServiceUnavailable: "too many clients listen for events now: try again in a minute",
		}[refused], refused)
		return
	}
	defer leave()
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(s.ended, cancel)()
	if err := s.send(ctx, w, wish); err != nil && ctx.Err() == nil {
		s.Log.Debug("a reader of events goes", zap.Error(err))
	}
}

// send follows the stream for one reader.
func (s *Server) send(ctx context.Context, w http.ResponseWriter, wish wish) error {
	reader, err := s.Open(ctx)
	var last event.Seq
	if err == nil {
		last, err = reader.Last(ctx)
	}
	switch {
	case err != nil:
		w.Header().Set("Retry-After", "5")
		http.Error(w, "the stream cannot be read now", http.StatusServiceUnavailable)
		return err
	}
	from := last
	if wish.since != nil {
		// To wait for a number that is far away would miss what comes until then.
		if from, err = reader.Epoch().Locate(*wish.since, last); err != nil {
			http.Error(w, err.Error(), http.StatusGone)
			return nil
		}
	}
	out := newSender(w, reader.Epoch().ID)
	if err := out.sendHeader(); err != nil {
		return err
	}
	messages := make(chan stream.Message)
	failed := make(chan error, 1)
	ctx, cancel := context.WithCancel(ctx)
	defer func() { // nothing is left running
		cancel()
		for range messages {
		}
	}()
	go func() {
		defer close(messages)
		for m, err := range reader.Follow(ctx, from+1) {
			if err != nil {
				failed <- err
				return
			}
			if !wish.matches(m.Event) {
				continue
			}
			select {
			case messages <- m:
			case <-ctx.Done():
				return
			}
		}
	}()
	for {
		select {
		case m, ok := <-messages:
			if !ok {
				return errors.Join(ctx.Err(), errOf(failed))
			}
			if err := out.sendEvent(m); err != nil {
				return err
			}
		case <-time.After(s.Beat):
			if err := out.sendHeartbeat(); err != nil {
				return err
			}
		}
	}
}

func errOf(failed <-chan error) error {
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}

// A sender writes server-sent events.
type sender struct {
	w       http.ResponseWriter
	control *http.ResponseController
	epoch   string // of the stream
}

func newSender(w http.ResponseWriter, epoch string) *sender {
	return &sender{w, http.NewResponseController(w), epoch}
}

func (s *sender) sendHeader() error {
	h := s.w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx would wait for more
	return s.write("retry: %d\n\n", retry.Milliseconds())
}

// sendEvent writes a message of the stream as it is: a CloudEvents message in JSON,
// which has no line breaks.
func (s *sender) sendEvent(m stream.Message) error {
	data, err := event.Encode(m.Event)
	if err != nil {
		return err
	}
	return s.write("id: %s\nevent: %s\ndata: %s\n\n", stream.Place{Sequence: m.Seq, Epoch: s.epoch}, m.Type, data)
}

func (s *sender) sendHeartbeat() error { return s.write(": all is well\n\n") }

func (s *sender) write(format string, args ...any) error {
	// Where deadlines cannot be set, the server's own hold.
	_ = s.control.SetWriteDeadline(time.Now().Add(writeLimit))
	if _, err := fmt.Fprintf(s.w, format, args...); err != nil {
		return err
	}
	return s.control.Flush()
}
