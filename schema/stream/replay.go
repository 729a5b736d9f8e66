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

// Replay yields the messages from one sequence number to another, both
// included, in order and without gaps. It waits for messages that do not exist
// yet. After an error it yields nothing more; an unreachable broker is an error
// within seconds.
func (r *Reader) Replay(ctx context.Context, from, to event.Seq) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		if from > to {
			return
		}
		config := startAt(from)
		config.MaxResetAttempts = triesOfReplay
		for m, err := range r.consumeAll(ctx, config) {
			if !yield(m, err) || err != nil || m.Seq >= to {
				return
			}
		}
	}
}

// Follow yields every message from a sequence number on, in order and without
// gaps, and waits for more until ctx ends. It yields nothing after an error,
// which is that of ctx if it ended.
func (r *Reader) Follow(ctx context.Context, from event.Seq) iter.Seq2[Message, error] {
	return r.consumeAll(ctx, startAt(from))
}

// consumeAll yields each message from the configured start. The error is a
// *DamagedError if one is missing.
func (r *Reader) consumeAll(ctx context.Context, config jetstream.OrderedConsumerConfig) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		next := event.Seq(config.OptStartSeq)
		for m, err := range r.readMessages(ctx, config) {
			if err == nil && m.Seq != next {
				m, err = Message{}, r.damageError("message %d comes after message %d: what is between cannot be read", m.Seq, next-1)
			}
			if next++; !yield(m, err) || err != nil {
				return
			}
		}
	}
}

func startAt(from event.Seq) jetstream.OrderedConsumerConfig {
	return jetstream.OrderedConsumerConfig{
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy,
		OptStartSeq:   max(uint64(from), 1),
	}
}

// consumerIdle is how long the server keeps a consumer that is neither read nor
// deleted. The client creates another if needed.
const consumerIdle = 30 * time.Second

// A consumer is on one server. If that vanishes, the client notices after two
// heartbeats and creates another: always in Follow, and a limited number of
// times in Replay, whose caller should not wait for long.
const (
	heartbeat     = 2 * time.Second
	triesOfReplay = 1
)

func (r *Reader) readMessages(ctx context.Context, config jetstream.OrderedConsumerConfig) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		config.InactiveThreshold = consumerIdle
		consumer, err := r.stream.OrderedConsumer(ctx, config)
		if err != nil {
			yield(Message{}, fmt.Errorf("read stream %s: %w", Name(r.dataset), err))
			return
		}
		messages, err := consumer.Messages(jetstream.PullHeartbeat(heartbeat))
		if err != nil {
			deleteConsumer(r, consumer)
			yield(Message{}, fmt.Errorf("read stream %s: %w", Name(r.dataset), err))
			return
		}
		defer deleteConsumer(r, consumer)
		defer messages.Stop()
		w := &messageWait{r: r, messages: messages, end: func() {}}
		defer func() { w.end() }()
		for {
			m, err := w.nextMessage(ctx)
			if err != nil {
				yield(Message{}, fmt.Errorf("read stream %s: %w", Name(r.dataset), err))
				return
			}
			if !yield(m, nil) {
				return
			}
		}
	}
}

// releaseLimit is how long deleting a consumer may take; otherwise the server
// deletes it later.
const releaseLimit = time.Second

// deleteConsumer deletes a consumer at once: the server limits their number.
func deleteConsumer(r *Reader, consumer jetstream.Consumer) {
	info := consumer.CachedInfo()
	if info == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), releaseLimit)
	defer cancel()
	_ = r.stream.DeleteConsumer(ctx, info.Name) // otherwise the server deletes it later
}

// lookEvery is how often a waiting Reader checks that the stream is still the
// same. On a stream that was made again the client would wait for a sequence
// number far beyond its end.
const lookEvery = 10 * time.Second

// A messageWait waits for the messages of one consumer.
type messageWait struct {
	r        *Reader
	messages jetstream.MessagesContext
	look     context.Context // ends when the next check is due
	end      context.CancelFunc
}

// awaitMessage waits for a message.
func (w *messageWait) awaitMessage(ctx context.Context) (jetstream.Msg, error) {
	for {
		if w.look == nil || w.look.Err() != nil {
			w.end()
			w.look, w.end = context.WithTimeout(ctx, lookEvery)
		}
		raw, err := w.messages.Next(jetstream.NextContext(w.look))
		if !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil {
			return raw, err
		}
		if _, err := w.r.streamInfo(ctx); errors.Is(err, ErrRemade) || errors.Is(err, ErrNoStream) {
			return nil, err
		}
	}
}

func (w *messageWait) nextMessage(ctx context.Context) (Message, error) {
	raw, err := w.awaitMessage(ctx)
	if err != nil {
		return Message{}, err
	}
	meta, err := raw.Metadata()
	if err != nil {
		return Message{}, err
	}
	m := w.r.decodeMessage(raw.Subject(), meta.Sequence.Stream, raw.Data())
	m.Pending = meta.NumPending
	return m, nil
}
