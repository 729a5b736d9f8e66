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

// An audience is the subscribers that a digest goes to. Who of them got it is
// noted with each of them.
type audience struct {
	*Newsletter
	list     *subscribers.List
	digest   Sent
	variants *variants
	listed   map[string]bool // folded addresses that the configuration names
	counted  bool
	putOff   putOff // those whom the server did not take this time
}

// putOff is a set of subscribers. A server may put off all of them.
type putOff struct {
	mu  sync.Mutex
	who map[subscribers.Short]bool
}

func (p *putOff) add(s subscribers.Subscriber) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.who == nil {
		p.who = make(map[subscribers.Short]bool)
	}
	p.who[s.Short()] = true
}

func (p *putOff) has(s subscribers.Subscriber) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.who[s.Short()]
}

// audience finds who a digest goes to; nil where the dataset has no list.
func (n *Newsletter) audience(ctx context.Context, dataset string, s Sent, main content) (*audience, error) {
	list, ok, err := subscribers.Find(ctx, n.JetStream, dataset)
	if err != nil || !ok {
		return nil, err
	}
	listed := make(map[string]bool)
	for _, to := range n.sender.to {
		listed[fold(to)] = true
	}
	return &audience{Newsletter: n, list: list, digest: s, variants: n.variants(list, s, main), listed: listed}, nil
}

// isDue reports whether a subscriber is to get the digest.
func (a *audience) isDue(s subscribers.Subscriber) bool {
	switch {
	case a.listed[fold(s.Address)]: // they get what the configuration sends them, and nothing twice
		return false
	case !s.Suspended.IsZero() || a.digest.told(s) >= a.digest.To || a.got(s):
		return false
	case s.Frequency == subscribers.Monthly:
		return s.Month < a.digest.Month // a clock that was set back begins no month anew
	}
	return !a.digest.Monthly
}

// told is the changeset event up to which a subscriber has been told, as the
// digest counts. Who was told in a stream that was there before has been told all
// that the last digest said.
func (s Sent) told(who subscribers.Subscriber) event.Seq {
	if who.Base != s.Base {
		return s.BaseFrom
	}
	return who.Told
}

// got reports whether the digest went to a subscriber, or is on its way.
func (a *audience) got(s subscribers.Subscriber) bool {
	return s.Last != nil && s.Last.Digest == a.digest.key()
}

// count returns how many there is something to tell. The digest can be worded for
// all of them then.
func (a *audience) count(ctx context.Context) (n int, err error) {
	if a == nil {
		return 0, nil
	}
	many := make(map[choice]int)
	for s, err := range a.list.All(ctx) {
		if err != nil {
			return n, err
		}
		if a.isDue(s) {
			many[a.variants.choice(s)]++
		}
	}
	if err := a.variants.prepare(ctx, slices.Collect(maps.Keys(many))); err != nil {
		return n, err
	}
	for choice, of := range many {
		v, err := a.variants.of(ctx, choice)
		if err != nil {
			return n, err
		}
		if !v.empty {
			n += of
		}
	}
	a.counted = true
	return n, nil
}

// all yields who the digest goes to, those included who got it before this run.
// Who there is nothing to tell is told so much.
func (a *audience) all(ctx context.Context, run string) iter.Seq2[recipient, error] {
	return func(yield func(recipient, error) bool) {
		if a == nil {
			return
		}
		if !a.counted { // it was begun elsewhere: read once what all of them need
			if _, err := a.count(ctx); err != nil {
				yield(nil, err)
				return
			}
		}
		for s, err := range a.list.All(ctx) {
			if err != nil {
				yield(nil, err)
				return
			}
			r, err := a.recipient(ctx, s, run)
			if (r != nil || err != nil) && !yield(r, err) {
				return
			}
		}
	}
}

// recipient is nil for a subscriber who is passed over. Who was written to in
// this run has moved to the end of the list, and comes once more.
func (a *audience) recipient(ctx context.Context, s subscribers.Subscriber, run string) (recipient, error) {
	if a.got(s) && s.Last.By != run {
		return &subscribed{audience: a, who: s}, nil
	}
	if a.putOff.has(s) || !a.isDue(s) {
		return nil, nil
	}
	choice := a.variants.choice(s)
	v, err := a.variants.of(ctx, choice)
	if err != nil {
		return nil, err
	}
	if !v.empty {
		return &subscribed{audience: a, who: s, choice: choice}, nil
	}
	_, err = a.list.ChangeFrom(ctx, s, func(now *subscribers.Subscriber) error {
		if !a.isDue(*now) || a.variants.choice(*now) != choice {
			return errPassed
		}
		now.Told, now.Base = a.digest.To, a.digest.Base
		return nil
	})
	if errors.Is(err, errPassed) || errors.Is(err, subscribers.ErrUnknown) {
		err = nil
	}
	return nil, err
}

// errPassed says that a subscriber is not, or no more, one to write to.
var errPassed = errors.New("the subscriber is not due")

// marks yields what is noted of the digest, in no order.
func (a *audience) marks(ctx context.Context) iter.Seq2[mark, error] {
	return func(yield func(mark, error) bool) {
		if a == nil {
			return
		}
		for s, err := range a.list.All(ctx) {
			if err != nil {
				yield(mark{}, err)
				return
			}
			if a.got(s) && !yield(markOf(s.Last), nil) {
				return
			}
		}
	}
}

// A subscribed is a recipient from the list of subscribers.
type subscribed struct {
	*audience
	who    subscribers.Subscriber
	choice choice // when they were read
	mine   mark   // the claim
}

var _ recipient = (*subscribed)(nil)

func (r *subscribed) marked(context.Context) (mark, bool, error) {
	if !r.got(r.who) {
		return mark{}, false, nil
	}
	return markOf(r.who.Last), true, nil
}

func markOf(d *subscribers.Delivery) mark {
	return mark{State: state(d.State), Code: d.Code, At: d.At, By: d.By, Number: d.Number, Open: d.Open}
}

// message is the variant of what the subscriber chose when they were read.
func (r *subscribed) message(ctx context.Context, room []byte) (mail.Message, error) {
	return r.variants.message(ctx, r.choice, room, r.who)
}

// claim notes with the subscriber that the message is on its way: they have been
// told, unless it turns out that they were not. Whoever changed their mind since
// they were read is left for the next try, which reads them anew.
func (r *subscribed) claim(ctx context.Context, mine mark) (mark, bool, error) {
	read := r.who
	r.mine = mine
	who, err := r.list.ChangeFrom(ctx, r.who, func(s *subscribers.Subscriber) error {
		if !r.isDue(*s) || s.Told != read.Told || s.Language != read.Language || !slices.Equal(s.Topics, read.Topics) {
			read = *s
			return errPassed
		}
		s.Last = &subscribers.Delivery{
			Digest: r.digest.key(), State: string(mine.State), At: mine.At, By: mine.By, Number: mine.Number, Open: mine.Open,
			Told: s.Told, Base: s.Base, Month: s.Month,
		}
		s.Told, s.Base, s.Month = r.digest.To, r.digest.Base, r.digest.Month
		return nil
	})
	switch {
	case err == nil:
		r.who = who
		return markOf(who.Last), true, nil
	case errors.Is(err, errPassed) && r.got(read):
		m := markOf(read.Last) // it is this claim where the broker took it and said otherwise
		r.who = read
		return m, m.isOf(mine), nil
	case errors.Is(err, errPassed), errors.Is(err, subscribers.ErrUnknown):
		return mark{State: statePassed}, false, nil
	}
	// The note may be there all the same. It keeps the subscriber from getting
	// the digest: better that than twice.
	if now, again := r.list.Get(ctx, r.who.ID); again == nil && now.Last != nil && markOf(now.Last).isOf(mine) {
		r.who = now
		return markOf(now.Last), true, nil
	}
	return mark{}, false, err
}

// change changes the subscriber as long as the claim is this one.
func (r *subscribed) change(ctx context.Context, do func(*subscribers.Subscriber)) error {
	_, err := r.list.ChangeFrom(ctx, r.who, func(s *subscribers.Subscriber) error {
		if s.Last == nil || !markOf(s.Last).isOf(r.mine) {
			return errPassed
		}
		do(s)
		return nil
	})
	if errors.Is(err, errPassed) || errors.Is(err, subscribers.ErrUnknown) { // they left meanwhile, or came back
		return nil
	}
	return err
}

func (r *subscribed) settle(ctx context.Context, m mark) error {
	suspended := false
	err := r.change(ctx, func(s *subscribers.Subscriber) {
		s.Last.State, s.Last.Code, s.Last.At = string(m.State), m.Code, m.At
		if m.State == stateRefused { // they were not told
			s.Told, s.Base, s.Month = s.Last.Told, s.Last.Base, s.Last.Month
			suspended = isBounce(m.Code) && s.Bounce(m.At)
			r.who.Bounces = s.Bounces
		}
	})
	if suspended && err == nil {
		r.logSuspended(r.who)
	}
	return err
}

// isBounce reports whether an answer is about the mailbox, and not about the
// message or the sender (RFC 5321 §4.2.2, RFC 7504 §4).
func isBounce(code int) bool { return slices.Contains([]int{521, 550, 551, 553, 556}, code) }

func (r *subscribed) release(ctx context.Context) error {
	r.putOff.add(r.who)
	return r.change(ctx, func(s *subscribers.Subscriber) {
		s.Told, s.Base, s.Month, s.Last = s.Last.Told, s.Last.Base, s.Last.Month, nil
	})
}
