package newsletter

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"
)

// finishLimit is the minimum time for finishing a digest that was begun in
// time, even if the grace period is shorter.
const finishLimit = time.Hour

// Resume continues a digest that a crash, or an unavailable mail server, left
// unfinished. The zero Report means that there is none. If its grace period is
// over, it is not sent anymore: if nobody received it, its changes go into the
// next one.
func (n *Newsletter) Resume(ctx context.Context) (Report, error) {
	if n.Ready() != nil {
		return Report{}, nil
	}
	p, err := n.Position(ctx)
	if err != nil || p.Sequence == 0 {
		return Report{}, err
	}
	n.sending.Lock()
	defer n.sending.Unlock()
	l, ok, err := n.findLedger(ctx, p.Dataset)
	if err != nil {
		return Report{}, fmt.Errorf("newsletter: %w", err)
	}
	if !ok {
		return Report{}, nil
	}
	return n.resumeOpen(ctx, l)
}

func (n *Newsletter) resumeOpen(ctx context.Context, l ledger) (Report, error) {
	h, err := l.readHistory(ctx)
	if err != nil {
		return Report{}, fmt.Errorf("newsletter: %w", err)
	}
	s, ok := h.openDigest()
	if !ok {
		return Report{}, nil
	}
	if !s.Waits() && n.Now().Sub(s.startTime()) > max(n.Grace, finishLimit) {
		return Report{}, n.abandonLate(ctx, l, s)
	}
	c, err := l.readContent(ctx, s)
	if err != nil {
		return Report{}, fmt.Errorf("newsletter: %w", err)
	}
	return n.resumeDigest(ctx, l, s, c)
}

// startTime returns when sending of a digest could begin.
func (s Sent) startTime() time.Time {
	if s.Approved.After(s.Created) {
		return s.Approved
	}
	return s.Created
}

// abandonLate ends a digest that would be late.
func (n *Newsletter) abandonLate(ctx context.Context, l ledger, s Sent) error {
	counts, err := n.countMarks(ctx, l, s, 0)
	if err != nil {
		return fmt.Errorf("newsletter: %w", err)
	}
	handed, err := n.withdrawCampaign(ctx, l, s)
	if err != nil {
		return fmt.Errorf("newsletter: %w", err)
	}
	if handed {
		return n.close(ctx, l, s, counts)
	}
	late := max(s.Recipients-counts.handledCount(), 0)
	n.Log.Warn("digest given up: its grace period is over", zap.String("digest", s.ID), zap.Int("late", late))
	if counts == (Counts{}) {
		if err := l.withdrawDigest(ctx, s); err != nil {
			return fmt.Errorf("newsletter: %w", err)
		}
		return nil
	}
	counts.Late = late
	return n.close(ctx, l, s, counts)
}

// Run resumes unfinished digests, at once and after pauses, until ctx ends, and
// then returns nil.
func (n *Newsletter) Run(ctx context.Context) error {
	pause := backoff{initial: n.Retry}
	waited := false
	for {
		report, err := n.Resume(ctx)
		if err != nil && ctx.Err() == nil {
			n.Log.Error("digest not finished", zap.Error(err))
		}
		if n.Resumed != nil && ctx.Err() == nil && (err != nil || waited || report != (Report{})) {
			n.Resumed(report, err)
		}
		waited = !report.Waiting.IsZero()
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause.nextPause(report, err)):
		}
	}
}
