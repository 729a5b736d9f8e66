package signup

import (
	"context"
	"time"

	"go.uber.org/zap"

	"netsync/publishers/newsletter/subscribers"
)

const (
	// maxWaiting is how many invitations wait for the mail server. There are
	// fewer, unless it is slow.
	maxWaiting = 100
	// maxTries is how often one is tried.
	maxTries = 3
	// drainLimit is how long Run goes on sending when it is to end.
	drainLimit = 5 * time.Second
)

// An invitation is mail that is still to be sent.
type invitation struct {
	subscribers.Request
	tries int
	due   time.Time // of the next one
}

// invite puts an invitation in the queue, as far as there may be one. It takes
// the same time whoever is invited: the list is looked at later.
func (d *Desk) invite(r subscribers.Request) {
	if verdict := d.limits.mail(r.Address, d.Now()); verdict != may {
		if verdict == tooManyInAll {
			d.held.Do(func() { d.Log.Warn("invitations are held back", zap.String("why", string(verdict))) })
		}
		return
	}
	select {
	case d.queue <- invitation{Request: r}:
	default:
		d.held.Do(func() { d.Log.Warn("invitations are held back", zap.String("why", "the mail server is slow")) })
	}
}

// Run sends invitations until ctx ends, and then, for a moment, those that wait.
func (d *Desk) Run(ctx context.Context) error {
	var again []invitation // in the order in which they are due: each pause is as long
	for {
		var due <-chan time.Time
		if len(again) > 0 {
			due = time.After(time.Until(again[0].due))
		}
		var next invitation
		select {
		case <-ctx.Done():
			d.drain(ctx, again)
			return nil
		case next = <-d.queue:
		case <-due:
			next, again = again[0], again[1:]
		}
		if !d.send(ctx, &next) && next.tries < maxTries && len(again) < maxWaiting {
			again = append(again, next)
		}
	}
}

// drain sends what waits: those who asked were told to look into their mailbox.
func (d *Desk) drain(ctx context.Context, again []invitation) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainLimit)
	defer cancel()
	for ctx.Err() == nil {
		select {
		case next := <-d.queue:
			d.send(ctx, &next)
			continue
		default:
		}
		if len(again) == 0 {
			return
		}
		d.send(ctx, &again[0])
		again = again[1:]
	}
}

// send sends one. The log says neither to whom, nor with which link.
func (d *Desk) send(ctx context.Context, i *invitation) bool {
	i.tries++
	err := d.Letter.Invite(ctx, i.Request)
	if err == nil {
		d.Log.Info("invitation sent")
		return true
	}
	i.due = time.Now().Add(d.Retry)
	d.Log.Warn("invitation not sent", zap.Int("tries", i.tries), zap.Error(err))
	return false
}
