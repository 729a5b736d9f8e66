package process

import (
	"context"

	"go.uber.org/zap"

	"netsync/publishers"
	"netsync/publishers/newsletter"
)

// A digestSender is the newsletter of this process: it sends digests, answers
// commands about them, and counts the subscribers.
type digestSender struct {
	*Session
	letter  *newsletter.Newsletter
	runner  *publishers.Runner
	counter *subscriberCounter
}

// newDigestSender returns nil if there is no runner of the newsletter.
func newDigestSender(s *Session, runner *publishers.Runner) *digestSender {
	if runner == nil {
		return nil
	}
	letter, _ := runner.Channel.(*newsletter.Newsletter)
	return &digestSender{s, letter, runner, &subscriberCounter{}}
}

// run sends a digest that was missed while no process ran, and finishes one that is
// under way.
func (d *digestSender) run(ctx context.Context) error {
	if !d.Config.Newsletter.Sends() {
		return nil
	}
	if d.runner.Wait(ctx, 1) != nil {
		return nil // it ended before there was anything to send
	}
	all, err := d.letter.List(ctx)
	if err != nil {
		d.Log.Warn("the last digest is not known", zap.Error(err))
	}
	for _, s := range all { // the newest first
		if !s.Completed.IsZero() {
			d.digests.noteEarlier(s)
			break
		}
	}
	if due, ok := d.letter.Due(d.Config.Newsletter.Schedule); ok {
		report, err := d.letter.Missed(ctx, due)
		d.noteDone(ctx, report, err)
	}
	return d.letter.Run(ctx)
}
