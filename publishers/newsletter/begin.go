package newsletter

import (
	"context"
	"fmt"
	"slices"
	"time"

	"netsync/schema/event"
)

// A begun digest is one that is about to be noted in the ledger; without an id
// it is none.
type begun struct {
	Sent
	content
	audience *audience
	nobody   bool // there are neither recipients nor subscribers
}

// regular makes the draft a digest.
func (n *Newsletter) regular(ctx context.Context, h history, d draft, next note, due time.Time) (b begun, err error) {
	if b.content, err = n.freeze(d); err != nil {
		return b, err
	}
	b.content.Notes = next.Texts
	b.Sent = digestOf(d, b.content, due, n.Now(), 0)
	b.Held, b.Note = n.Hold || h.held, next.of(d)
	b.Epoch, b.Base, b.BaseFrom = d.Epoch, h.base.Epoch, h.base.from()
	if b.Month, err = n.month(ctx, b.Sent); err != nil {
		return b, err
	}
	if n.campaigns != nil { // listmonk knows whom it goes to
		return b, nil
	}
	if b.audience, err = n.audience(ctx, d.Dataset, b.Sent, b.content); err != nil {
		return b, err
	}
	subscribed, err := b.audience.count(ctx)
	if err != nil {
		return b, err
	}
	b.Recipients = len(n.sender.to) + subscribed
	if b.Recipients == 0 {
		b.nobody, err = b.audience.isEmpty(ctx)
	}
	return b, err
}

// catchUp makes a digest for who gets one a month, where nothing is new since the
// last digest: in a month in which there is another, they get that. It has no
// note, which is for everybody.
func (n *Newsletter) catchUp(ctx context.Context, h history, now draft, due time.Time) (b begun, err error) {
	b.Sent = Sent{
		From: h.end(), To: h.end(), Monthly: true, Held: n.Hold || h.held,
		Epoch: now.Epoch, Base: h.base.Epoch, BaseFrom: h.base.from(),
		Created: n.Now().UTC().Truncate(time.Second), Slot: due.UTC().Truncate(time.Second),
	}
	if b.To == 0 || n.campaigns != nil { // which knows of no such people
		return begun{}, nil
	}
	if b.Month, err = n.month(ctx, b.Sent); err != nil {
		return begun{}, err
	}
	if slices.ContainsFunc(h.all, func(s Sent) bool { return s.key() == b.Sent.key() }) {
		return begun{}, nil
	}
	now.Note = ""
	if b.audience, err = n.audience(ctx, now.Dataset, b.Sent, content{Draft: now}); err != nil {
		return begun{}, err
	}
	told, err := b.audience.first(ctx)
	if err != nil || told == b.To {
		return begun{}, err
	}
	if b.Recipients, err = b.audience.count(ctx); err != nil || b.Recipients == 0 {
		return begun{}, err
	}
	// What an editor reads is what comes to most: everything since the first of
	// those that are behind.
	all := choice{told: told, language: now.Language}
	if err := b.audience.variants.prepare(ctx, []choice{all}); err != nil {
		return begun{}, err
	}
	d := b.audience.variants.draft(all)
	if b.content, err = n.compose(d); err != nil {
		return begun{}, err
	}
	b.ID, b.Subject, b.Changeset = digestID(d, b.content), d.Subject, d.Changeset
	b.audience = nil // it is found anew, with what was just made
	return b, nil
}

// first returns where the subscriber stands to whom the most is to be told; the
// digest's end where there is none.
func (a *audience) first(ctx context.Context) (event.Seq, error) {
	if a == nil {
		return 0, nil
	}
	told := a.digest.To
	for s, err := range a.list.All(ctx) {
		if err != nil {
			return told, err
		}
		if a.isDue(s) {
			told = min(told, a.digest.told(s))
		}
	}
	return told, nil
}

// isEmpty reports whether there are no subscribers at all.
func (a *audience) isEmpty(ctx context.Context) (bool, error) {
	if a == nil {
		return true, nil
	}
	for _, err := range a.list.All(ctx) {
		return false, err
	}
	return true, nil
}

// month is the month that a digest is of, in the dataset's time zone.
func (n *Newsletter) month(ctx context.Context, s Sent) (string, error) {
	offer, err := n.Offer(ctx)
	if err != nil {
		return "", err
	}
	at := s.Slot
	if at.IsZero() {
		at = s.Created
	}
	zone, err := time.LoadLocation(offer.timeZone)
	if err != nil {
		return "", fmt.Errorf("time zone of the dataset: %w", err)
	}
	return at.In(zone).Format("2006-01"), nil
}
