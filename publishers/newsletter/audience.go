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

// An audience is the subscribers that a digest goes to. Each subscriber holds
// the mark of the digest.
type audience struct {
	*Newsletter
	list       *subscribers.List
	digest     Sent
	variants   *variants
	configured map[string]bool // folded addresses of the configuration
	isCounted  bool
	deferred   deferredSet // deferred by the server in this run
}

// A deferredSet is a set of subscribers. A server may defer all of them.
type deferredSet struct {
	mu          sync.Mutex
	subscribers map[subscribers.Short]bool
}

func (d *deferredSet) add(s subscribers.Subscriber) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.subscribers == nil {
		d.subscribers = make(map[subscribers.Short]bool)
	}
	d.subscribers[s.Short()] = true
}

func (d *deferredSet) hasSubscriber(s subscribers.Subscriber) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.subscribers[s.Short()]
}

// findAudience returns the audience of a digest; nil if the dataset has no
// list.
func (n *Newsletter) findAudience(ctx context.Context, dataset string, s Sent, main content) (*audience, error) {
	list, ok, err := subscribers.Find(ctx, n.JetStream, dataset)
	if err != nil || !ok {
		return nil, err
	}
	listed := make(map[string]bool)
	for _, to := range n.sender.to {
		listed[foldAddress(to)] = true
	}
	return &audience{Newsletter: n, list: list, digest: s, variants: n.newVariants(list, s, main), configured: listed}, nil
}

// isDue reports whether a subscriber is to get the digest.
func (a *audience) isDue(s subscribers.Subscriber) bool {
	switch {
	case a.configured[foldAddress(s.Address)]: // a configured recipient gets it only once
		return false
	case !s.Suspended.IsZero() || a.digest.startFor(s) >= a.digest.To || a.hasDigest(s):
		return false
	case s.Frequency == subscribers.Monthly:
		return s.Month < a.digest.Month // not again after the clock was set back
	}
	return !a.digest.Monthly
}

// startFor returns the changeset event after which the digest begins for a
// subscriber. A subscriber whose last digest was of an earlier stream got all
// of it up to the base.
func (s Sent) startFor(sub subscribers.Subscriber) event.Seq {
	if sub.Base != s.Base {
		return s.BaseFrom
	}
	return sub.Told
}

// hasDigest reports whether the digest was sent to a subscriber, or is being
// sent.
func (a *audience) hasDigest(s subscribers.Subscriber) bool {
	return s.Last != nil && s.Last.Digest == a.digest.digestKey()
}

// countDue returns the number of subscribers with changes in the digest. It
// also loads what their messages need.
func (a *audience) countDue(ctx context.Context) (n int, err error) {
	if a == nil {
		return 0, nil
	}
	counts := make(map[choice]int)
	for s, err := range a.list.All(ctx) {
		if err != nil {
			return n, err
		}
		if a.isDue(s) {
			counts[a.variants.choiceOf(s)]++
		}
	}
	if err := a.variants.loadPeriods(ctx, slices.Collect(maps.Keys(counts))); err != nil {
		return n, err
	}
	for choice, count := range counts {
		v, err := a.variants.variantFor(ctx, choice)
		if err != nil {
			return n, err
		}
		if !v.isEmpty {
			n += count
		}
	}
	a.isCounted = true
	return n, nil
}

// listRecipients yields the recipients, including those of earlier runs. It
// advances subscribers without changes.
func (a *audience) listRecipients(ctx context.Context, run string) iter.Seq2[recipient, error] {
	return func(yield func(recipient, error) bool) {
		if a == nil {
			return
		}
		if !a.isCounted { // begun by another process: load the variants of all at once
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

// recipientFor returns nil for a skipped subscriber. Subscribers that were
// written in this run moved to the end of the list, and come again.
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

// errNotDue is returned if a subscriber is not, or no longer, to get the
// digest.
var errNotDue = errors.New("the subscriber is not due")

// listMarks yields the marks of the digest in undefined order.
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
	choice     choice // when the subscriber was read
	claim      mark   // of this run
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

// composeMessage returns the variant for the choice when the subscriber was
// read.
func (r *subscriberRecipient) composeMessage(ctx context.Context) (mail.Message, error) {
	return r.variants.messageFor(ctx, r.choice, r.subscriber)
}

// claimMark records with the subscriber that the message is being sent, and
// advances them. If the subscriber changed since they were read, they are left
// for the next try.
func (r *subscriberRecipient) claimMark(ctx context.Context, claim mark) (mark, bool, error) {
	read := r.subscriber
	r.claim = claim
	sub, err := r.list.ChangeFrom(ctx, r.subscriber, func(s *subscribers.Subscriber) error {
		if !r.isDue(*s) || s.Told != read.Told || s.Language != read.Language || !slices.Equal(s.Topics, read.Topics) {
			read = *s
			return errNotDue
		}
		s.Last = &subscribers.Delivery{
			Digest: r.digest.digestKey(), State: string(claim.State), At: claim.At, By: claim.By, Number: claim.Number, Open: claim.Open,
			Told: s.Told, Base: s.Base, Month: s.Month,
		}
		s.Told, s.Base, s.Month = r.digest.To, r.digest.Base, r.digest.Month
		return nil
	})
	switch {
	case err == nil:
		r.subscriber = sub
		return markOf(sub.Last), true, nil
	case errors.Is(err, errNotDue) && r.hasDigest(read):
		m := markOf(read.Last) // may be this claim, if the broker stored it but returned an error
		r.subscriber = read
		return m, m.isOf(claim), nil
	case errors.Is(err, errNotDue), errors.Is(err, subscribers.ErrUnknown):
		return mark{State: stateNotDue}, false, nil
	}
	// The claim may be stored all the same. Then the subscriber does not get the
	// digest: better than twice.
	if now, getErr := r.list.Get(ctx, r.subscriber.ID); getErr == nil && now.Last != nil && markOf(now.Last).isOf(claim) {
		r.subscriber = now
		return markOf(now.Last), true, nil
	}
	return mark{}, false, err
}

// changeSubscriber changes the subscriber if the claim is still this one.
func (r *subscriberRecipient) changeSubscriber(ctx context.Context, do func(*subscribers.Subscriber)) error {
	_, err := r.list.ChangeFrom(ctx, r.subscriber, func(s *subscribers.Subscriber) error {
		if s.Last == nil || !markOf(s.Last).isOf(r.claim) {
			return errNotDue
		}
		do(s)
		return nil
	})
	if errors.Is(err, errNotDue) || errors.Is(err, subscribers.ErrUnknown) { // unsubscribed, or subscribed again
		return nil
	}
	return err
}

func (r *subscriberRecipient) recordMark(ctx context.Context, m mark) error {
	suspended := false
	err := r.changeSubscriber(ctx, func(s *subscribers.Subscriber) {
		s.Last.State, s.Last.Code, s.Last.At = string(m.State), m.Code, m.At
		if m.State == stateRefused { // the subscriber did not get it
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

// isBounce reports whether a response code concerns the mailbox, not the
// message or the sender (RFC 5321 §4.2.2, RFC 7504 §4).
func isBounce(code int) bool { return slices.Contains([]int{521, 550, 551, 553, 556}, code) }

func (r *subscriberRecipient) releaseClaim(ctx context.Context) error {
	r.deferred.add(r.subscriber)
	return r.changeSubscriber(ctx, func(s *subscribers.Subscriber) {
		s.Told, s.Base, s.Month, s.Last = s.Last.Told, s.Last.Base, s.Last.Month, nil
	})
}
