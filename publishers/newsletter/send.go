package newsletter

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"netsync/publishers"
	"netsync/schema/stream"
)

// A Report is what sending came to. Its numbers are of recipients.
type Report struct {
	Digest     string `json:"digest,omitempty"` // id
	Subject    string `json:"subject,omitempty"`
	Recipients int    `json:"recipients"`
	Sent       int    `json:"sent"`      // now
	Already    int    `json:"already"`   // before, or by another process
	Uncertain  int    `json:"uncertain"` // the server's answer was lost: never sent again
	Refused    int    `json:"refused"`   // by the server, for good
	// Campaign is the id of the one in listmonk that the digest was handed over
	// as. Recipients is then how many subscribers listmonk counts, 0 where it has
	// not counted them yet, and Sent how many messages it had sent by then.
	Campaign int  `json:"campaign,omitempty"`
	Empty    bool `json:"empty"` // there was nothing to tell, and nothing was sent
	// Waiting is since when the digest waits for approval; zero where it does
	// not.
	Waiting time.Time `json:"waiting,omitzero"`
	// Skipped says why a time of the schedule was passed over: "late" or
	// "done".
	Skipped string `json:"skipped,omitempty"`
}

// handledCount is how many recipients need nothing more.
func (r Report) handledCount() int { return r.Sent + r.Already + r.Uncertain + r.Refused }

// addUncertain takes in that some who were dealt with before are uncertain.
func (r *Report) addUncertain(c Counts) {
	doubtful := min(max(c.Uncertain-r.Uncertain, 0), r.Already)
	r.Already -= doubtful
	r.Uncertain += doubtful
}

// logFields are what a log says of a digest.
func (r Report) logFields() []zap.Field {
	return []zap.Field{zap.String("digest", r.Digest), zap.Int("recipients", r.Recipients), zap.Int("sent", r.Sent),
		zap.Int("already", r.Already), zap.Int("uncertain", r.Uncertain), zap.Int("refused", r.Refused)}
}

// Send sends the next digest: it goes on with one that is not finished, then
// freezes the draft and sends that. Each recipient gets a digest at most once,
// whoever else sends at the same time and whatever crashes. An empty draft is
// not sent, and one that waits for approval goes on waiting.
//
// The error is a *SetupError where something is missing that sending needs,
// and an *UnfinishedError where some recipients could not be reached yet.
func (n *Newsletter) Send(ctx context.Context) (Report, error) { return n.send(ctx, time.Time{}) }

// send sends by hand or, with due, for a time of the schedule.
func (n *Newsletter) send(ctx context.Context, due time.Time) (Report, error) {
	if err := n.Ready(); err != nil {
		return Report{}, err
	}
	n.sending.Lock()
	defer n.sending.Unlock()
	d, err := n.readDraft()
	if err != nil {
		return Report{}, fmt.Errorf("newsletter: %w", err)
	}
	l, err := openLedger(ctx, n.JetStream, d.Dataset)
	if err != nil {
		return Report{}, fmt.Errorf("newsletter: %w", err)
	}
	report, err := n.resumeOpen(ctx, l)
	if err != nil || !report.Waiting.IsZero() && due.IsZero() {
		return report, err
	}
	next, err := n.sendNext(ctx, l, due)
	if next.Empty && report.Digest != "" {
		return report, err
	}
	return next, err
}

// sendNext sends the draft as a digest.
func (n *Newsletter) sendNext(ctx context.Context, l ledger, due time.Time) (Report, error) {
	h, err := l.readHistory(ctx)
	if err != nil {
		return Report{}, fmt.Errorf("newsletter: %w", err)
	}
	if !due.IsZero() && !due.After(h.lastSlot()) {
		return Report{Skipped: skippedDone}, nil
	}
	if s, ok := h.openDigest(); ok && s.Waits() {
		// Nobody said yes in time: the next digest has its changes, too.
		switch err := l.cancelDigest(ctx, s); {
		case err == nil:
			n.Log.Warn("digest not approved in time: its changes go into the next one", zap.String("digest", s.ID))
		case !errors.Is(err, ErrNothingWaits): // it may be approved just now
			return Report{}, fmt.Errorf("newsletter: %w", err)
		}
	}
	d, note, err := n.freshDraft(ctx, l, h)
	if err != nil {
		return Report{}, fmt.Errorf("newsletter: %w", err)
	}
	var next newDigest
	if d.Empty {
		next, err = n.newMonthlyDigest(ctx, h, d, due)
	} else {
		next, err = n.newRegularDigest(ctx, h, d, note, due)
	}
	if err != nil {
		return Report{}, fmt.Errorf("newsletter: %w", err)
	}
	if next.ID == "" {
		return n.recordEmpty(ctx, l, due)
	}
	if next.noRecipients && due.IsZero() {
		return Report{}, errNoRecipients
	}
	if err := n.keepRecords(ctx, l, next.Sent, h); err != nil {
		return Report{}, fmt.Errorf("newsletter: keep which records the digest tells: %w", err)
	}
	s, c, err := l.beginDigest(ctx, next.Sent, next.content)
	if err != nil {
		return Report{}, fmt.Errorf("newsletter: %w", err)
	}
	if s.ID != next.ID || next.audience == nil { // somebody else may have begun it
		return n.resumeDigest(ctx, l, s, c)
	}
	return n.finishDigest(ctx, l, s, c, next.audience)
}

// recordEmpty notes that a time of the schedule brought nothing to tell: it was
// not missed.
func (n *Newsletter) recordEmpty(ctx context.Context, l ledger, due time.Time) (Report, error) {
	if due.IsZero() {
		return Report{Empty: true}, nil
	}
	if err := l.recordSlot(ctx, due); err != nil {
		return Report{Empty: true}, fmt.Errorf("newsletter: %w", err)
	}
	return Report{Empty: true}, nil
}

// freshDraft returns the draft that begins where the last digest ended, and the
// note that is on top of it. Another process may have sent a digest, or set a
// note, since it was written.
func (n *Newsletter) freshDraft(ctx context.Context, l ledger, h history) (draft, note, error) {
	next, err := l.readNote(ctx, h)
	if err != nil {
		return draft{}, next, err
	}
	fits := func(d draft) bool { return d.FromSequence == h.lastEnd() && d.Note == next.Texts[d.Language] }
	d, err := n.readDraft()
	if err != nil || fits(d) {
		return d, next, err
	}
	if err := n.refreshDraft(ctx); err != nil {
		return d, next, err
	}
	if d, err = n.readDraft(); err == nil && !fits(d) {
		err = errStale
	}
	return d, next, err
}

// refreshDraft renders the draft anew.
func (n *Newsletter) refreshDraft(ctx context.Context) error {
	dataset, err := n.readPending()
	if err != nil {
		return err
	}
	runner, err := publishers.NewRunner(publishers.Config{
		Channel: n,
		Open: func(ctx context.Context) (*stream.Reader, error) {
			return stream.Open(ctx, n.JetStream, dataset.Position.Dataset)
		},
		Log: n.Log,
		Now: n.Now,
	})
	if err != nil {
		return err
	}
	return runner.Refresh(ctx)
}

// resumeDigest is finish for a digest that was begun elsewhere.
func (n *Newsletter) resumeDigest(ctx context.Context, l ledger, s Sent, c content) (Report, error) {
	a, err := n.findAudience(ctx, l.dataset, s, c)
	if err != nil {
		return Report{}, fmt.Errorf("newsletter: %w", err)
	}
	return n.finishDigest(ctx, l, s, c, a)
}

// finishDigest sends a digest to whoever did not get it, and closes it when nobody
// is left. One that waits for approval goes on waiting.
func (n *Newsletter) finishDigest(ctx context.Context, l ledger, s Sent, c content, a *audience) (Report, error) {
	if s.Waits() {
		report := waitingReport(s)
		n.logReminder(report)
		return report, nil
	}
	if n.campaigns != nil {
		return n.handOver(ctx, l, s, c)
	}
	if handed, err := n.withdrawCampaign(ctx, l, s); err != nil || handed {
		return n.closeHandedOver(ctx, l, s, err)
	}
	run := l.newRun(s)
	report, err := n.deliverDigest(ctx, s, run, s.Recipients, n.allRecipients(ctx, l, s, c, a, run.id))
	if err != nil {
		n.Log.Info("digest not finished", report.logFields()...)
		return report, err
	}
	counts, err := n.countMarks(ctx, l, s, len(n.sender.to))
	if err != nil {
		return report, fmt.Errorf("newsletter: %w", err)
	}
	report.addUncertain(counts)
	if counts.handledCount() < s.Recipients { // some have left, or are still to get it
		open, err := n.countOpen(ctx, l, s, a)
		if err != nil {
			return report, fmt.Errorf("newsletter: %w", err)
		}
		if open > 0 {
			// Another process was at them, and has put them off since.
			n.Log.Info("digest not finished", report.logFields()...)
			return report, &UnfinishedError{s.ID, open, errors.New("another process could not send to them")}
		}
	}
	n.Log.Info("digest sent", report.logFields()...)
	return report, n.close(ctx, l, s, counts)
}

// close notes that a digest is finished and renders the next draft.
func (n *Newsletter) close(ctx context.Context, l ledger, s Sent, counts Counts) error {
	s.Counts = counts
	if err := l.completeDigest(ctx, s, n.Now()); err != nil {
		return fmt.Errorf("newsletter: %w", err)
	}
	// Should this fail, the digest is sent all the same, and whoever sends
	// the next one sees to the draft first.
	if err := n.refreshDraft(ctx); err != nil && !errors.Is(err, context.Canceled) {
		n.Log.Warn("draft not refreshed", zap.Error(err))
	}
	return nil
}
