package newsletter

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// deliver sends a letter to those who have no mark yet, one after another. The
// error is an *UnfinishedError where some of them remain without one.
func (n *Newsletter) deliver(ctx context.Context, l ledger, letter letter) (Report, error) {
	d := delivery{n, l, letter, &connection{server: n.server},
		Report{Digest: letter.ID, Subject: letter.Subject, Recipients: len(n.sender.to)}}
	defer d.connection.close()
	var why []string
	for i, address := range n.sender.to {
		if err := ctx.Err(); err != nil {
			return d.unfinished(len(n.sender.to)-i+len(why), err)
		}
		o, err := d.one(ctx, address)
		if err != nil {
			return d.unfinished(len(n.sender.to)-i+len(why), err)
		}
		if o.state == "" {
			why = append(why, o.reason)
		}
		if o.stop {
			return d.unfinished(len(n.sender.to)-i-1+len(why), errors.New(o.reason))
		}
	}
	if len(why) > 0 {
		slices.Sort(why)
		return d.unfinished(len(why), fmt.Errorf("%v", slices.Compact(slices.Clone(why))))
	}
	return d.report, nil
}

// A delivery is a letter on its way.
type delivery struct {
	*Newsletter
	ledger     ledger
	letter     letter
	connection *connection
	report     Report
}

func (d *delivery) unfinished(open int, err error) (Report, error) {
	return d.report, &UnfinishedError{d.letter.ID, open, err}
}

// one sends to one recipient, unless that was done before. A connection that
// others went over may have grown old: then a new one is tried.
func (d *delivery) one(ctx context.Context, address string) (outcome, error) {
	key := d.ledger.markKey(d.letter.From, address)
	m, done, err := d.ledger.marked(ctx, key)
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
		o, err := d.attempt(ctx, key, address)
		if err != nil || o.state != "" || o.stop || !reused || d.connection.smtp != nil {
			return o, err
		}
	}
}

// attempt marks the recipient, hands the message over, and notes what came of
// it. From the claim to the note it takes no heed of ctx: a process that is
// asked to stop still learns what became of the message.
func (d *delivery) attempt(ctx context.Context, key, address string) (outcome, error) {
	msg, err := d.letter.to(address)
	if err != nil {
		return outcome{}, err
	}
	if err := ctx.Err(); err != nil {
		return outcome{}, err
	}
	ctx = context.WithoutCancel(ctx)
	m, mine, err := d.ledger.claim(ctx, key, d.Now())
	if err != nil {
		return outcome{}, err
	}
	if !mine {
		return d.counted(m), nil
	}
	o := d.connection.hand(msg)
	switch o.state {
	case "":
		return o, d.ledger.release(ctx, key)
	case stateSending:
		d.report.Uncertain++
		return o, nil // the mark stays: the server may have taken the message
	case stateRefused:
		d.report.Refused++
	case stateSent:
		d.report.Sent++
	}
	return o, d.ledger.settle(ctx, key, mark{State: o.state, Code: o.code, At: d.Now().UTC()})
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
