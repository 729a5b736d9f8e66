// Package live sends changes to browsers as they happen, as server-sent events
// (HTML Living Standard, §9.2). The id of an event is the sequence number of a
// message in the dataset's stream with the stream's epoch. So a browser that
// reconnects continues where it was, in the same stream or one that was
// restored from it.
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

// A Config holds the settings of a Server.
type Config struct {
	// Open opens the stream.
	Open func(ctx context.Context) (*stream.Reader, error)
	Log  *zap.Logger
	// Limit is the maximum number of connections; 0 means 100.
	Limit int
	// LimitEach is the maximum number of connections of one client: an IPv4
	// address or an IPv6 /56; 0 means 10.
	LimitEach int
	// Address returns the client address of a request. IsNear reports whether
	// an address may stand for many clients, which exempts it from LimitEach.
	// If they are nil, LimitEach does not apply.
	Address func(*http.Request) netip.Addr
	IsNear  func(netip.Addr) bool
	// Beat is the interval of heartbeats on an idle connection; 0 means 15 s.
	Beat time.Duration
}

const (
	defaultLimit     = 100
	defaultLimitEach = 10
	defaultBeat      = 15 * time.Second
	// writeLimit is the maximum time for sending an event.
	writeLimit = 30 * time.Second
	// retryAfter is the time that a browser waits before it reconnects.
	retryAfter = 3 * time.Second
)

// A Server serves events.
type Server struct {
	Config
	limiter *limiter
	stopped context.Context
}

// New returns a server, which closes all connections when ctx ends.
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
	return &Server{c, newLimiter(c.Limit, c.LimitEach), ctx}
}

// A filter selects events. Empty lists select all.
type filter struct {
	since       *stream.Place // nil means only new events
	records     []schema.RecordID
	collections []schema.Collection
}

// parseFilter returns the filter of a request. It always selects changesets,
// which show what is complete.
func parseFilter(r *http.Request) (f filter, err error) {
	since := r.URL.Query().Get("since")
	if last := r.Header.Get("Last-Event-ID"); last != "" {
		since = last
	}
	if since != "" {
		place, err := stream.ParsePlace(since)
		if err != nil {
			return f, err
		}
		f.since = &place
	}
	for _, name := range r.URL.Query()["record"] {
		id, err := schema.ParseRecordID(name)
		if err != nil {
			return f, err
		}
		f.records = append(f.records, id)
	}
	for _, name := range r.URL.Query()["collection"] {
		c := schema.Collection(name)
		if !slices.Contains(schema.Collections(), c) {
			return f, fmt.Errorf("there is no collection %.40q", name)
		}
		f.collections = append(f.collections, c)
	}
	return f, nil
}

// isMatch reports whether the filter selects an event. It never selects
// findings, which quote unpublished values.
func (f filter) isMatch(e event.Event) bool {
	switch {
	case e.Changeset != nil:
		return true
	case e.Change == nil:
		return false
	}
	id := e.Change.RecordID()
	return (len(f.records) == 0 || slices.Contains(f.records, id)) &&
		(len(f.collections) == 0 || slices.Contains(f.collections, id.Collection))
}

// ServeHTTP sends events until the client disconnects. It accepts since=N, for
// the events after message N (0 for all), record=networks/leru and
// collection=networks, each repeatedly. N may be followed by a dash and the
// epoch of the stream, like the id of an event. If message N is not in the
// present stream, the response is 410 Gone with the reason.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	if r.Method != http.MethodGet {
		w.Header().Set("Allow", http.MethodGet)
		http.Error(w, "method not allowed: use GET", http.StatusMethodNotAllowed)
		return
	}
	filter, err := parseFilter(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	release, refused := s.limiter.acquireSlot(s.clientNetwork(r))
	if refused != 0 {
		w.Header().Set("Retry-After", "60")
		http.Error(w, map[int]string{
			http.StatusTooManyRequests:    fmt.Sprintf("your network has %d connections for events, which is the most: close one, or share one", s.LimitEach),
			http.StatusServiceUnavailable: "too many connections for events: try again in a minute",
		}[refused], refused)
		return
	}
	defer release()
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(s.stopped, cancel)()
	if err := s.send(ctx, w, filter); err != nil && ctx.Err() == nil {
		s.Log.Debug("connection for events ended", zap.Error(err))
	}
}

// send follows the stream for one client.
func (s *Server) send(ctx context.Context, w http.ResponseWriter, f filter) error {
	reader, err := s.Open(ctx)
	var last event.Seq
	if err == nil {
		last, err = reader.Last(ctx)
	}
	if err != nil {
		w.Header().Set("Retry-After", "5")
		http.Error(w, "the stream is unavailable: try again later", http.StatusServiceUnavailable)
		return err
	}
	from := last
	if f.since != nil {
		// Waiting for a distant number would miss the events before it.
		if from, err = reader.Epoch().Locate(*f.since, last); err != nil {
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
	defer func() { // wait for the goroutine
		cancel()
		for range messages {
		}
	}()
	go followMatching(ctx, reader, from+1, f, messages, failed)
	for {
		select {
		case m, ok := <-messages:
			if !ok {
				return errors.Join(ctx.Err(), receiveError(failed))
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

// followMatching sends the messages that a filter matches, from a sequence number on,
// until ctx ends or the stream cannot be read. It closes messages then.
func followMatching(ctx context.Context, r *stream.Reader, from event.Seq, f filter, messages chan<- stream.Message, failed chan<- error) {
	defer close(messages)
	for m, err := range r.Follow(ctx, from) {
		if err != nil {
			failed <- err
			return
		}
		if !f.isMatch(m.Event) {
			continue
		}
		select {
		case messages <- m:
		case <-ctx.Done():
			return
		}
	}
}

func receiveError(failed <-chan error) error {
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
	h.Set("X-Accel-Buffering", "no") // disables buffering in nginx
	return s.write("retry: %d\n\n", retryAfter.Milliseconds())
}

// sendEvent writes a message of the stream: a CloudEvents message in JSON,
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
	// If deadlines cannot be set, the server's own limit applies.
	_ = s.control.SetWriteDeadline(time.Now().Add(writeLimit))
	if _, err := fmt.Fprintf(s.w, format, args...); err != nil {
		return err
	}
	return s.control.Flush()
}
