package webhook

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"netsync/schema/event"
	"netsync/schema/stream"
)

// A Config is what an Endpoint works with.
type Config struct {
	Name   string // unique in the dataset
	URL    string
	Secret Secret
	Filter Filter
	// Private are networks that may be connected to although they are not of
	// the public internet.
	Private []netip.Prefix
	// Open finds the stream. While it returns stream.ErrNoStream the endpoint
	// waits.
	Open      func(ctx context.Context) (*stream.Reader, error)
	JetStream jetstream.JetStream
	Log       *zap.Logger
	Now       func() time.Time // nil means time.Now
	// Pauses are those before a delivery is made again; nil means those of
	// Standard Webhooks.
	Pauses []time.Duration
	// Timeout is how long a delivery may take; 0 means 20 seconds.
	Timeout time.Duration
}

// An Endpoint is told of the changes that it asks for. Any number of processes
// may run the same one: each delivery is made by one of them.
type Endpoint struct {
	Config
	client *http.Client
	self   string
	wake   chan struct{}
	room   chan struct{}
	start  start // of Run; only the goroutine that reads the stream uses it
}

// New makes an endpoint; Run starts it.
func New(c Config) *Endpoint {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Pauses == nil {
		c.Pauses = pauses
	}
	if c.Timeout == 0 {
		c.Timeout = timeout
	}
	return newEndpoint(c, newDialer(c.Private))
}

func newEndpoint(c Config, d *net.Dialer) *Endpoint {
	transport := &http.Transport{
		DialContext:         d.DialContext,
		TLSHandshakeTimeout: 10 * time.Second,
		MaxIdleConns:        2,
		IdleConnTimeout:     time.Minute,
		// No proxy: it would connect to what this process may not.
	}
	return &Endpoint{
		Config: c,
		client: &http.Client{Transport: transport, Timeout: c.Timeout, CheckRedirect: noRedirect},
		self:   rand.Text(),
		wake:   make(chan struct{}, 1),
		room:   make(chan struct{}, 1),
	}
}

func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// Pauses of an endpoint that cannot go on.
const (
	minPause = 200 * time.Millisecond
	maxPause = time.Minute
	longWait = time.Hour
	// look is how often a process looks for what another one has left.
	look = 5 * time.Second
)

// Run reads the stream and makes deliveries until ctx ends, and returns nil
// then. An endpoint that is new is told of changes from the start of Run on.
func (e *Endpoint) Run(ctx context.Context) error {
	defer e.client.CloseIdleConnections()
	e.start.at = e.Now()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return e.retry(ctx, "read the stream for", e.read) })
	group.Go(func() error { return e.retry(ctx, "deliver to", e.deliverAll) })
	return group.Wait()
}

// retry calls do again, after growing pauses, as long as it fails.
func (e *Endpoint) retry(ctx context.Context, what string, do func(context.Context) error) error {
	pause := minPause
	for {
		began := e.Now()
		err := do(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if e.Now().Sub(began) > maxPause {
			pause = minPause
		}
		if err != nil && !errors.Is(err, stream.ErrNoStream) {
			e.Log.Error("webhooks stand still", zap.String("endpoint", e.Name), zap.Error(fmt.Errorf("%s %s: %w", what, e.Name, err)), zap.Duration("retry_in", pause))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
		pause = min(2*pause, maxPause)
	}
}

// openStore returns the store of the dataset, which may be known only once there is a
// stream.
func (e *Endpoint) openStore(r *stream.Reader) *store {
	return &store{js: e.JetStream, dataset: r.Dataset(), name: e.Name}
}

// A start is where the stream ended when an endpoint started: a new endpoint
// begins there, also if the stream could not be read at once.
type start struct {
	at     time.Time // when the endpoint started
	failed bool      // the stream could not be read since then
	empty  bool      // there was no stream since then
}

// recordError takes the outcome of an attempt to read the stream.
func (s *start) recordError(err error) {
	s.empty = s.empty || errors.Is(err, stream.ErrNoStream)
	s.failed = s.failed || err != nil
}

// findPosition returns the last message that was in the stream at the start.
func (s *start) findPosition(ctx context.Context, r *stream.Reader, newest event.Seq) (event.Seq, error) {
	switch {
	case s.empty:
		return 0, nil
	case !s.failed:
		return newest, nil
	}
	first, err := r.FirstAt(ctx, s.at)
	return min(first-1, newest), err
}

// findStart returns the message to continue after. A new endpoint begins where the
// stream ended at the start. An endpoint that counts in a stream which was deleted
// and created since gets a Gap first, and continues with the newest changeset.
func (e *Endpoint) findStart(ctx context.Context, r *stream.Reader, s *store) (from event.Seq, err error) {
	err = s.changeState(ctx, func(s *State, found bool) error {
		// The stream is read after the state: another process may note a newer
		// changeset at any time, and the stream has that one by then.
		newest, _, err := r.LastChangeset(ctx)
		if err != nil {
			return err
		}
		first, err := e.start.findPosition(ctx, r, newest.Seq)
		if err != nil {
			return err
		}
		from, err = e.enterEpoch(s, found, r.Epoch(), newest.Seq, first)
		return err
	})
	wake(e.wake)
	return from, err
}

// enterEpoch takes a state into an epoch whose newest changeset is given, and where
// a new endpoint begins. It returns the message to go on after. The error is
// stream.ErrUnchanged if the state is of that epoch.
func (e *Endpoint) enterEpoch(s *State, found bool, epoch stream.Epoch, newest, first event.Seq) (from event.Seq, err error) {
	known := found && epoch.Has(s.Epoch, s.Sequence) && s.Sequence <= newest
	from = s.Changeset // take skips deliveries of the next one that the state has
	if known && s.Epoch == epoch.ID {
		return from, stream.ErrUnchanged
	}
	before := *s
	s.Epoch = epoch.ID
	if known && before.Epoch == "" {
		return from, nil // an older netsync wrote the rest
	}
	if !known {
		from = first
		if found {
			from = newest
		}
		*s = State{Changeset: from, Sequence: from, Epoch: epoch.ID, Made: s.Made, Last: s.Last, Gone: s.Gone, Dead: s.Dead, Dropped: s.Dropped}
	}
	if found {
		e.Log.Warn("the stream was deleted and created again; the endpoint gets a notice, and changes from now on",
			zap.String("endpoint", e.Name), zap.Uint64("seq", uint64(from)))
		s.addDeliveries([]Delivery{gapOf(epoch, before, from, e.Now())})
	}
	return from, nil
}

// read follows the stream and notes what is to be delivered, a whole changeset
// at a time.
func (e *Endpoint) read(ctx context.Context) error {
	r, err := e.Open(ctx)
	var s *store
	var from event.Seq
	if err == nil {
		s = e.openStore(r)
		from, err = e.findStart(ctx, r, s)
	}
	if err != nil {
		e.start.recordError(err)
		return err
	}
	var found []Delivery
	bulk := false
	for m, err := range r.Follow(ctx, from+1) {
		if err != nil {
			return err
		}
		switch {
		case m.Change != nil && !m.Change.Republished && e.Filter.Match(m.Change):
			// A bulk import is worth one delivery: that of its changeset.
			if bulk = bulk || m.Change.Bulk; !m.Change.Bulk {
				found = append(found, Delivery{ID: m.ID, Sequence: m.Seq})
			}
		case m.Changeset != nil:
			if bulk {
				found = append(found, Delivery{ID: m.ID, Sequence: m.Seq})
			}
			if err := e.addDeliveries(ctx, s, m.Seq, found); err != nil {
				return err
			}
			found, bulk = nil, false
		}
	}
	return ctx.Err()
}

// addDeliveries adds the deliveries of a changeset, as far as there is room.
func (e *Endpoint) addDeliveries(ctx context.Context, s *store, seq event.Seq, found []Delivery) error {
	for done := false; !done; {
		full := false
		err := s.changeState(ctx, func(s *State, _ bool) error {
			before := s.Sequence
			done = s.addChangeset(seq, found)
			full = !done && s.Sequence == before
			if s.Sequence == before {
				return stream.ErrUnchanged
			}
			return nil
		})
		if err != nil {
			return err
		}
		wake(e.wake)
		if !full {
			continue
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-e.room:
		case <-time.After(look):
		}
	}
	return nil
}

func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // somebody is about to look
	}
}

// deliverAll makes one delivery after another when they are due.
func (e *Endpoint) deliverAll(ctx context.Context) error {
	r, err := e.Open(ctx)
	if err != nil {
		return err
	}
	s := e.openStore(r)
	for ctx.Err() == nil {
		d, wait, ok, err := e.claimDelivery(ctx, s)
		if err != nil {
			return err
		}
		if ok {
			if err := e.makeDelivery(ctx, r, s, d); err != nil {
				return err
			}
			continue
		}
		select {
		case <-ctx.Done():
		case <-e.wake:
		case <-time.After(min(wait, look)):
		}
	}
	return nil
}

// makeDelivery makes a delivery and records its result. One that is under way when ctx
// ends may have been accepted, so it gets a moment to answer.
func (e *Endpoint) makeDelivery(ctx context.Context, r *stream.Reader, s *store, d Delivery) error {
	ctx, done := withGrace(ctx)
	defer done()
	res, err := e.tryDelivery(ctx, r, d)
	if err != nil {
		return err
	}
	if ctx.Err() != nil && !res.ok {
		return nil // it was cut off, and is made again
	}
	err = s.changeState(ctx, func(s *State, _ bool) error {
		s.recordResult(d, res, e.Now(), e.Pauses)
		if s.Claim.By == e.self {
			s.Claim = Claim{}
		}
		return nil
	})
	if err != nil {
		return err
	}
	wake(e.room)
	e.logResult(d, res)
	return nil
}

// grace is how long a delivery may go on after a process was told to end.
const grace = 3 * time.Second

// withGrace is a context that ends a little later than another one.
func withGrace(ctx context.Context) (context.Context, context.CancelFunc) {
	later, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(grace, cancel)
		context.AfterFunc(later, func() { timer.Stop() })
	})
	return later, func() { stop(); cancel() }
}

// tryDelivery makes a delivery. The error is that of the broker.
func (e *Endpoint) tryDelivery(ctx context.Context, r *stream.Reader, d Delivery) (result, error) {
	if d.Gap != nil {
		body, err := d.Gap.encode(r.Dataset())
		if err != nil {
			return result{reason: err.Error()}, nil
		}
		return e.postBody(ctx, d.ID, body), nil
	}
	m, err := r.At(ctx, d.Sequence)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return result{reason: "the stream has lost the event"}, nil
	}
	if err != nil {
		return result{}, err
	}
	if m.ID != d.ID { // of a stream that was made again since
		return result{reason: "the stream has lost the event"}, nil
	}
	return e.postMessage(ctx, m), nil
}

func (e *Endpoint) logResult(d Delivery, r result) {
	log := e.Log.With(zap.String("endpoint", e.Name), zap.String("id", d.ID))
	switch {
	case r.ok:
		log.Debug("delivered")
	case r.gone:
		log.Error("the endpoint says that it is gone: nothing is sent to it until netsync webhooks replay")
	default:
		log.Warn("not delivered", zap.String("reason", r.reason), zap.Int("attempt", d.Attempts+1))
	}
}

// claimDelivery claims a delivery that is due, so that no other process makes it.
func (e *Endpoint) claimDelivery(ctx context.Context, s *store) (d Delivery, wait time.Duration, ok bool, err error) {
	err = s.changeState(ctx, func(s *State, _ bool) error {
		now := e.Now()
		if d, wait, ok = s.nextDelivery(now); !ok {
			return stream.ErrUnchanged
		}
		if s.Claim.By != e.self && s.Claim.Until.After(now) {
			wait, ok = s.Claim.Until.Sub(now), false
			return stream.ErrUnchanged
		}
		s.Claim = Claim{e.self, now.Add(e.Timeout + look)}
		return nil
	})
	return d, wait, ok && err == nil, err
}

// Replay has deliveries made again that were given up, those with some ids or
// all of them, and returns how many. An endpoint that was gone is told again.
func (e *Endpoint) Replay(ctx context.Context, ids []string) (count int, err error) {
	r, err := e.Open(ctx)
	if err != nil {
		return 0, err
	}
	err = e.openStore(r).changeState(ctx, func(s *State, found bool) error {
		if !found {
			return stream.ErrUnchanged
		}
		count = s.replayDead(ids, e.Now())
		return nil
	})
	return count, err
}

// State returns how far the endpoint has been told.
func (e *Endpoint) State(ctx context.Context) (State, error) {
	r, err := e.Open(ctx)
	if err != nil {
		return State{}, err
	}
	return e.openStore(r).load(ctx)
}
