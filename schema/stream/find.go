package stream

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"netsync/schema/event"
)

// FirstAt returns the sequence number of the first message stored at or after a
// time, or the number of the next message if there is none yet.
func (r *Reader) FirstAt(ctx context.Context, t time.Time) (event.Seq, error) {
	info, err := r.streamInfo(ctx)
	if err != nil {
		return 0, fmt.Errorf("read the tail of stream %s: %w", Name(r.dataset), err)
	}
	if info.State.Msgs == 0 || info.State.LastTime.Before(t) {
		return event.Seq(info.State.LastSeq) + 1, nil
	}
	for m, err := range r.readMessages(ctx, jetstream.OrderedConsumerConfig{
		DeliverPolicy: jetstream.DeliverByStartTimePolicy,
		OptStartTime:  &t,
	}) {
		return m.Seq, err
	}
	return 0, ctx.Err()
}

// ChangesetAfter returns the first changeset event after a sequence number; ok
// is false if there is none yet.
func (r *Reader) ChangesetAfter(ctx context.Context, seq event.Seq) (m Message, ok bool, err error) {
	subject := event.ChangesetSubject(r.dataset)
	for {
		raw, err := r.stream.GetMsg(ctx, uint64(seq)+1, jetstream.WithGetMsgSubject(subject))
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			return Message{}, false, nil
		}
		if err != nil {
			return Message{}, false, fmt.Errorf("read the first message on %s after %d: %w", subject, seq, err)
		}
		if m := r.decodeMessage(raw.Subject, raw.Sequence, raw.Data); m.IsEvent() {
			return m, true, nil
		}
		seq = event.Seq(raw.Sequence)
	}
}

// Changesets yields the existing changeset events, from the first. After an
// error it yields nothing more.
func (r *Reader) Changesets(ctx context.Context) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		last, ok, err := r.LastChangeset(ctx)
		if err != nil {
			yield(Message{}, err)
			return
		}
		if !ok {
			return
		}
		config := jetstream.OrderedConsumerConfig{FilterSubjects: []string{event.ChangesetSubject(r.dataset)}}
		for m, err := range r.readMessages(ctx, config) {
			if err == nil && !m.IsEvent() {
				continue // the last one is an event
			}
			if !yield(m, err) || err != nil || m.Seq >= last.Seq {
				return
			}
		}
	}
}
