package signup

import (
	"context"
	"net/netip"
	"time"

	"go.uber.org/zap"

	"netsync/publishers/newsletter/subscribers"
)

const (
	// maxTries is the maximum number of tries, with pauses of Config.Retry.
	maxTries = 10
	// drainLimit is how long Run keeps sending after ctx ends.
	drainLimit = 5 * time.Second
	// pollLimit is the longest pause between checks of the queue.
	pollLimit = time.Second
)

// An Outcome is the result of a request for an invitation.
type Outcome string

// The outcomes.
const (
	Sent    Outcome = "sent"
	Paused  Outcome = "paused"  // that address got a mail recently
	Refused Outcome = "refused" // too many requests; the page says so
	Failed  Outcome = "failed"  // the mail server did not accept it
)

// queueInvitation queues an invitation. If no mail can go to that network, ok
// is false and wait is the time until the next request. The result and the time
// do not depend on the address: the list is read later, and an address that got
// a mail recently counts as invited.
func (d *Desk) queueInvitation(r subscribers.Request, from netip.Prefix) (wait time.Duration, ok bool) {
	now := d.Now()
	if d.queue.isFull() {
		return d.recordRefusal("too many wait for the mail server"), false
	}
	delay, verdict := d.limits.countMail(r.Address, from, now)
	switch verdict {
	case tooMany:
		d.recordRefusal(string(verdict))
		return delay, false
	case tooOften:
		d.Observe(Paused)
		return 0, true
	}
	if !d.queue.add(invitation{Request: r, due: now.Add(delay)}) {
		return d.recordRefusal("too many wait for the mail server"), false
	}
	return 0, true
}

// recordRefusal counts a refused invitation and returns how long to wait for
// room in the queue.
func (d *Desk) recordRefusal(why string) time.Duration {
	d.Observe(Refused)
	d.held.Do(func() { d.Log.Warn("invitations are refused", zap.String("why", why)) })
	return mailsEvery
}

// Run sends invitations until ctx ends, and then briefly those still queued.
func (d *Desk) Run(ctx context.Context) error {
	var again []invitation // ordered by due time: all pauses are equal
	for ctx.Err() == nil {
		next, ok := d.nextInvitation(&again)
		if !ok {
			d.wait(ctx, len(again) > 0)
			continue
		}
		switch sent := d.send(ctx, &next); {
		case sent:
		case next.tries < maxTries:
			again = append(again, next)
		default:
			d.Observe(Failed)
		}
		d.queue.setRetried(len(again))
	}
	d.sendWaiting(ctx, again)
	return nil
}

// nextInvitation returns the invitation to send now.
func (d *Desk) nextInvitation(again *[]invitation) (invitation, bool) {
	if all := *again; len(all) > 0 && !all[0].due.After(time.Now()) {
		*again = all[1:]
		return all[0], true
	}
	now := d.Now()
	return d.queue.takeDue(now, func() bool { return d.limits.maySend(now) })
}

// wait waits until an invitation may be due.
func (d *Desk) wait(ctx context.Context, retries bool) {
	var tick <-chan time.Time // while invitations wait for their turn
	if retries || !d.queue.isEmpty() {
		timer := time.NewTimer(min(pollLimit, d.Retry))
		defer timer.Stop()
		tick = timer.C
	}
	select {
	case <-ctx.Done():
	case <-d.queue.added:
	case <-tick:
	}
}

// sendWaiting sends the queued invitations: their readers expect them.
func (d *Desk) sendWaiting(ctx context.Context, again []invitation) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainLimit)
	defer cancel()
	for _, next := range append(d.queue.takeAll(), again...) {
		if ctx.Err() != nil || !d.send(ctx, &next) {
			d.Observe(Failed)
		}
	}
}

// send sends an invitation. It logs neither its address nor its link.
func (d *Desk) send(ctx context.Context, i *invitation) bool {
	i.tries++
	err := d.Letter.Invite(ctx, i.Request)
	if err == nil {
		d.Log.Info("invitation sent")
		d.Observe(Sent)
		return true
	}
	i.due = time.Now().Add(d.Retry)
	d.Log.Warn("invitation not sent", zap.Int("tries", i.tries), zap.Error(err))
	return false
}
