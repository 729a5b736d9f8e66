package newsletter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"

	"netsync/publishers/newsletter/subscribers"
	"netsync/schema/stream"
)

// A hold prevents that digests are sent before one is approved: after a
// restore, only an operator can tell which were sent in the lost time.
type hold struct {
	Since time.Time `json:"since"`
	From  time.Time `json:"from"` // start of the lost time
}

const holdKey = "hold"

// isHeld reports whether there is a hold.
func (l ledger) isHeld(ctx context.Context) (bool, error) {
	_, err := l.bucket.Get(ctx, holdKey)
	if errors.Is(err, stream.ErrNoKey) {
		return false, nil
	}
	return err == nil, err
}

// removeHold removes the hold after a digest was approved.
func (l ledger) removeHold(ctx context.Context) error {
	if held, err := l.isHeld(ctx); err != nil || !held {
		return err
	}
	return l.bucket.Remove(ctx, holdKey)
}

// LedgerIsGone reports whether digests were sent according to the draft, but
// the broker has no ledger.
func (n *Newsletter) LedgerIsGone(ctx context.Context) (bool, error) {
	p, err := n.readPending()
	if err != nil || p.From == 0 || n.JetStream == nil {
		return false, nil //nolint:nilerr // without a draft there is no evidence
	}
	_, ok, err := n.findLedger(ctx, p.Position.Dataset)
	return !ok && err == nil, err
}

// A Restore describes what was restored of a dataset.
type Restore struct {
	Dataset string
	// Ledger is the last revision of the ledger when the backup began. Later
	// entries were written while the backup was made.
	Ledger uint64
	// From is when the backup began: what was sent since is unknown.
	From, Now time.Time
}

// Finish makes a restored ledger and list of subscribers safe to continue with:
// digests that were in progress at the backup are uncertain and never sent
// again, and the next digest is held. It returns the digests that were in
// progress. It is idempotent.
func (r Restore) Finish(ctx context.Context, js jetstream.JetStream) ([]Sent, error) {
	// Without a ledger the backup is older than the first digest, which may have
	// been sent since: hold that, too.
	l, err := openLedger(ctx, js, r.Dataset)
	if err != nil {
		return nil, err
	}
	open, err := r.underWay(ctx, l)
	if err != nil {
		return nil, err
	}
	for _, s := range open {
		if err := markAllPassed(ctx, js, r.Dataset, s); err != nil {
			return nil, err
		}
		if s.Completed.IsZero() {
			if err := l.abandonDigest(ctx, s, r.Now); err != nil {
				return nil, err
			}
		}
	}
	data, err := json.Marshal(hold{r.Now.UTC(), r.From.UTC()})
	if err == nil {
		err = l.bucket.Put(ctx, holdKey, data)
	}
	if err != nil {
		return nil, fmt.Errorf("hold the next digest: %w", err)
	}
	return open, nil
}

// underWay returns the digests that were sent while the backup was made, or
// were unfinished then. Nobody received one that waits for approval.
func (r Restore) underWay(ctx context.Context, l ledger) (open []Sent, err error) {
	err = l.bucket.Each(ctx, digestPrefix+">", func(e stream.Entry) error {
		s, err := decodeDigest(e)
		if err == nil && !s.Waits() && (s.Completed.IsZero() || e.Revision > r.Ledger) {
			open = append(open, s)
		}
		return err
	})
	return open, err
}

// markAllPassed records with each subscriber that a digest may have been sent
// to them.
func markAllPassed(ctx context.Context, js jetstream.JetStream, dataset string, s Sent) error {
	list, ok, err := subscribers.Find(ctx, js, dataset)
	if err != nil || !ok {
		return err
	}
	for sub, err := range list.All(ctx) {
		if err == nil {
			err = markPassed(ctx, list, sub, s)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func markPassed(ctx context.Context, list *subscribers.List, sub subscribers.Subscriber, s Sent) error {
	_, err := list.ChangeFrom(ctx, sub, func(now *subscribers.Subscriber) error {
		switch {
		case s.startFor(*now) >= s.To, now.Last != nil && now.Last.Digest == s.digestKey(),
			!now.Suspended.IsZero(), s.Monthly && now.Frequency != subscribers.Monthly,
			now.Frequency == subscribers.Monthly && now.Month >= s.Month:
			return errNotDue
		}
		now.Last = &subscribers.Delivery{
			Digest: s.digestKey(), State: string(stateUncertain), At: s.Created, Told: now.Told, Base: now.Base, Month: now.Month,
		}
		now.Told, now.Base, now.Month = s.To, s.Base, s.Month
		return nil
	})
	if errors.Is(err, errNotDue) || errors.Is(err, subscribers.ErrUnknown) {
		return nil
	}
	return err
}

// MarkAsSent ends the waiting digest as one that was sent in the time lost by a
// restore: it is not sent, it is recorded as uncertain with its recipients, and
// its changes are in no other digest. The id is as for Approve.
func (n *Newsletter) MarkAsSent(ctx context.Context, id string) (Sent, error) {
	n.sending.Lock()
	defer n.sending.Unlock()
	l, s, err := n.heldDigest(ctx, id)
	if err == nil && !s.Waits() {
		err = fmt.Errorf("digest %s is approved: %w", s.ID, ErrNothingWaits)
	}
	if err == nil {
		err = markAllPassed(ctx, n.JetStream, l.dataset, s)
	}
	if err == nil {
		s.Uncertain = s.Recipients
		err = l.completeDigest(ctx, s, n.Now())
	}
	if err != nil {
		return s, fmt.Errorf("newsletter: %w", err)
	}
	n.Log.Info("digest recorded as sent", zap.String("digest", s.ID))
	return s, n.refreshDraft(ctx)
}
