package newsletter

import (
	"context"
	"errors"
	"iter"

	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"
)

// deliver sends a digest to those of its recipients who have no mark yet, over
// several connections at once; total is how many there are. The error is an
// *UnfinishedError where some of them remain without a mark.
func (n *Newsletter) deliver(ctx context.Context, s Sent, total int, to iter.Seq2[recipient, error]) (Report, error) {
	senders := max(min(n.Connections, total), 1)
	all, end := newQueue(to, senders)
	defer end()
	g, ctx := errgroup.WithContext(ctx)
	d := delivery{n, g, all, n.limit(), &counter{
		handed: n.Handed, progress: n.Progress,
		report: Report{Digest: s.ID, Subject: s.Subject, Recipients: total},
	}}
	for range senders {
		g.Go(func() error { return d.send(ctx) })
	}
	return d.counts.result(g.Wait())
}

// limit is what all connections keep to together.
func (c Config) limit() *rate.Limiter {
	if c.Rate == 0 {
		return rate.NewLimiter(rate.Inf, 0)
	}
	return rate.NewLimiter(rate.Limit(c.Rate), 1)
}

// A delivery is a digest on its way.
type delivery struct {
	*Newsletter
	work   *errgroup.Group // the senders, and who notes what came of messages
	all    *queue
	limit  *rate.Limiter
	counts *counter
}

// send sends over one connection until nobody is left. What stops it stops the
// others, except where the server takes fewer connections than there are: then
// they go on without it.
func (d delivery) send(ctx context.Context) error {
	c := &connection{server: d.server}
	defer c.close()
	for {
		r, err := d.all.take()
		if r == nil || err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		err = d.one(ctx, c, r)
		if _, unreachable := errors.AsType[*dialError](err); unreachable && d.all.leave(r) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// one sends to one recipient, unless that was done before. A connection that
// others went over may have grown old: then a new one is tried.
func (d delivery) one(ctx context.Context, c *connection, r recipient) error {
	m, done, err := r.marked(ctx)
	if err != nil {
		return err
	}
	if done {
		d.counts.before(m)
		return nil
	}
	for {
		if err := c.open(ctx); err != nil { // dialled for somebody to send to only
			return err
		}
		reused := c.used
		o, err := d.attempt(ctx, c, r)
		switch {
		case err != nil:
			return err
		case o.stop:
			return errors.New(o.reason)
		case o.state == "" && reused && c.smtp == nil:
			continue
		case o.state == "":
			d.counts.putOff(o.reason)
		}
		return nil
	}
}

// attempt marks the recipient, hands the message over, and notes what came of
// it. From the claim to the note it takes no heed of ctx: a process that is
// asked to stop still learns what became of the message.
func (d delivery) attempt(ctx context.Context, c *connection, r recipient) (outcome, error) {
	says, err := r.letter(ctx)
	if err != nil {
		return outcome{}, err
	}
	msg, err := says.to(r.address())
	if err != nil {
		return outcome{}, err
	}
	if err := d.limit.Wait(ctx); err != nil {
		return outcome{}, err
	}
	ctx = context.WithoutCancel(ctx)
	m, mine, err := r.claim(ctx, d.Now())
	if err != nil {
		return outcome{}, err
	}
	if !mine {
		d.counts.before(m)
		return outcome{state: m.State}, nil
	}
	o := c.hand(msg)
	d.counts.now(o)
	switch o.state {
	case "":
		return o, r.release(ctx)
	case stateSending: // the mark stays: the server may have taken the message
		return o, nil
	}
	// The next message need not wait for the note: until it is written the
	// mark says that the server may have this one, which nobody sends again.
	m = mark{State: o.state, Code: o.code, At: d.Now().UTC()}
	d.work.Go(func() error { return r.settle(ctx, m) })
	return o, nil
}
