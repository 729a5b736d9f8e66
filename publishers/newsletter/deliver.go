package newsletter

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
)

// deliver sends a digest to those of its recipients who have no mark yet, one
// after another; total is how many there are. The error is an *UnfinishedError
// where some of them remain without a mark.
func (n *Newsletter) deliver(ctx context.Context, s Sent, total int, to iter.Seq2[recipient, error]) (Report, error) {
	d := delivery{n, &connection{server: n.server}, Report{Digest: s.ID, Subject: s.Subject, Recipients: total}}
	defer d.connection.close()
	var why []string
	for r, err := range to {
		if err = errors.Join(err, ctx.Err()); err != nil {
			return d.unfinished(err)
		}
		o, err := d.one(ctx, r)
		if err != nil {
			return d.unfinished(err)
		}
		if o.state == "" {
			why = append(why, o.reason)
		}
		if o.stop {
			return d.unfinished(errors.New(o.reason))
		}
	}
	if len(why) > 0 {
		slices.Sort(why)
		return d.unfinished(fmt.Errorf("%v", slices.Compact(why)))
	}
	return d.report, nil
}

// A delivery is a digest on its way.
type delivery struct {
	*Newsletter
	connection *connection
	report     Report
}

func (d *delivery) unfinished(err error) (Report, error) {
	return d.report, &UnfinishedError{d.report.Digest, d.report.Recipients - d.report.done(), err}
}

// one sends to one recipient, unless that was done before. A connection that
// others went over may have grown old: then a new one is tried.
func (d *delivery) one(ctx context.Context, r recipient) (outcome, error) {
	m, done, err := r.marked(ctx)
	if err != nil {
		return outcome{}, err
	}
	if done {
		return d.counted(m), nil
	}
	for {
		if err := d.connection.open(ctx); err != nil {
			return outcome{}, err
		}
		reused := d.connection.used
		o, err := d.attempt(ctx, r)
		if err != nil || o.state != "" || o.stop || !reused || d.connection.smtp != nil {
			return o, err
		}
	}
}

// attempt marks the recipient, hands the message over, and notes what came of
// it. From the claim to the note it takes no heed of ctx: a process that is
// asked to stop still learns what became of the message.
func (d *delivery) attempt(ctx context.Context, r recipient) (outcome, error) {
	says, err := r.letter(ctx)
	if err != nil {
		return outcome{}, err
	}
	msg, err := says.to(r.address())
	if err != nil {
		return outcome{}, err
	}
	if err := ctx.Err(); err != nil {
		return outcome{}, err
	}
	ctx = context.WithoutCancel(ctx)
	m, mine, err := r.claim(ctx, d.Now())
	if err != nil {
		return outcome{}, err
	}
	if !mine {
		return d.counted(m), nil
	}
	o := d.connection.hand(msg)
	switch o.state {
	case "":
		return o, r.release(ctx)
	case stateSending:
		d.report.Uncertain++
		return o, nil // the mark stays: the server may have taken the message
	case stateRefused:
		d.report.Refused++
	case stateSent:
		d.report.Sent++
	}
	return o, r.settle(ctx, mark{State: o.state, Code: o.code, At: d.Now().UTC()})
}

// counted counts a recipient that was dealt with before. Whoever claimed it
// may be at it just now; that is as uncertain as if they had died.
func (d *delivery) counted(m mark) outcome {
	switch m.State {
	case stateSent:
		d.report.Already++
	case stateRefused:
		d.report.Refused++
	default:
		d.report.Uncertain++
	}
	return outcome{state: m.State}
}
