package newsletter

import (
	"context"
	"errors"
	"iter"
	"sync"

	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"
)

// deliver sends a digest to those of its recipients who have no mark yet, over
// several connections at once; total is how many there are. The error is an
// *UnfinishedError where some of them remain without a mark.
func (n *Newsletter) deliver(ctx context.Context, s Sent, run *run, total int, to iter.Seq2[recipient, error]) (Report, error) {
	g, inner := errgroup.WithContext(ctx)
	d := delivery{n, run, g, newQueue(max(min(n.Connections, total), 1)), &counter{
		handed: n.Handed, progress: n.Progress,
		report: Report{Digest: s.ID, Subject: s.Subject, Recipients: total},
	}}
	g.Go(func() error { return d.claim(inner, to) })
	err := g.Wait()
	for _, c := range d.queue.left { // by senders that gave up when the others had just stopped
		err = errors.Join(err, d.note(c, outcome{}))
	}
	if wrong := run.end(context.WithoutCancel(ctx)); err == nil {
		err = wrong
	}
	return d.counts.result(err)
}

// limit is what all connections keep to together.
func (c Config) limit() *rate.Limiter {
	if c.Rate == 0 {
		return rate.NewLimiter(rate.Inf, 0)
	}
	return rate.NewLimiter(rate.Limit(c.Rate), 1)
}

// A delivery is a digest on its way. From a claim to the note of what came of
// it nothing takes heed of a context: a process that is asked to stop still
// learns what became of the message.
type delivery struct {
	*Newsletter
	run    *run
	work   *errgroup.Group // who claims, who sends, and who notes what came of messages
	queue  *queue
	counts *counter
}

// claimers is how many claims are made at once. The broker writes one while it
// answers for another.
const claimers = 2

// claim claims recipients for the senders. Both are started when there is somebody
// to send to and the server is there.
func (d delivery) claim(ctx context.Context, to iter.Seq2[recipient, error]) error {
	found, started := make(chan recipient), false
	defer close(found)
	limit := d.limit()
	for r, err := range to {
		if err != nil {
			return err
		}
		m, done, err := r.marked(ctx)
		if err != nil {
			return err
		}
		if done {
			d.counts.before(m)
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

// start starts senders, and who claims for them. The first connection is for the
// first sender.
func (d delivery) start(ctx context.Context, found <-chan recipient) error {
	first := &connection{server: d.server}
	if err := first.open(ctx); err != nil {
		return err
	}
	for i := range d.queue.senders {
		c := first
		if i > 0 {
			c = &connection{server: d.server}
		}
		d.work.Go(func() error { return d.send(ctx, c) })
	}
	var claiming sync.WaitGroup
	claiming.Add(claimers)
	for range claimers {
		d.work.Go(func() error {
			defer claiming.Done()
			for r := range found {
				if err := d.claimOne(ctx, r); err != nil {
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

func (d delivery) claimOne(ctx context.Context, r recipient) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	mine := d.run.claim(d.Now())
	m, ok, err := r.claim(context.WithoutCancel(ctx), mine)
	if err != nil {
		return err
	}
	if !ok {
		d.run.done(mine)
		d.counts.before(m)
		return nil
	}
	c := claimed{r, mine}
	if err := d.queue.offerRecipient(ctx, c); err != nil {
		return errors.Join(err, d.note(c, outcome{}))
	}
	return nil
}

// send sends over one connection until nobody is left. What stops it stops the
// others, except where the server takes fewer connections than there are: then
// they go on without it.
func (d delivery) send(ctx context.Context, c *connection) error {
	defer c.close()
	for {
		r, ok := d.queue.takeRecipient()
		if !ok {
			return nil
		}
		o, err := d.attempt(ctx, c, r)
		if _, unreachable := errors.AsType[*dialError](err); unreachable && d.queue.leaveRecipient(r) {
			return nil
		}
		d.queue.finishRecipient()
		switch {
		case err != nil:
		case o.stop:
			err = errors.New(o.reason)
		case o.state == "":
			d.counts.putOff(o.reason)
		}
		if err := errors.Join(err, d.note(r, o)); err != nil {
			return err
		}
	}
}

// attempt hands over a message. A connection that others went over may have
// grown old: then a new one is tried. After an error nothing was handed over.
func (d delivery) attempt(ctx context.Context, c *connection, r claimed) (outcome, error) {
	msg, err := r.message(ctx, c.room)
	if err != nil {
		return outcome{}, err
	}
	defer func() { c.room = msg.data }() // of whichever connection it is then
	for {
		if err := c.open(ctx); err != nil {
			return outcome{}, err
		}
		if err := ctx.Err(); err != nil {
			return outcome{}, err
		}
		reused := c.used
		o := c.hand(msg)
		if o.state != "" || o.stop || !reused || c.smtp != nil {
			return o, nil
		}
	}
}

// note notes what came of a claimed message. That it was sent needs none.
func (d delivery) note(c claimed, o outcome) error {
	ctx := context.Background()
	d.counts.now(o)
	switch o.state {
	case stateSent:
		d.run.done(c.mark)
		return nil
	case "":
		if err := c.release(ctx); err != nil {
			return err
		}
		d.run.done(c.mark)
		return nil
	}
	m := c.mark
	m.State, m.Code, m.At = o.state, o.code, d.Now().UTC()
	d.work.Go(func() error { // the next message need not wait for it
		if err := c.settle(ctx, m); err != nil {
			return err
		}
		d.run.done(m)
		return nil
	})
	return nil
}
