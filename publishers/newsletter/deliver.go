package newsletter

import (
	"context"
	"errors"
	"iter"
	"sync"

	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

	"netsync/publishers/newsletter/mail"
)

// deliverDigest sends a digest to recipients without a mark, over several
// connections; total is the number of recipients. The error is an
// *UnfinishedError if some remain without a mark.
func (n *Newsletter) deliverDigest(ctx context.Context, s Sent, run *sendRun, total int, to iter.Seq2[recipient, error]) (Report, error) {
	g, inner := errgroup.WithContext(ctx)
	d := delivery{n, run, g, newQueue(max(min(n.Connections, total), 1)), &counter{
		handed: n.Handed, progress: n.Progress,
		report: Report{Digest: s.ID, Subject: s.Subject, Recipients: total},
	}}
	g.Go(func() error { return d.claimRecipients(inner, to) })
	err := g.Wait()
	for _, c := range d.queue.left { // left after the other senders had stopped
		err = errors.Join(err, d.recordResult(c, mail.Result{}))
	}
	if writeErr := run.recordEnd(context.WithoutCancel(ctx)); err == nil {
		err = writeErr
	}
	return d.counts.finalReport(err)
}

// newLimiter returns the rate limiter of all connections.
func (c Config) newLimiter() *rate.Limiter {
	if c.Rate == 0 {
		return rate.NewLimiter(rate.Inf, 0)
	}
	return rate.NewLimiter(rate.Limit(c.Rate), 1)
}

// A delivery is the sending of a digest. From the claim of a message until its
// result is recorded, contexts are ignored: a process that is asked to stop
// still learns the result.
type delivery struct {
	*Newsletter
	run    *sendRun
	work   *errgroup.Group // goroutines that claim, send and record results
	queue  *queue
	counts *counter
}

// claimerCount is the number of concurrent claims: the broker writes one while
// it acknowledges another.
const claimerCount = 2

// claimRecipients passes recipients to the claiming goroutines. It starts these
// and the senders when the first recipient is found and the server is
// reachable.
func (d delivery) claimRecipients(ctx context.Context, to iter.Seq2[recipient, error]) error {
	found, started := make(chan recipient), false
	defer close(found)
	limit := d.newLimiter()
	for r, err := range to {
		if err != nil {
			return err
		}
		m, done, err := r.readMark(ctx)
		if err != nil {
			return err
		}
		if done {
			d.counts.countEarlier(m)
			continue
		}
		if !started {
			if err := d.start(ctx, found); err != nil {
				return err
			}
			started = true
		}
		if err := limit.Wait(ctx); err != nil {
			return err
		}
		select {
		case found <- r:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// start starts the senders and the claiming goroutines. The first sender uses
// the connection that was opened to reach the server.
func (d delivery) start(ctx context.Context, found <-chan recipient) error {
	first := mail.NewConnection(d.server)
	if err := first.Open(ctx); err != nil {
		return err
	}
	for i := range d.queue.senders {
		c := first
		if i > 0 {
			c = mail.NewConnection(d.server)
		}
		d.work.Go(func() error { return d.send(ctx, c) })
	}
	var claiming sync.WaitGroup
	claiming.Add(claimerCount)
	for range claimerCount {
		d.work.Go(func() error {
			defer claiming.Done()
			for r := range found {
				if err := d.claimRecipient(ctx, r); err != nil {
					return err
				}
			}
			return nil
		})
	}
	d.work.Go(func() error {
		claiming.Wait()
		close(d.queue.next)
		return nil
	})
	return nil
}

func (d delivery) claimRecipient(ctx context.Context, r recipient) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	claim := d.run.nextClaim(d.Now())
	m, ok, err := r.claimMark(context.WithoutCancel(ctx), claim)
	if err != nil {
		return err
	}
	if !ok {
		d.run.finishClaim(claim)
		d.counts.countEarlier(m)
		return nil
	}
	c := claimedRecipient{r, claim}
	if err := d.queue.offerRecipient(ctx, c); err != nil {
		return errors.Join(err, d.recordResult(c, mail.Result{}))
	}
	return nil
}

// send sends over one connection until no recipient remains. An error stops all
// senders, except if the server accepts fewer connections: then the others
// continue.
func (d delivery) send(ctx context.Context, c *mail.Connection) error {
	defer c.Close()
	for {
		r, ok := d.queue.takeRecipient()
		if !ok {
			return nil
		}
		var got mail.Result
		m, err := r.composeMessage(ctx)
		if err == nil {
			got, err = c.Send(ctx, m)
		}
		if _, unreachable := errors.AsType[*mail.DialError](err); unreachable && d.queue.leaveRecipient(r) {
			return nil
		}
		d.queue.finishRecipient()
		switch {
		case err != nil:
		case got.Stop:
			err = errors.New(got.Reason)
		case got.Outcome == "":
			d.counts.recordDeferral(got.Reason)
		}
		if err := errors.Join(err, d.recordResult(r, got)); err != nil {
			return err
		}
	}
}

// recordResult records the result of a claimed message. Success needs no
// record.
func (d delivery) recordResult(c claimedRecipient, r mail.Result) error {
	ctx := context.Background()
	d.counts.countResult(r.Outcome)
	switch r.Outcome {
	case mail.Sent:
		d.run.finishClaim(c.mark)
		return nil
	case "":
		if err := c.releaseClaim(ctx); err != nil {
			return err
		}
		d.run.finishClaim(c.mark)
		return nil
	}
	m := c.mark
	m.State, m.Code, m.At = state(r.Outcome), r.Code, d.Now().UTC()
	d.work.Go(func() error { // does not delay the next message
		if err := c.recordMark(ctx, m); err != nil {
			return err
		}
		d.run.finishClaim(m)
		return nil
	})
	return nil
}
