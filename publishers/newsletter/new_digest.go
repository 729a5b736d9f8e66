package newsletter

import (
	"context"
	"fmt"
	"slices"
	"time"

	"netsync/publishers/newsletter/draft"
	"netsync/schema/event"
)

// A newDigest is a digest to be added to the ledger; without an id there is
// none.
type newDigest struct {
	Sent
	content
	audience     *audience
	noRecipients bool // there are no recipients and no subscribers
}

// newRegularDigest returns a digest with the content of the draft.
func (n *Newsletter) newRegularDigest(ctx context.Context, h history, d draft.Draft, next note, due time.Time) (b newDigest, err error) {
	if b.content, err = n.freezeDraft(d); err != nil {
		return b, err
	}
	b.content.Notes = next.Texts
	b.Sent = digestOf(d, b.content, due, n.Now(), 0)
	b.Held, b.Note = n.Hold || h.isHeld, next.idFor(d)
	b.Epoch, b.Base, b.BaseFrom = d.Epoch, h.base.Epoch, h.base.startSequence()
	if b.Month, err = n.digestMonth(ctx, b.Sent); err != nil {
		return b, err
	}
	if n.campaigns != nil { // listmonk has the recipients
		return b, nil
	}
	if b.audience, err = n.findAudience(ctx, d.Dataset, b.Sent, b.content); err != nil {
		return b, err
	}
	subscribed, err := b.audience.countDue(ctx)
	if err != nil {
		return b, err
	}
	b.Recipients = len(n.sender.to) + subscribed
	if b.Recipients == 0 {
		b.noRecipients, err = b.audience.isEmpty(ctx)
	}
	return b, err
}

// newMonthlyDigest returns a digest for monthly subscribers only, if nothing
// changed since the last digest: in a month with another digest they get that.
// It has no note, which is for everyone.
func (n *Newsletter) newMonthlyDigest(ctx context.Context, h history, now draft.Draft, due time.Time) (b newDigest, err error) {
	b.Sent = Sent{
		From: h.lastEnd(), To: h.lastEnd(), Monthly: true, Held: n.Hold || h.isHeld,
		Epoch: now.Epoch, Base: h.base.Epoch, BaseFrom: h.base.startSequence(),
		Created: n.Now().UTC().Truncate(time.Second), Slot: due.UTC().Truncate(time.Second),
	}
	if b.To == 0 || n.campaigns != nil { // listmonk has no monthly subscribers
		return newDigest{}, nil
	}
	if b.Month, err = n.digestMonth(ctx, b.Sent); err != nil {
		return newDigest{}, err
	}
	if slices.ContainsFunc(h.all, func(s Sent) bool { return s.digestKey() == b.Sent.digestKey() }) {
		return newDigest{}, nil
	}
	now.Note = ""
	if b.audience, err = n.findAudience(ctx, now.Dataset, b.Sent, content{Draft: now}); err != nil {
		return newDigest{}, err
	}
	start, err := b.audience.firstStart(ctx)
	if err != nil || start == b.To {
		return newDigest{}, err
	}
	if b.Recipients, err = b.audience.countDue(ctx); err != nil || b.Recipients == 0 {
		return newDigest{}, err
	}
	// The content for approval is the longest variant, with the earliest start.
	all := choice{start: start, language: now.Language}
	if err := b.audience.variants.loadPeriods(ctx, []choice{all}); err != nil {
		return newDigest{}, err
	}
	d := b.audience.variants.composeDraft(all)
	if b.content, err = n.composeMessages(d); err != nil {
		return newDigest{}, err
	}
	b.ID, b.Subject, b.Changeset = digestID(d, b.content), d.Subject, d.Changeset
	b.audience = nil // resumeDigest creates it with the content
	return b, nil
}

// firstStart returns the earliest start of the digest among the subscribers who
// are due, or its end if there is none.
func (a *audience) firstStart(ctx context.Context) (event.Seq, error) {
	if a == nil {
		return 0, nil
	}
	start := a.digest.To
	for s, err := range a.list.All(ctx) {
		if err != nil {
			return start, err
		}
		if a.isDue(s) {
			start = min(start, a.digest.startFor(s))
		}
	}
	return start, nil
}

// isEmpty reports whether there are no subscribers.
func (a *audience) isEmpty(ctx context.Context) (bool, error) {
	if a == nil {
		return true, nil
	}
	for _, err := range a.list.All(ctx) {
		return false, err
	}
	return true, nil
}

// digestMonth returns the month of a digest, in the dataset's time zone.
func (n *Newsletter) digestMonth(ctx context.Context, s Sent) (string, error) {
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
