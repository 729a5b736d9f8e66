package journal

import (
	"context"
	"errors"
	"fmt"
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

// A Batch is what is published all or none.
type Batch struct {
	messages []*nats.Msg
	room     *[]byte // that the data of the messages lies in
}

// rooms hold what a batch is encoded into. A large import is many batches of some
// megabytes, of which two are there at a time.
var rooms = sync.Pool{New: func() any { return new([]byte) }}

// Prepare makes a batch of up to MaxBatch events. The events are not needed
// after it.
func (j *Journal) Prepare(events []event.Event) (Batch, error) {
	room := rooms.Get().(*[]byte)
	messages, data, err := encode((*room)[:0], events)
	if err != nil {
		return Batch{}, err
	}
	*room = data
	return Batch{messages, room}, j.checkSize(messages)
}

// Append publishes a batch after the message with sequence number fence, and
// returns the sequence number of its last one. The batch is used up then. A changeset that takes several
// batches ends with its changeset event: readers count it only from there on.
//
// The error is ErrFenced when another message came first: nothing was
// published. It is ErrOutcomeUnknown when no answer came: the batch may be in
// the stream or not, and only reading it back tells.
func (j *Journal) Append(ctx context.Context, fence event.Seq, b Batch) (event.Seq, error) {
	defer rooms.Put(b.room) // what went to the broker was copied
	last, err := publish(ctx, j.js, b.messages, jetstreamext.WithBatchExpectLastSequence(uint64(fence)))
	return event.Seq(last), err
}

// publish publishes messages all or none, the first of them with options, which
// hold for the whole of the batch, and returns the sequence number of the last.
func publish(ctx context.Context, js jetstream.JetStream, messages []*nats.Msg, first ...jetstreamext.BatchMsgOpt) (uint64, error) {
	batch, err := jetstreamext.NewBatchPublisher(js, flow)
	if err != nil {
		return 0, fmt.Errorf("begin batch: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, commitLimit)
	defer cancel()
	defer whileConnected(js.Conn(), cancel)()
	if err := failpoint.Hit("journal: before batch"); err != nil {
		return 0, err
	}
	final := len(messages) - 1
	for _, m := range messages[:final] {
		if err := batch.AddMsg(m, first...); err != nil {
			return 0, outcome(err)
		}
		first = nil
	}
	if err := failpoint.Hit("journal: before commit"); err != nil {
		return 0, outcome(err)
	}
	ack, err := batch.CommitMsg(ctx, messages[final], first...)
	if err == nil {
		err = failpoint.Hit("journal: after commit")
	}
	if err != nil {
		return 0, outcome(err)
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

// encode encodes events one behind the other into data, which grows.
func encode(data []byte, events []event.Event) ([]*nats.Msg, []byte, error) {
	messages := make([]*nats.Msg, len(events))
	for i, e := range events {
		from := len(data)
		var err error
		if data, err = event.Append(data, e); err != nil {
			return nil, nil, err
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
		messages[i] = m
	}
	return messages, data, nil
}

// headerRoom is left for the headers of a message within the payload limit.
const headerRoom = 1024

func (j *Journal) checkSize(messages []*nats.Msg) error {
	limit := j.js.Conn().MaxPayload()
	for _, m := range messages {
		if int64(len(m.Data)+headerRoom) > limit {
			return fmt.Errorf("publish %s: the event has %d bytes, the broker takes %d: raise its max_payload", m.Subject, len(m.Data), limit)
		}
	}
	return nil
}

// outcome sorts an error into what is known about the batch after it.
func outcome(err error) error {
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
