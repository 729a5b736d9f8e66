package newsletter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"netsync/schema/stream"
)

// ErrNothingWaits is returned if no digest waits for approval.
var ErrNothingWaits = errors.New("no digest waits for approval")

// Waits reports whether a digest is held until someone approves it.
func (s Sent) Waits() bool { return s.Held && s.Approved.IsZero() && s.Completed.IsZero() }

// Approve approves the waiting digest and sends it. A non-empty id must be that
// of the digest, as the approver read it. If the digest was approved before and
// is not finished, Approve continues it. The error is ErrNothingWaits if there
// is none.
func (n *Newsletter) Approve(ctx context.Context, id string) (Report, error) {
	if err := n.Ready(); err != nil {
		return Report{}, err
	}
	n.sending.Lock()
	defer n.sending.Unlock()
	l, s, err := n.heldDigest(ctx, id)
	if err != nil {
		return Report{}, fmt.Errorf("newsletter: %w", err)
	}
	if s.Waits() {
		if s, err = l.approveDigest(ctx, s, n.Now()); err != nil {
			return Report{}, fmt.Errorf("newsletter: %w", err)
		}
		n.Log.Info("digest approved", zap.String("digest", s.ID))
	}
	if err := l.removeHold(ctx); err != nil {
		return Report{}, fmt.Errorf("newsletter: %w", err)
	}
	c, err := l.readContent(ctx, s)
	if err != nil {
		return Report{}, fmt.Errorf("newsletter: %w", err)
	}
	return n.resumeDigest(ctx, l, s, c)
}

// Cancel cancels the waiting digest; its changes go into the next one. The id
// is as for Approve.
func (n *Newsletter) Cancel(ctx context.Context, id string) (Sent, error) {
	n.sending.Lock()
	defer n.sending.Unlock()
	l, s, err := n.heldDigest(ctx, id)
	if err == nil && !s.Waits() {
		err = fmt.Errorf("digest %s is approved: %w", s.ID, ErrNothingWaits)
	}
	if err == nil && !s.Slot.IsZero() { // so that a new process does not take it for missed
		err = l.recordSlot(ctx, s.Slot)
	}
	if err == nil {
		err = l.cancelDigest(ctx, s)
	}
	if err != nil {
		return s, fmt.Errorf("newsletter: %w", err)
	}
	n.Log.Info("digest cancelled", zap.String("digest", s.ID))
	return s, n.refreshDraft(ctx)
}

// Held returns the held digest, which waits for approval or is approved and
// unfinished: its message as html or text, or the digest itself as json. The id
// is as for Approve.
func (n *Newsletter) Held(ctx context.Context, id, format string) ([]byte, error) {
	l, s, err := n.heldDigest(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("newsletter: %w", err)
	}
	if format == "json" {
		data, err := json.MarshalIndent(s, "", "  ")
		return append(data, '\n'), err
	}
	c, err := l.readContent(ctx, s)
	if err != nil {
		return nil, fmt.Errorf("newsletter: %w", err)
	}
	if format == "html" {
		return []byte(c.HTML), nil
	}
	return []byte(c.Text), nil
}

// heldDigest returns the unfinished digest that needs or had approval.
func (n *Newsletter) heldDigest(ctx context.Context, id string) (l ledger, s Sent, err error) {
	d, err := n.readDraft()
	if err != nil {
		return l, s, err
	}
	l, ok, err := n.findLedger(ctx, d.Dataset)
	if err != nil {
		return l, s, err
	}
	if !ok {
		return l, s, ErrNothingWaits
	}
	h, err := l.readHistory(ctx)
	if err != nil {
		return l, s, err
	}
	s, ok = h.openDigest()
	switch {
	case !ok || !s.Held:
		return l, s, ErrNothingWaits
	case id != "" && id != s.ID:
		return l, s, fmt.Errorf("digest %s is not the one that waits, which is %s: %w", id, s.ID, ErrNothingWaits)
	}
	return l, s, nil
}

// rereadDigest reads a digest again, with its revision for an update. The error
// is ErrNothingWaits if it was cancelled.
func (l ledger) rereadDigest(ctx context.Context, s Sent) (Sent, uint64, error) {
	stored, revision, err := l.readDigest(ctx, s.ledgerKey())
	if errors.Is(err, stream.ErrNoKey) || err == nil && stored.ID != s.ID {
		err = ErrNothingWaits
	}
	return stored, revision, err
}

// cancelDigest removes a waiting digest. The error is ErrNothingWaits if it was
// approved or cancelled meanwhile.
func (l ledger) cancelDigest(ctx context.Context, s Sent) error {
	stored, revision, err := l.rereadDigest(ctx, s)
	if err == nil && !stored.Waits() {
		err = ErrNothingWaits
	}
	if err != nil {
		return err
	}
	err = l.bucket.RemoveRevision(ctx, s.ledgerKey(), revision)
	if errors.Is(err, stream.ErrConflict) {
		return ErrNothingWaits
	}
	return err
}

// approveDigest records the approval of a digest. The first approval counts.
// The error is ErrNothingWaits if the digest was cancelled meanwhile.
func (l ledger) approveDigest(ctx context.Context, s Sent, now time.Time) (Sent, error) {
	stored, revision, err := l.rereadDigest(ctx, s)
	if err != nil || !stored.Waits() {
		return stored, err
	}
	stored.Approved = now.UTC().Truncate(time.Second)
	err = stream.Write(ctx, l.bucket, s.ledgerKey(), stored, revision)
	if errors.Is(err, stream.ErrConflict) {
		stored, _, err = l.rereadDigest(ctx, s)
		if err == nil && stored.Waits() { // a stale read
			err = ErrNothingWaits
		}
		return stored, err
	}
	if err != nil {
		return s, err
	}
	return stored, nil
}

// replaceDigest replaces a waiting digest by another content, which changes its
// id, in one step. It returns the zero Sent if the digest was approved or
// cancelled meanwhile.
func (l ledger) replaceDigest(ctx context.Context, s, by Sent, c content) (Sent, error) {
	stored, revision, err := l.rereadDigest(ctx, s)
	if errors.Is(err, ErrNothingWaits) || err == nil && !stored.Waits() {
		return Sent{}, nil
	}
	if err != nil {
		return s, err
	}
	if err := l.storeContent(ctx, by, c); err != nil {
		return s, err
	}
	err = stream.Write(ctx, l.bucket, s.ledgerKey(), by, revision)
	if errors.Is(err, stream.ErrConflict) {
		return Sent{}, nil
	}
	if err != nil {
		return s, err
	}
	return by, nil
}

// waitingReport returns the report of a waiting digest.
func waitingReport(s Sent) Report {
	return Report{Digest: s.ID, Subject: s.Subject, Recipients: s.Recipients, Waiting: s.Created}
}

// reminderInterval is the interval of log messages about a waiting digest.
const reminderInterval = 24 * time.Hour

// logReminder logs that a digest waits, at most once in reminderInterval.
func (n *Newsletter) logReminder(r Report) {
	if r.Waiting.IsZero() || n.Now().Sub(n.lastReminder) < reminderInterval {
		return
	}
	n.lastReminder = n.Now()
	n.Log.Warn("digest waits for approval; see netsync digest preview, and approve or cancel it",
		zap.String("digest", r.Digest), zap.String("subject", r.Subject), zap.Time("since", r.Waiting))
}
