package signup

import (
	"context"
	"net/netip"
	"time"

	"go.uber.org/zap"

	"netsync/publishers/newsletter/subscribers"
)

const (
	// maxTries is how often an invitation is tried, with a pause of Config.Retry.
	maxTries = 10
	// drainLimit is how long Run goes on sending when it is to end.
	drainLimit = 5 * time.Second
	// pollLimit is how often Run looks whether a network has its turn.
	pollLimit = time.Second
)

// An Outcome is what became of a request for an invitation.
type Outcome string

// The outcomes.
const (
	Sent    Outcome = "sent"
	Paused  Outcome = "paused"  // mail went to that address a moment ago
	Refused Outcome = "refused" // too many asked; they were told so
	Failed  Outcome = "failed"  // the mail server did not take it in the end
)

// queueInvitation puts an invitation in the queue. If none will go to anybody of that
// network, ok is false, and wait is how long to wait before asking again. It takes
// the same time and answers the same whoever is invited: the list is looked at
// later, and who was mailed a moment ago passes for invited.
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

// recordRefusal counts an invitation that is not sent, and returns how long to wait for
// room in the queue.
func (d *Desk) recordRefusal(why string) time.Duration {
	d.Observe(Refused)
	d.held.Do(func() { d.Log.Warn("invitations are refused", zap.String("why", why)) })
	return mailsEvery
}

// Run sends invitations until ctx ends, and then, for a moment, those that wait.
func (d *Desk) Run(ctx context.Context) error {
	var again []invitation // in the order in which they are due: each pause is as long
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
	var tick <-chan time.Time // of what waits for its turn
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

// sendWaiting sends the waiting invitations: their readers expect them.
func (d *Desk) sendWaiting(ctx context.Context, again []invitation) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainLimit)
	defer cancel()
	for _, next := range append(d.queue.takeAll(), again...) {
		if ctx.Err() != nil || !d.send(ctx, &next) {
			d.Observe(Failed)
		}
	}
}

// send sends an invitation. The log has neither its address nor its link.
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
