package stream

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"netsync/schema/event"
)

// A Message is an event and its place in the stream. The event is zero in a
// message that is set aside, or of a type from a later version.
type Message struct {
	event.Event
	Seq event.Seq
	// Pending is the number of messages waiting after this one when it was
	// sent, within the range of the read.
	Pending uint64
	// Subject is the message's subject.
	Subject string
	// SetAside is why the message is not an event of the dataset; nil for
	// events. Such a message has no effect.
	SetAside error
}

// A Reader reads one dataset's stream.
type Reader struct {
	dataset string
	js      jetstream.JetStream
	stream  jetstream.Stream
	epoch   Epoch
	label   string // the epoch that positions name

	// OnSetAside, if not nil, is called each time a message that is set aside
	// is read.
	OnSetAside func(Message)

	// assets is the stream of the images; nil until found.
	assets struct {
		sync.Mutex
		stream jetstream.Stream
	}
}

// ErrNoStream is returned by Open while there is no stream yet: the dataset
// has not been published.
var ErrNoStream = errors.New("the dataset has no stream yet")

// Open opens a dataset's stream. An empty dataset stands for the only one of
// the broker or, of several, that Choose prefers. The error is ErrNoStream if
// there is none, and a *SeveralError if Choose cannot decide.
func Open(ctx context.Context, js jetstream.JetStream, dataset string) (*Reader, error) {
	if dataset == "" {
		var err error
		if dataset, err = chooseDataset(ctx, js); err != nil {
			return nil, err
		}
	}
	s, err := Find(ctx, js, dataset)
	if err != nil {
		return nil, err
	}
	return Of(js, dataset, s), nil
}

// Of is Open for a stream that was already found.
func Of(js jetstream.JetStream, dataset string, found jetstream.Stream) *Reader {
	epoch := EpochOf(found.CachedInfo())
	return &Reader{dataset: dataset, js: js, stream: found, epoch: epoch, label: epoch.ID}
}

const (
	retryLimit = 5 * time.Second
	retryAfter = time.Second
)

// Find returns a dataset's stream. The error is ErrNoStream if there is none.
func Find(ctx context.Context, js jetstream.JetStream, dataset string) (jetstream.Stream, error) {
	s, err := retryQuestion(ctx, func(ctx context.Context) (jetstream.Stream, error) { return js.Stream(ctx, Name(dataset)) })
	switch {
	case errors.Is(err, jetstream.ErrStreamNotFound):
		return nil, ErrNoStream
	case err != nil:
		return nil, fmt.Errorf("open stream %s: %w", Name(dataset), err)
	case s.CachedInfo().Config.Metadata[metaRestoring] != "":
		return nil, fmt.Errorf("open stream %s: %w", Name(dataset), ErrRestoring)
	}
	return s, nil
}

// retryQuestion repeats a request without an answer for at most retryLimit: a
// server drops requests about a stream that has no leader.
func retryQuestion[T any](ctx context.Context, ask func(context.Context) (T, error)) (T, error) {
	for began := time.Now(); ; {
		try, cancel := context.WithTimeout(ctx, retryAfter)
		answer, err := ask(try)
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil || time.Since(began) > retryLimit {
			return answer, err
		}
	}
}

// chooseDataset returns the only dataset of the broker, or the one that Choose
// prefers.
func chooseDataset(ctx context.Context, js jetstream.JetStream) (string, error) {
	datasets, err := Datasets(ctx, js)
	switch {
	case err != nil:
		return "", err
	case len(datasets) == 0:
		return "", ErrNoStream
	case len(datasets) == 1:
		return datasets[0], nil
	}
	all, err := Candidates(ctx, js)
	if err != nil {
		return "", errors.Join(&SeveralError{datasets}, err)
	}
	chosen, _, err := Choose(all)
	return chosen.Dataset, err
}

// Datasets returns the datasets with a stream on a broker, sorted.
func Datasets(ctx context.Context, js jetstream.JetStream) ([]string, error) {
	var datasets []string
	names := js.StreamNames(ctx)
	for name := range names.Name() {
		if dataset, ok := datasetOf(name); ok {
			datasets = append(datasets, dataset)
		}
	}
	if err := names.Err(); err != nil {
		return nil, fmt.Errorf("list streams: %w", err)
	}
	slices.Sort(datasets)
	return datasets, nil
}

// Dataset returns the id of the dataset.
func (r *Reader) Dataset() string { return r.dataset }

// Config returns the configuration of the stream as last read.
func (r *Reader) Config() jetstream.StreamConfig { return r.stream.CachedInfo().Config }

// Last returns the sequence number of the last message, or 0. In a cluster the
// stream's leader answers.
func (r *Reader) Last(ctx context.Context) (event.Seq, error) {
	info, err := retryQuestion(ctx, func(ctx context.Context) (*jetstream.StreamInfo, error) { return r.streamInfo(ctx) })
	if err != nil {
		return 0, fmt.Errorf("read the tail of stream %s: %w", Name(r.dataset), err)
	}
	return event.Seq(info.State.LastSeq), nil
}

// Epoch returns the epoch that the stream had when the Reader was opened.
func (r *Reader) Epoch() Epoch { return r.epoch }

// Fold returns an empty fold for the stream's first message.
func (r *Reader) Fold() *event.Fold { return &event.Fold{Epoch: r.label} }

// As returns a Reader of the same stream whose folds name another epoch: that of
// a channel which was written before the stream was restored.
func (r *Reader) As(epoch string) *Reader {
	other := Of(r.js, r.dataset, r.stream)
	other.epoch, other.label = r.epoch, epoch
	return other
}

// Same returns a position as the present epoch has it. It is false for one of
// another epoch that is not in the stream.
func (r *Reader) Same(p event.Position) (event.Position, bool) {
	if !r.epoch.Has(p.Epoch, p.Sequence) {
		return p, false
	}
	p.Epoch = r.epoch.ID
	return p, true
}

// streamInfo returns the state of the stream. The error is ErrNoStream if it was
// deleted, and ErrRemade if it is not the one that the Reader was opened on.
func (r *Reader) streamInfo(ctx context.Context, opts ...jetstream.StreamInfoOpt) (*jetstream.StreamInfo, error) {
	info, err := r.stream.Info(ctx, opts...)
	switch {
	case errors.Is(err, jetstream.ErrStreamNotFound):
		return nil, ErrNoStream
	case err == nil && EpochOf(info).ID != r.epoch.ID:
		return nil, ErrRemade
	}
	return info, err
}

// LastChangeset returns the last changeset event; ok is false before the
// first.
func (r *Reader) LastChangeset(ctx context.Context) (m Message, ok bool, err error) {
	return r.lastOn(ctx, event.ChangesetSubject(r.dataset))
}

// lastOn returns the last event on a subject with one type of event. It skips
// later messages that are set aside.
func (r *Reader) lastOn(ctx context.Context, subject string) (m Message, ok bool, err error) {
	raw, err := retryQuestion(ctx, func(ctx context.Context) (*jetstream.RawStreamMsg, error) {
		return r.stream.GetLastMsgForSubject(ctx, subject)
	})
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return Message{}, false, nil
	}
	if err != nil {
		return Message{}, false, fmt.Errorf("read the last message on %s: %w", subject, err)
	}
	if m = r.decodeMessage(raw.Subject, raw.Sequence, raw.Data); m.IsEvent() {
		return m, true, nil
	}
	config := jetstream.OrderedConsumerConfig{FilterSubjects: []string{subject}, MaxResetAttempts: triesOfReplay}
	for next, err := range r.readMessages(ctx, config) {
		if err != nil {
			return Message{}, false, err
		}
		if next.IsEvent() {
			m, ok = next, true
		}
		if uint64(next.Seq) >= raw.Sequence {
			break
		}
	}
	return m, ok, ctx.Err()
}

// IsEvent reports whether the message is an event of a known type.
func (m Message) IsEvent() bool { return m.Change != nil || m.Changeset != nil || m.Findings != nil }

// decodeMessage decodes a message of a subject.
func (r *Reader) decodeMessage(subject string, seq uint64, data []byte) Message {
	m := Message{Seq: event.Seq(seq), Subject: subject}
	e, err := event.DecodeMessage(r.dataset, subject, data)
	switch {
	case err == nil:
		m.Event = e
	case !errors.Is(err, event.ErrLaterType):
		m.SetAside = err
		reportSetAside(r, m)
	}
	return m
}

// At returns the message with a sequence number.
func (r *Reader) At(ctx context.Context, seq event.Seq) (Message, error) {
	raw, err := r.stream.GetMsg(ctx, uint64(seq))
	if err != nil {
		return Message{}, fmt.Errorf("read message %d of stream %s: %w", seq, Name(r.dataset), err)
	}
	return r.decodeMessage(raw.Subject, raw.Sequence, raw.Data), nil
}

// LastFindings returns the last announced findings, or nil.
func (r *Reader) LastFindings(ctx context.Context) (*event.Findings, error) {
	m, ok, err := r.lastOn(ctx, event.FindingsSubject(r.dataset))
	if !ok {
		return nil, err
	}
	return m.Findings, nil
}
