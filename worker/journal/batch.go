package journal

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/synadia-io/orbit.go/jetstreamext"

	"netsync/schema/event"
	"netsync/schema/failpoint"
)

// ErrFenced says that the stream had moved on: somebody else published.
var ErrFenced = errors.New("the stream has moved on")

// ErrOutcomeUnknown says that an answer to a publication did not come.
var ErrOutcomeUnknown = errors.New("the outcome of the publication is unknown")

// Codes of JetStream errors, from nats-server's errors.json.
const (
	codeWrongLastSequence      = 10071
	codeWrongLastSequenceBatch = 10164
	codeDuplicateInProcess     = 10158 // another worker is publishing the same
	codeBatchTooLarge          = 10199
	codeDuplicateID            = 10201
)

// flow lets that many messages of a batch go out before the server must have
// taken them in. It is not asked about the first: it looks at the fence when it
// has the whole batch, and most batches are small.
var flow = jetstreamext.BatchFlowControl{AckEvery: 2500, AckTimeout: 10 * time.Second}

// commitLimit is how long the server may take to make a batch durable.
const commitLimit = 30 * time.Second

// A Batch is what is published all or none, after a message that it is fenced by.
type Batch struct {
	room  *[]byte                  // that the data of the messages lies in
	send  func() (*sending, error) // all but the last message
	ahead <-chan struct{}          // closed when they were sent ahead; nil where they are not
}

// rooms hold what a batch is encoded into. A large import is many batches of some
// megabytes, of which two are there at a time.
var rooms = sync.Pool{New: func() any { return new([]byte) }}

// Prepare makes a batch of n events, up to MaxBatch, that follows the message with
// sequence number fence. An event is not needed any more when the next one is asked
// for; an error ends the batch. What was prepared must be given to Append or to
// Discard.
func (j *Journal) Prepare(fence event.Seq, n int, events iter.Seq2[event.Event, error]) *Batch {
	b := &Batch{room: rooms.Get().(*[]byte)}
	messages := func(yield func(*nats.Msg, error) bool) {
		data := (*b.room)[:0]
		for e, err := range events {
			var m *nats.Msg
			if err == nil {
				m, data, err = j.encode(data, e)
			}
			if !yield(m, err) || err != nil {
				break
			}
		}
		*b.room = data
	}
	b.send = func() (*sending, error) {
		return sendBatch(j.js, n, messages, jetstreamext.WithBatchExpectLastSequence(uint64(fence)))
	}
	return b
}

// PrepareAll is Prepare of events that are there already.
func (j *Journal) PrepareAll(fence event.Seq, events []event.Event) *Batch {
	return j.Prepare(fence, len(events), yieldAll(events))
}

// Ahead begins to ask for the events, to encode and to send them, while the broker
// makes the batch before durable. Of a batch whose last message it does not get, it
// stores nothing.
func (b *Batch) Ahead() {
	var (
		sent = make(chan struct{})
		send = b.send
		s    *sending
		err  error
	)
	go func() {
		defer close(sent)
		s, err = send()
	}()
	b.ahead = sent
	b.send = func() (*sending, error) {
		<-sent
		return s, err
	}
}

// Discard waits until the batch's events are not needed any more.
func (b *Batch) Discard() {
	if b.ahead != nil {
		<-b.ahead
	}
	rooms.Put(b.room) // what went to the broker was copied
}

// yieldAll yields the items of a slice.
func yieldAll[T any](items []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, item := range items {
			if !yield(item, nil) {
				return
			}
		}
	}
}

// Append publishes a batch after its fence, and returns the sequence number of its
// last message. The batch is used up then, and its events are not needed any more.
// A changeset that takes several batches ends with its changeset event: readers
// count it only from there on.
//
// The error is ErrFenced when another message came first: nothing was
// published. It is ErrOutcomeUnknown when no answer came: the batch may be in
// the stream or not, and only reading it back tells.
func (j *Journal) Append(ctx context.Context, b *Batch) (event.Seq, error) {
	defer b.Discard()
	last, err := publishBatch(ctx, j.js, b.send)
	return event.Seq(last), err
}

// publishBatch publishes all messages of a batch or none, and returns the sequence
// number of its last message.
func publishBatch(ctx context.Context, js jetstream.JetStream, send func() (*sending, error)) (uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, commitLimit)
	defer cancel()
	defer whileConnected(js.Conn(), cancel)()
	s, err := send()
	if err != nil {
		return 0, err
	}
	return s.commitBatch(ctx)
}

// A sending is a batch of which the broker was sent everything but the last message.
type sending struct {
	jetstreamext.BatchPublisher
	last    *nats.Msg
	options []jetstreamext.BatchMsgOpt // of the last
}

// sendBatch sends n messages but the last, the first of them with options, which hold for
// the whole of the batch. Each goes out when it comes: the broker makes room for the
// batch meanwhile.
func sendBatch(js jetstream.JetStream, n int, messages iter.Seq2[*nats.Msg, error], first ...jetstreamext.BatchMsgOpt) (*sending, error) {
	batch, err := jetstreamext.NewBatchPublisher(js, flow)
	if err != nil {
		return nil, fmt.Errorf("begin batch: %w", err)
	}
	if err := failpoint.Hit("journal: before batch"); err != nil {
		return nil, err
	}
	for m, err := range messages {
		if err != nil {
			return nil, err
		}
		if batch.Size() == n-1 {
			return &sending{batch, m, first}, nil
		}
		if err := batch.AddMsg(m, first...); err != nil {
			return nil, classifyError(err)
		}
		first = nil
	}
	return nil, fmt.Errorf("a batch of %d messages has only %d", n, batch.Size())
}

// commitBatch sends the last message, which stores them all.
func (s *sending) commitBatch(ctx context.Context) (uint64, error) {
	if err := failpoint.Hit("journal: before commit"); err != nil {
		return 0, classifyError(err)
	}
	ack, err := s.CommitMsg(ctx, s.last, s.options...)
	if err == nil {
		err = failpoint.Hit("journal: after commit")
	}
	if err != nil {
		return 0, classifyError(err)
	}
	return ack.Sequence, nil
}

// whileConnected calls lost when the connection breaks: an answer that was on
// its way then does not come any more. The function that it returns ends that.
func whileConnected(nc *nats.Conn, lost func()) (stop func()) {
	broken := nc.StatusChanged(nats.RECONNECTING, nats.DISCONNECTED, nats.CLOSED)
	done := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		select {
		case <-broken:
			lost()
		case <-done:
		}
	})
	return func() {
		close(done)
		nc.RemoveStatusListener(broken)
		watching.Wait()
	}
}

// headerRoom is left for the headers of a message within the payload limit.
const headerRoom = 1024

// encode makes the message of an event, whose data it appends to what it
// returns.
func (j *Journal) encode(data []byte, e event.Event) (*nats.Msg, []byte, error) {
	from := len(data)
	data, err := event.Append(data, e)
	if err != nil {
		return nil, data, err
	}
	m := nats.NewMsg(e.Subject())
	m.Data = data[from:]
	m.Header.Set("Content-Type", event.ContentType)
	// A second line of defence only: the server remembers ids for two
	// minutes, the fence holds for ever.
	m.Header.Set(jetstream.MsgIDHeader, e.ID)
	if e.Trace != "" {
		m.Header.Set(event.TraceHeader, string(e.Trace))
	}
	if limit := MaxEvent(j.js); int64(len(m.Data)) > limit {
		return nil, data, fmt.Errorf("publish %s: the event has %d bytes, the broker takes %d: raise its max_payload", m.Subject, len(m.Data), limit)
	}
	return m, data, nil
}

// classifyError wraps an error in the one that says what is known about the batch.
func classifyError(err error) error {
	switch apiCode(err) {
	case codeWrongLastSequence, codeWrongLastSequenceBatch, codeDuplicateID, codeDuplicateInProcess:
		// An id that was there already is a message that came first, whoever
		// published it. Nothing of this batch was stored.
		return fmt.Errorf("%w: %w", ErrFenced, err)
	case codeBatchTooLarge:
		return fmt.Errorf("publish batch: %w: lower nats.max_batch or raise the broker's max_batch_size", err)
	}
	return fmt.Errorf("%w: %w", ErrOutcomeUnknown, err)
}

func apiCode(err error) int {
	var api *jetstream.APIError
	var js jetstream.JetStreamError
	switch {
	case errors.As(err, &api):
		return int(api.ErrorCode)
	case errors.As(err, &js) && js.APIError() != nil:
		return int(js.APIError().ErrorCode)
	}
	return 0
}

// MaxEvent returns how many bytes the wire form of an event may have, so that
// the broker takes it.
func MaxEvent(js jetstream.JetStream) int64 { return js.Conn().MaxPayload() - headerRoom }
