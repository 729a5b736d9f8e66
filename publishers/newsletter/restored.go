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

// A hold keeps digests from going out before somebody approves one: after a
// restore, nobody but an operator can tell which went out in the time that is
// lost.
type hold struct {
	Since time.Time `json:"since"`
	From  time.Time `json:"from"` // the time that is lost
}

const holdKey = "hold"

// isHeld reports whether digests are held.
func (l ledger) isHeld(ctx context.Context) (bool, error) {
	_, err := l.bucket.Get(ctx, holdKey)
	if errors.Is(err, stream.ErrNoKey) {
		return false, nil
	}
	return err == nil, err
}

// removeHold ends a hold: somebody has approved a digest.
func (l ledger) removeHold(ctx context.Context) error {
	if held, err := l.isHeld(ctx); err != nil || !held {
		return err
	}
	return l.bucket.Remove(ctx, holdKey)
}

// LedgerIsGone reports whether digests were sent, as the draft says, and the broker
// has no ledger of them.
func (n *Newsletter) LedgerIsGone(ctx context.Context) (bool, error) {
	p, err := n.readPending()
	if err != nil || p.From == 0 || n.JetStream == nil {
		return false, nil //nolint:nilerr // no draft knows of nothing
	}
	_, ok, err := n.findLedger(ctx, p.Position.Dataset)
	return !ok && err == nil, err
}

// A Restore says what of a dataset came back from a backup.
type Restore struct {
	Dataset string
	// Ledger is the last revision of the ledger when the backup began. What was
	// written after it was under way while the backup was made.
	Ledger uint64
	// From is when the backup began: what was sent since is not known.
	From, Now time.Time
}

// Settle makes a ledger and a list of subscribers that were restored safe to go
// on with: digests that were under way at the backup are uncertain and never sent
// again, to nobody, and the next waits until somebody approves it. It returns
// the digests that were under way. To do it twice is to do it once.
func (r Restore) Settle(ctx context.Context, js jetstream.JetStream) ([]Sent, error) {
	// Without a ledger the backup is older than the first digest, which may have
	// gone out since: that has to be held as well.
	l, err := openLedger(ctx, js, r.Dataset)
	if err != nil {
		return nil, err
	}
	under, err := r.underWay(ctx, l)
	if err != nil {
		return nil, err
	}
	for _, s := range under {
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
	return under, nil
}

// underWay returns the digests that were sent while the backup was made, or were
// not finished then. One that waits for approval went to nobody.
func (r Restore) underWay(ctx context.Context, l ledger) (under []Sent, err error) {
	err = l.bucket.Each(ctx, digestPrefix+">", func(e stream.Entry) error {
		s, err := decodeDigest(e)
		if err == nil && !s.Waits() && (s.Completed.IsZero() || e.Revision > r.Ledger) {
			under = append(under, s)
		}
		return err
	})
	return under, err
}

// markAllPassed notes with each subscriber that a digest went to them, for all that is
// known.
func markAllPassed(ctx context.Context, js jetstream.JetStream, dataset string, s Sent) error {
	list, ok, err := subscribers.Find(ctx, js, dataset)
	if err != nil || !ok {
		return err
	}
	for who, err := range list.All(ctx) {
		if err == nil {
			err = markPassed(ctx, list, who, s)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func markPassed(ctx context.Context, list *subscribers.List, who subscribers.Subscriber, s Sent) error {
	_, err := list.ChangeFrom(ctx, who, func(now *subscribers.Subscriber) error {
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

// WentOut ends the digest that waits for approval as one that went out in the time
// that a restore has lost: it is not sent, it is noted as uncertain with whoever it
// was to go to, and its changes are in no other digest. The id is as for Approve.
func (n *Newsletter) WentOut(ctx context.Context, id string) (Sent, error) {
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
	n.Log.Info("digest noted as one that went out", zap.String("digest", s.ID))
	return s, n.refreshDraft(ctx)
}
