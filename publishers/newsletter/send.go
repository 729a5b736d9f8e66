package newsletter

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"netsync/publishers"
	"netsync/publishers/newsletter/draft"
	"netsync/schema/stream"
)

// A Report is the result of sending. Its numbers are recipients.
type Report struct {
	Digest     string `json:"digest,omitempty"` // id
	Subject    string `json:"subject,omitempty"`
	Recipients int    `json:"recipients"`
	Sent       int    `json:"sent"`      // now
	Already    int    `json:"already"`   // before, or by another process
	Uncertain  int    `json:"uncertain"` // the server's response was lost: never sent again
	Refused    int    `json:"refused"`   // by the server, permanently
	// Campaign is the id of the digest's campaign in listmonk. Recipients is
	// then the number of subscribers that listmonk counted, 0 if it has not
	// counted them yet, and Sent the number of messages it had sent by then.
	Campaign int  `json:"campaign,omitempty"`
	Empty    bool `json:"empty"` // nothing had changed, and nothing was sent
	// Waiting is since when the digest waits for approval; zero if it does not.
	Waiting time.Time `json:"waiting,omitzero"`
	// Skipped is the reason for skipping a time of the schedule: "late" or
	// "done".
	Skipped string `json:"skipped,omitempty"`
}

// handledCount returns the number of recipients that need nothing more.
func (r Report) handledCount() int { return r.Sent + r.Already + r.Uncertain + r.Refused }

// addUncertain moves earlier recipients that turned out uncertain from Already
// to Uncertain.
func (r *Report) addUncertain(c Counts) {
	doubtful := min(max(c.Uncertain-r.Uncertain, 0), r.Already)
	r.Already -= doubtful
	r.Uncertain += doubtful
}

// logFields returns the report as fields of a log message.
func (r Report) logFields() []zap.Field {
	return []zap.Field{zap.String("digest", r.Digest), zap.Int("recipients", r.Recipients), zap.Int("sent", r.Sent),
		zap.Int("already", r.Already), zap.Int("uncertain", r.Uncertain), zap.Int("refused", r.Refused)}
}

// Send sends the next digest: it first resumes an unfinished one, then sends
// the draft. Each recipient gets a digest at most once, even with concurrent
// senders and crashes. An empty draft is not sent, and a waiting digest keeps
// waiting.
//
// The error is a *SetupError if a required setting is missing, and an
// *UnfinishedError if some recipients could not be reached yet.
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
		// It was not approved in time: the next digest has its changes, too.
		switch err := l.cancelDigest(ctx, s); {
		case err == nil:
			n.Log.Warn("digest not approved in time: its changes go into the next one", zap.String("digest", s.ID))
		case !errors.Is(err, ErrNothingWaits): // it may have been approved just now
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
	if s.ID != next.ID || next.audience == nil { // another process may have begun it
		return n.resumeDigest(ctx, l, s, c)
	}
	return n.finishDigest(ctx, l, s, c, next.audience)
}

// recordEmpty records that there was nothing to send at a time of the schedule,
// so that it does not count as missed.
func (n *Newsletter) recordEmpty(ctx context.Context, l ledger, due time.Time) (Report, error) {
	if due.IsZero() {
		return Report{Empty: true}, nil
	}
	if err := l.recordSlot(ctx, due); err != nil {
		return Report{Empty: true}, fmt.Errorf("newsletter: %w", err)
	}
	return Report{Empty: true}, nil
}

// freshDraft returns the draft that begins where the last digest ended, and its
// note. It renders the draft again if another process sent a digest or set a
// note since.
func (n *Newsletter) freshDraft(ctx context.Context, l ledger, h history) (draft.Draft, note, error) {
	next, err := l.readNote(ctx, h)
	if err != nil {
		return draft.Draft{}, next, err
	}
	fits := func(d draft.Draft) bool { return d.FromSequence == h.lastEnd() && d.Note == next.Texts[d.Language] }
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

// refreshDraft renders the draft again.
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

// resumeDigest is finishDigest for a digest that another process may have
// begun.
func (n *Newsletter) resumeDigest(ctx context.Context, l ledger, s Sent, c content) (Report, error) {
	a, err := n.findAudience(ctx, l.dataset, s, c)
	if err != nil {
		return Report{}, fmt.Errorf("newsletter: %w", err)
	}
	return n.finishDigest(ctx, l, s, c, a)
}

// finishDigest sends a digest to the remaining recipients, and closes it when
// all are handled. A waiting digest keeps waiting.
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
	if counts.handledCount() < s.Recipients { // some unsubscribed, or remain
		open, err := n.countOpen(ctx, l, s, a)
		if err != nil {
			return report, fmt.Errorf("newsletter: %w", err)
		}
		if open > 0 {
			// Another process tried them, and the server deferred them.
			n.Log.Info("digest not finished", report.logFields()...)
			return report, &UnfinishedError{s.ID, open, errors.New("another process could not send to them")}
		}
	}
	n.Log.Info("digest sent", report.logFields()...)
	return report, n.close(ctx, l, s, counts)
}

// close records that a digest is finished and renders the next draft.
func (n *Newsletter) close(ctx context.Context, l ledger, s Sent, counts Counts) error {
	s.Counts = counts
	if err := l.completeDigest(ctx, s, n.Now()); err != nil {
		return fmt.Errorf("newsletter: %w", err)
	}
	// If this fails, the digest is sent all the same, and freshDraft renders the
	// draft before the next one.
	if err := n.refreshDraft(ctx); err != nil && !errors.Is(err, context.Canceled) {
		n.Log.Warn("draft not refreshed", zap.Error(err))
	}
	return nil
}
