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

// ErrNothingWaits says that there is no digest that waits for approval.
var ErrNothingWaits = errors.New("no digest waits for approval")

// Waits reports whether a digest is held until somebody approves it.
func (s Sent) Waits() bool { return s.Held && s.Approved.IsZero() && s.Completed.IsZero() }

// Approve lets the digest that waits for it go out, and sends it. With an id it
// must be that one: what somebody read. One that was approved before and is not
// finished is gone on with. The error is ErrNothingWaits where there is none.
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

// Cancel takes back the digest that waits for approval; its changes go into the
// next one. The id is as for Approve.
func (n *Newsletter) Cancel(ctx context.Context, id string) (Sent, error) {
	n.sending.Lock()
	defer n.sending.Unlock()
	l, s, err := n.heldDigest(ctx, id)
	if err == nil && !s.Waits() {
		err = fmt.Errorf("digest %s is approved: %w", s.ID, ErrNothingWaits)
	}
	if err == nil && !s.Slot.IsZero() { // it is not missed, should the process start anew
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

// Held returns the digest that waits for approval, or had it and is under way:
// what its messages say, as html or text, or as json the digest itself. The id is
// as for Approve.
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

// heldDigest returns the digest that is under way and needs approval, or had it.
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

// rereadDigest reads a digest once more, and the revision that a change of it must name.
// The error is ErrNothingWaits where it was taken back.
func (l ledger) rereadDigest(ctx context.Context, s Sent) (Sent, uint64, error) {
	stands, revision, err := l.readDigest(ctx, s.ledgerKey())
	if errors.Is(err, stream.ErrNoKey) || err == nil && stands.ID != s.ID {
		err = ErrNothingWaits
	}
	return stands, revision, err
}

// cancelDigest takes back a digest that waits. Where it was approved or taken back
// meanwhile, that is ErrNothingWaits.
func (l ledger) cancelDigest(ctx context.Context, s Sent) error {
	stands, revision, err := l.rereadDigest(ctx, s)
	if err == nil && !stands.Waits() {
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

// approveDigest notes that a digest was approved. Whoever was first counts; where it
// was taken back meanwhile, that is ErrNothingWaits.
func (l ledger) approveDigest(ctx context.Context, s Sent, now time.Time) (Sent, error) {
	stands, revision, err := l.rereadDigest(ctx, s)
	if err != nil || !stands.Waits() {
		return stands, err
	}
	stands.Approved = now.UTC().Truncate(time.Second)
	err = stream.Write(ctx, l.bucket, s.ledgerKey(), stands, revision)
	if errors.Is(err, stream.ErrConflict) {
		stands, _, err = l.rereadDigest(ctx, s)
		if err == nil && stands.Waits() { // the answer is behind
			err = ErrNothingWaits
		}
		return stands, err
	}
	if err != nil {
		return s, err
	}
	return stands, nil
}

// replaceDigest puts another content in the place of that of a digest which waits:
// one step, in which its id changes. Where it was approved or taken back
// meanwhile, it returns what stands then.
func (l ledger) replaceDigest(ctx context.Context, s, by Sent, c content) (Sent, error) {
	stands, revision, err := l.rereadDigest(ctx, s)
	if errors.Is(err, ErrNothingWaits) || err == nil && !stands.Waits() {
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

// waitingReport is what sending comes to while a digest waits.
func waitingReport(s Sent) Report {
	return Report{Digest: s.ID, Subject: s.Subject, Recipients: s.Recipients, Waiting: s.Created}
}

// reminderInterval is how often the log tells of a digest that waits.
const reminderInterval = 24 * time.Hour

// logReminder tells of a digest that waits, once in a while.
func (n *Newsletter) logReminder(r Report) {
	if r.Waiting.IsZero() || n.Now().Sub(n.lastReminder) < reminderInterval {
		return
	}
	n.lastReminder = n.Now()
	n.Log.Warn("a digest waits for approval; see netsync digest preview, and approve or cancel it",
		zap.String("digest", r.Digest), zap.String("subject", r.Subject), zap.Time("since", r.Waiting))
}
