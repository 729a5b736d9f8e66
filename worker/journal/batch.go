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

// ErrFenced is returned if another process published first.
var ErrFenced = errors.New("the stream has moved on")

// ErrOutcomeUnknown is returned if the answer to a publication was lost.
var ErrOutcomeUnknown = errors.New("the outcome of the publication is unknown")

// Codes of JetStream errors, from nats-server's errors.json.
const (
	codeWrongLastSequence      = 10071
	codeWrongLastSequenceBatch = 10164
	codeDuplicateInProcess     = 10158 // another worker is publishing the same
	codeBatchTooLarge          = 10199
	codeDuplicateID            = 10201
)

// flow is the number of messages of a batch after which the server must have acknowledged
// one. The first needs no acknowledgement: the server checks the fence when it has the whole
// batch, and most batches are small.
var flow = jetstreamext.BatchFlowControl{AckEvery: 2500, AckTimeout: 10 * time.Second}

// commitLimit is the time limit for the server to make a batch durable.
const commitLimit = 30 * time.Second

// A Batch holds messages that are published all or none, after the message of its fence.
type Batch struct {
	room  *[]byte                  // that the data of the messages lies in
	send  func() (*sending, error) // all but the last message
	ahead <-chan struct{}          // closed when they were sent ahead; nil where they are not
}

// rooms are buffers for encoded batches. A large import has many batches of some megabytes,
// two of which exist at a time.
var rooms = sync.Pool{New: func() any { return new([]byte) }}

// Prepare makes a batch of n events, up to MaxBatch, that follows the message with sequence
// number fence. It does not use an event after it asked for the next one; an error ends the
// batch. The caller must pass the batch to Append or Discard.
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

// PrepareAll is Prepare for events in a slice.
func (j *Journal) PrepareAll(fence event.Seq, events []event.Event) *Batch {
	return j.Prepare(fence, len(events), yieldAll(events))
}

// Ahead starts to encode and send the events while the broker makes the previous batch
// durable. The broker stores nothing of a batch whose last message it does not get.
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

// Discard waits until the batch does not use its events any more.
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

// Append publishes a batch after its fence, and returns the sequence number of its last
// message. The batch must not be used afterwards. A changeset of several batches ends with
// its changeset event, and does not count for readers before.
//
// The error is ErrFenced if another message came first: nothing was published. It is
// ErrOutcomeUnknown if the answer was lost: the caller must read the stream to find out
// whether it has the batch.
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

// A sending is a batch that was sent except for its last message.
type sending struct {
	jetstreamext.BatchPublisher
	last    *nats.Msg
	options []jetstreamext.BatchMsgOpt // of the last
}

// sendBatch sends n messages except the last. The options of the first apply to the whole
// batch. It sends each message at once, so that the broker works meanwhile.
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

// whileConnected calls lost if the connection breaks, which loses an expected answer. The
// returned function ends that.
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

// headerRoom is the part of the payload limit that is reserved for headers.
const headerRoom = 1024

// encode returns the message of an event, and the buffer to which it appended the data.
func (j *Journal) encode(data []byte, e event.Event) (*nats.Msg, []byte, error) {
	from := len(data)
	data, err := event.Append(data, e)
	if err != nil {
		return nil, data, err
	}
	m := nats.NewMsg(e.Subject())
	m.Data = data[from:]
	m.Header.Set("Content-Type", event.ContentType)
	// The id is a second line of defence: the server remembers it for two minutes, while
	// the fence always holds.
	m.Header.Set(jetstream.MsgIDHeader, e.ID)
	if e.Trace != "" {
		m.Header.Set(event.TraceHeader, string(e.Trace))
	}
	if limit := MaxEvent(j.js); int64(len(m.Data)) > limit {
		return nil, data, fmt.Errorf("publish %s: the event has %d bytes, the broker takes %d: raise its max_payload", m.Subject, len(m.Data), limit)
	}
	return m, data, nil
}

// classifyError wraps an error with ErrFenced or ErrOutcomeUnknown if it means that.
func classifyError(err error) error {
	switch apiCode(err) {
	case codeWrongLastSequence, codeWrongLastSequenceBatch, codeDuplicateID, codeDuplicateInProcess:
		// A message with this id came first. Nothing of this batch was stored.
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

// MaxEvent returns the maximum size in bytes of an encoded event that the broker accepts.
func MaxEvent(js jetstream.JetStream) int64 { return js.Conn().MaxPayload() - headerRoom }
