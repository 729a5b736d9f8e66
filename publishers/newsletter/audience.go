package newsletter

import (
	"context"
	"errors"
	"iter"
	"maps"
	"slices"
	"sync"

	"netsync/publishers/newsletter/mail"

	"netsync/publishers/newsletter/subscribers"
	"netsync/schema/event"
)

// An findAudience is the subscribers that a digest goes to. Who of them got it is
// noted with each of them.
type audience struct {
	*Newsletter
	list      *subscribers.List
	digest    Sent
	variants  *variants
	listed    map[string]bool // folded addresses that the configuration names
	isCounted bool
	deferred  deferredSet // those whom the server did not take this time
}

// deferredSet is a set of subscribers. A server may put off all of them.
type deferredSet struct {
	mu          sync.Mutex
	subscribers map[subscribers.Short]bool
}

func (p *deferredSet) add(s subscribers.Subscriber) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.subscribers == nil {
		p.subscribers = make(map[subscribers.Short]bool)
	}
	p.subscribers[s.Short()] = true
}

func (p *deferredSet) hasSubscriber(s subscribers.Subscriber) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.subscribers[s.Short()]
}

// findAudience finds who a digest goes to; nil where the dataset has no list.
func (n *Newsletter) findAudience(ctx context.Context, dataset string, s Sent, main content) (*audience, error) {
	list, ok, err := subscribers.Find(ctx, n.JetStream, dataset)
	if err != nil || !ok {
		return nil, err
	}
	listed := make(map[string]bool)
	for _, to := range n.sender.to {
		listed[foldAddress(to)] = true
	}
	return &audience{Newsletter: n, list: list, digest: s, variants: n.newVariants(list, s, main), listed: listed}, nil
}

// isDue reports whether a subscriber is to get the digest.
func (a *audience) isDue(s subscribers.Subscriber) bool {
	switch {
	case a.listed[foldAddress(s.Address)]: // they get what the configuration sends them, and nothing twice
		return false
	case !s.Suspended.IsZero() || a.digest.startFor(s) >= a.digest.To || a.hasDigest(s):
		return false
	case s.Frequency == subscribers.Monthly:
		return s.Month < a.digest.Month // a clock that was set back begins no month anew
	}
	return !a.digest.Monthly
}

// startFor is the changeset event up to which a subscriber has been told, as the
// digest counts. Who was told in a stream that was there before has been told all
// that the last digest said.
func (s Sent) startFor(who subscribers.Subscriber) event.Seq {
	if who.Base != s.Base {
		return s.BaseFrom
	}
	return who.Told
}

// hasDigest reports whether the digest went to a subscriber, or is on its way.
func (a *audience) hasDigest(s subscribers.Subscriber) bool {
	return s.Last != nil && s.Last.Digest == a.digest.digestKey()
}

// countDue returns how many there is something to tell. The digest can be worded for
// all of them then.
func (a *audience) countDue(ctx context.Context) (n int, err error) {
	if a == nil {
		return 0, nil
	}
	many := make(map[choice]int)
	for s, err := range a.list.All(ctx) {
		if err != nil {
			return n, err
		}
		if a.isDue(s) {
			many[a.variants.choiceOf(s)]++
		}
	}
	if err := a.variants.loadPeriods(ctx, slices.Collect(maps.Keys(many))); err != nil {
		return n, err
	}
	for choice, of := range many {
		v, err := a.variants.variantFor(ctx, choice)
		if err != nil {
			return n, err
		}
		if !v.isEmpty {
			n += of
		}
	}
	a.isCounted = true
	return n, nil
}

// listRecipients yields who the digest goes to, those included who got it before this run.
// Who there is nothing to tell is told so much.
func (a *audience) listRecipients(ctx context.Context, run string) iter.Seq2[recipient, error] {
	return func(yield func(recipient, error) bool) {
		if a == nil {
			return
		}
		if !a.isCounted { // it was begun elsewhere: read once what all of them need
			if _, err := a.countDue(ctx); err != nil {
				yield(nil, err)
				return
			}
		}
		for s, err := range a.list.All(ctx) {
			if err != nil {
				yield(nil, err)
				return
			}
			r, err := a.recipientFor(ctx, s, run)
			if (r != nil || err != nil) && !yield(r, err) {
				return
			}
		}
	}
}

// recipientFor is nil for a subscriber who is passed over. Who was written to in
// this run has moved to the end of the list, and comes once more.
func (a *audience) recipientFor(ctx context.Context, s subscribers.Subscriber, run string) (recipient, error) {
	if a.hasDigest(s) && s.Last.By != run {
		return &subscriberRecipient{audience: a, subscriber: s}, nil
	}
	if a.deferred.hasSubscriber(s) || !a.isDue(s) {
		return nil, nil
	}
	choice := a.variants.choiceOf(s)
	v, err := a.variants.variantFor(ctx, choice)
	if err != nil {
		return nil, err
	}
	if !v.isEmpty {
		return &subscriberRecipient{audience: a, subscriber: s, choice: choice}, nil
	}
	_, err = a.list.ChangeFrom(ctx, s, func(now *subscribers.Subscriber) error {
		if !a.isDue(*now) || a.variants.choiceOf(*now) != choice {
			return errNotDue
		}
		now.Told, now.Base = a.digest.To, a.digest.Base
		return nil
	})
	if errors.Is(err, errNotDue) || errors.Is(err, subscribers.ErrUnknown) {
		err = nil
	}
	return nil, err
}

// errNotDue says that a subscriber is not, or no more, one to write to.
var errNotDue = errors.New("the subscriber is not due")

// listMarks yields what is noted of the digest, in no order.
func (a *audience) listMarks(ctx context.Context) iter.Seq2[mark, error] {
	return func(yield func(mark, error) bool) {
		if a == nil {
			return
		}
		for s, err := range a.list.All(ctx) {
			if err != nil {
				yield(mark{}, err)
				return
			}
			if a.hasDigest(s) && !yield(markOf(s.Last), nil) {
				return
			}
		}
	}
}

// A subscriberRecipient is a recipient from the list of subscribers.
type subscriberRecipient struct {
	*audience
	subscriber subscribers.Subscriber
	choice     choice // when they were read
	claim      mark   // the claim
}

var _ recipient = (*subscriberRecipient)(nil)

func (r *subscriberRecipient) readMark(context.Context) (mark, bool, error) {
	if !r.hasDigest(r.subscriber) {
		return mark{}, false, nil
	}
	return markOf(r.subscriber.Last), true, nil
}

func markOf(d *subscribers.Delivery) mark {
	return mark{State: state(d.State), Code: d.Code, At: d.At, By: d.By, Number: d.Number, Open: d.Open}
}

// composeMessage is the variant of what the subscriber chose when they were read.
func (r *subscriberRecipient) composeMessage(ctx context.Context, room []byte) (mail.Message, error) {
	return r.variants.messageFor(ctx, r.choice, room, r.subscriber)
}

// claimMark notes with the subscriber that the message is on its way: they have been
// told, unless it turns out that they were not. Whoever changed their mind since
// they were read is left for the next try, which reads them anew.
func (r *subscriberRecipient) claimMark(ctx context.Context, mine mark) (mark, bool, error) {
	read := r.subscriber
	r.claim = mine
	who, err := r.list.ChangeFrom(ctx, r.subscriber, func(s *subscribers.Subscriber) error {
		if !r.isDue(*s) || s.Told != read.Told || s.Language != read.Language || !slices.Equal(s.Topics, read.Topics) {
			read = *s
			return errNotDue
		}
		s.Last = &subscribers.Delivery{
			Digest: r.digest.digestKey(), State: string(mine.State), At: mine.At, By: mine.By, Number: mine.Number, Open: mine.Open,
			Told: s.Told, Base: s.Base, Month: s.Month,
		}
		s.Told, s.Base, s.Month = r.digest.To, r.digest.Base, r.digest.Month
		return nil
	})
	switch {
	case err == nil:
		r.subscriber = who
		return markOf(who.Last), true, nil
	case errors.Is(err, errNotDue) && r.hasDigest(read):
		m := markOf(read.Last) // it is this claim where the broker took it and said otherwise
		r.subscriber = read
		return m, m.isOf(mine), nil
	case errors.Is(err, errNotDue), errors.Is(err, subscribers.ErrUnknown):
		return mark{State: stateNotDue}, false, nil
	}
	// The note may be there all the same. It keeps the subscriber from getting
	// the digest: better that than twice.
	if now, again := r.list.Get(ctx, r.subscriber.ID); again == nil && now.Last != nil && markOf(now.Last).isOf(mine) {
		r.subscriber = now
		return markOf(now.Last), true, nil
	}
	return mark{}, false, err
}

// changeSubscriber changes the subscriber as long as the claim is this one.
func (r *subscriberRecipient) changeSubscriber(ctx context.Context, do func(*subscribers.Subscriber)) error {
	_, err := r.list.ChangeFrom(ctx, r.subscriber, func(s *subscribers.Subscriber) error {
		if s.Last == nil || !markOf(s.Last).isOf(r.claim) {
			return errNotDue
		}
		do(s)
		return nil
	})
	if errors.Is(err, errNotDue) || errors.Is(err, subscribers.ErrUnknown) { // they left meanwhile, or came back
		return nil
	}
	return err
}

func (r *subscriberRecipient) recordMark(ctx context.Context, m mark) error {
	suspended := false
	err := r.changeSubscriber(ctx, func(s *subscribers.Subscriber) {
		s.Last.State, s.Last.Code, s.Last.At = string(m.State), m.Code, m.At
		if m.State == stateRefused { // they were not told
			s.Told, s.Base, s.Month = s.Last.Told, s.Last.Base, s.Last.Month
			suspended = isBounce(m.Code) && s.Bounce(m.At)
			r.subscriber.Bounces = s.Bounces
		}
	})
	if suspended && err == nil {
		r.logSuspended(r.subscriber)
	}
	return err
}

// isBounce reports whether an answer is about the mailbox, and not about the
// message or the sender (RFC 5321 §4.2.2, RFC 7504 §4).
func isBounce(code int) bool { return slices.Contains([]int{521, 550, 551, 553, 556}, code) }

func (r *subscriberRecipient) releaseClaim(ctx context.Context) error {
	r.deferred.add(r.subscriber)
	return r.changeSubscriber(ctx, func(s *subscribers.Subscriber) {
		s.Told, s.Base, s.Month, s.Last = s.Last.Told, s.Last.Base, s.Last.Month, nil
	})
}
