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

// All yields the subscribers one after another, in the order in which they were
// written last. Who is written meanwhile comes once more, as they are then:
// nobody is left out. It keeps no more than a page of them in memory.
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

// page is how many subscribers are read at a time. The broker counts for each page
// how many are behind it, and so takes longer for many small ones.
const page = 512

// read reads a page that begins at a revision, and returns where the next one
// does; 0 where there is none. It reads all of it at once: the broker does not
// wait for whoever sends mail in between.
func (l *List) read(ctx context.Context, from uint64) (some []Subscriber, next uint64, err error) {
	conn := l.js.Conn()
	// There is room for all answers, and no more. The queue that the client makes by
	// itself takes half a megabyte, for each page.
	answers, inbox := make(chan *nats.Msg, page+1), conn.NewRespInbox()
	sub, err := conn.ChanSubscribe(inbox, answers)
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = sub.Unsubscribe() }() // it ends with the connection at the latest
	// Without a subject: nearly all keys are subscribers, and to sort out the others
	// is more work for the broker.
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
			return some, next, nil // the rest of the page was lost, and is asked for anew
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

// What the broker says behind the last message that there is in a page, and where
// there is none (NATS ADR-31).
const (
	endOfPage     = "204"
	nothingBehind = "404"
)

var errSilent = errors.New("the broker does not answer")

// operation is the header of a message that takes a key away (NATS ADR-8).
const operation = "KV-Operation"

// addSubscriber adds the subscriber of a message, unless it is about something else or
// removes them. It returns the revision after it.
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
