package subscribers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// All yields the subscribers in the order of their last change. A subscriber
// who changes meanwhile is yielded again with the new values, so none is
// missed. All keeps at most one page of them in memory.
func (l *List) All(ctx context.Context) iter.Seq2[Subscriber, error] {
	return func(yield func(Subscriber, error) bool) {
		for next := uint64(1); next > 0; {
			var some []Subscriber
			var err error
			if some, next, err = l.read(ctx, next); err != nil {
				yield(Subscriber{}, fmt.Errorf("read subscribers: %w", err))
				return
			}
			for _, s := range some {
				if !yield(s, nil) {
					return
				}
			}
		}
	}
}

// page is the number of subscribers in one read. The broker counts the
// remaining messages for each page, so small pages are slower.
const page = 512

// read reads the page that begins at a revision, and returns the revision of
// the next page, or 0 if this is the last. It reads the page at once: the
// broker does not wait while the caller sends mail.
func (l *List) read(ctx context.Context, from uint64) (some []Subscriber, next uint64, err error) {
	conn := l.js.Conn()
	// The channel holds exactly one page. The client's default queue would take
	// half a megabyte for each page.
	answers, inbox := make(chan *nats.Msg, page+1), conn.NewRespInbox()
	sub, err := conn.ChanSubscribe(inbox, answers)
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = sub.Unsubscribe() }() // it ends with the connection at the latest
	// The request has no subject: nearly all keys are subscribers, and
	// filtering is more work for the broker.
	ask := fmt.Appendf(nil, `{"seq":%d,"batch":%d}`, from, page)
	if err := conn.PublishRequest("$JS.API.DIRECT.GET.KV_"+Bucket(l.dataset), inbox, ask); err != nil {
		return nil, 0, err
	}
	limit, cancel := context.WithTimeout(ctx, conn.Opts.Timeout)
	defer cancel()
	for next = from; ; {
		var m *nats.Msg
		select {
		case m = <-answers:
		case <-limit.Done():
			if next == from {
				return nil, 0, cmp.Or(ctx.Err(), errSilent)
			}
			return some, next, nil // the rest of the page was lost and is read again
		}
		switch status := m.Header.Get("Status"); status {
		case "":
		case endOfPage:
			return some, next, nil
		case nothingBehind:
			return some, 0, nil
		default:
			return nil, 0, fmt.Errorf("the broker answers %s %s", status, m.Header.Get("Description"))
		}
		if some, next, err = l.addSubscriber(some, m); err != nil {
			return nil, 0, err
		}
	}
}

// Status codes of the broker after the last message of a page, and if there are
// no messages (NATS ADR-31).
const (
	endOfPage     = "204"
	nothingBehind = "404"
)

var errSilent = errors.New("the broker does not answer")

// operation is the header of a message that deletes a key (NATS ADR-8).
const operation = "KV-Operation"

// addSubscriber appends the subscriber of a message, unless the message has
// another key or deletes it. It returns the next revision.
func (l *List) addSubscriber(some []Subscriber, m *nats.Msg) ([]Subscriber, uint64, error) {
	revision, err := strconv.ParseUint(m.Header.Get(jetstream.SequenceHeader), 10, 64)
	if err != nil {
		return nil, 0, fmt.Errorf("the broker's answer has no revision: %w", err)
	}
	key := strings.TrimPrefix(m.Header.Get(jetstream.SubjectHeader), "$KV."+Bucket(l.dataset)+".")
	if !strings.HasPrefix(key, prefix) || m.Header.Get(operation) != "" {
		return some, revision + 1, nil
	}
	s, err := decode(key, m.Data, revision)
	return append(some, s), revision + 1, err
}
