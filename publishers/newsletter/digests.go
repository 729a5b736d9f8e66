package newsletter

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"netsync/schema/event"
	"netsync/schema/stream"
)

// Sent is a digest that was begun. Its counts are final once it is completed.
type Sent struct {
	ID      string    `json:"id"`
	Subject string    `json:"subject"`
	From    event.Seq `json:"from"` // the changeset event after which it begins
	To      event.Seq `json:"to"`   // the last changeset event in it
	// Epoch is the epoch of the stream of From and To; "" if an older netsync
	// recorded none.
	Epoch string `json:"epoch,omitempty"`
	// Base is the epoch of the ledger's base; "" if the stream was never
	// created again. BaseFrom is where the first digest of that base begins.
	Base      string    `json:"base,omitempty"`
	BaseFrom  event.Seq `json:"base_from,omitempty"`
	Changeset string    `json:"changeset"`
	Note      string    `json:"note,omitempty"` // id of its note
	Created   time.Time `json:"created"`
	Slot      time.Time `json:"slot,omitzero"` // of the schedule; zero if it was sent by hand
	// Month is the month of the digest, as 2026-11: monthly subscribers get the
	// first of each.
	Month string `json:"month,omitempty"`
	// Monthly is set for a digest for monthly subscribers only, without changes
	// for others.
	Monthly    bool      `json:"monthly,omitempty"`
	Held       bool      `json:"held,omitempty"` // it is sent only after approval
	Approved   time.Time `json:"approved,omitzero"`
	Completed  time.Time `json:"completed,omitzero"` // zero while recipients remain
	Recipients int       `json:"recipients"`
	Campaign   int       `json:"campaign,omitempty"` // id in listmonk
	Counts
}

// Counts are the results of a digest's messages.
type Counts struct {
	Sent      int `json:"sent"`
	Uncertain int `json:"uncertain"` // the server's response was lost: never sent again
	Refused   int `json:"refused"`   // by the server, permanently
	Late      int `json:"late"`      // not sent because the grace period was over
}

// handledCount returns the number of handled messages.
func (c Counts) handledCount() int { return c.Sent + c.Uncertain + c.Refused + c.Late }

// addState counts a message.
func (c *Counts) addState(s state) {
	switch s {
	case stateSent:
		c.Sent++
	case stateRefused:
		c.Refused++
	default:
		c.Uncertain++
	}
}

// countMarks counts the results of a digest's messages; least is as for
// listedMarks.
func (n *Newsletter) countMarks(ctx context.Context, l ledger, s Sent, least int) (c Counts, err error) {
	all, err := l.readRuns(ctx, s)
	if err != nil {
		return c, err
	}
	listed, err := l.listedMarks(ctx, s, least)
	if err != nil {
		return c, err
	}
	a, err := n.findAudience(ctx, l.dataset, s, content{})
	if err != nil {
		return c, err
	}
	each := func(take func(mark)) error {
		for _, m := range listed {
			take(m)
		}
		for m, err := range a.listMarks(ctx) {
			if err != nil {
				return err
			}
			take(m)
		}
		return nil
	}
	over := true
	err = each(func(m mark) {
		over = over && all.isFinal(m)
		all.addClaim(m)
		c.addState(all.messageState(m))
	})
	if err != nil || over {
		return c, err
	}
	// Read again instead of keeping them: there may be very many.
	c = Counts{}
	err = each(func(m mark) { c.addState(all.messageState(m)) })
	return c, err
}

// countOpen returns the number of remaining recipients, without those who
// unsubscribed.
func (n *Newsletter) countOpen(ctx context.Context, l ledger, s Sent, a *audience) (int, error) {
	subscribed, err := a.countDue(ctx)
	if err != nil || s.Monthly {
		return subscribed, err
	}
	listed, err := l.listedMarks(ctx, s, len(n.sender.to))
	return subscribed + max(len(n.sender.to)-len(listed), 0), err
}

// digestKey returns the key of a digest without its prefix. Digests with the
// same start are one, unless one of them is for monthly subscribers only.
func (s Sent) digestKey() string {
	if s.Monthly {
		return s.sequenceKey(s.From) + "." + s.Month
	}
	return s.sequenceKey(s.From)
}

// sequenceKey returns a sequence number for keys, distinguished by the ledger's
// base.
func (s Sent) sequenceKey(seq event.Seq) string {
	if s.Base != "" {
		return fmt.Sprintf("%d-%s", seq, s.Base)
	}
	return strconv.FormatUint(uint64(seq), 10)
}

const digestPrefix = "digest."

func (s Sent) ledgerKey() string { return digestPrefix + s.digestKey() }

// readHistory returns the digests of a dataset, oldest first.
func (n *Newsletter) readHistory(ctx context.Context, dataset string) (history, error) {
	l, ok, err := n.findLedger(ctx, dataset)
	if err != nil || !ok {
		return history{}, err
	}
	return l.readHistory(ctx)
}

func (l ledger) readHistory(ctx context.Context) (h history, err error) {
	if h.base, _, err = l.readBase(ctx); err != nil {
		return h, err
	}
	if h.isHeld, err = l.isHeld(ctx); err != nil {
		return h, err
	}
	err = l.bucket.Each(ctx, digestPrefix+">", func(e stream.Entry) error {
		s, err := decodeDigest(e)
		h.all = append(h.all, s)
		return err
	})
	slices.SortFunc(h.all, func(a, b Sent) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), a.Created.Compare(b.Created))
	})
	return h, err
}

func decodeDigest(e stream.Entry) (s Sent, err error) {
	if err := json.Unmarshal(e.Value, &s); err != nil {
		return s, fmt.Errorf("read ledger: %s: %w", e.Key, err)
	}
	return s, nil
}

// readDigest reads a digest, with its revision for an update.
func (l ledger) readDigest(ctx context.Context, key string) (Sent, uint64, error) {
	e, err := l.bucket.Get(ctx, key)
	if err != nil {
		return Sent{}, 0, err
	}
	s, err := decodeDigest(e)
	return s, e.Revision, err
}

// beginDigest stores a digest, unless there is one with the same key; it
// returns the stored one.
func (l ledger) beginDigest(ctx context.Context, s Sent, c content) (Sent, content, error) {
	if err := l.storeContent(ctx, s, c); err != nil {
		return Sent{}, content{}, err
	}
	err := stream.Write(ctx, l.bucket, s.ledgerKey(), s, 0)
	if !errors.Is(err, stream.ErrConflict) {
		return s, c, err
	}
	if s, _, err = l.readDigest(ctx, s.ledgerKey()); err != nil {
		return Sent{}, content{}, err
	}
	c, err = l.readContent(ctx, s)
	return s, c, err
}

// completeDigest records that a digest is finished. If another process did so
// before, that stands, unless this one knows of more uncertain messages.
func (l ledger) completeDigest(ctx context.Context, s Sent, now time.Time) error {
	s.Completed = now.UTC().Truncate(time.Second)
	for range tries {
		stored, revision, err := l.readDigest(ctx, s.ledgerKey())
		switch {
		case err != nil:
			return err
		case stored.ID != s.ID, !stored.Completed.IsZero() && stored.Uncertain <= s.Uncertain:
			return nil
		case !stored.Completed.IsZero():
			s.Completed = stored.Completed
		}
		if err = stream.Write(ctx, l.bucket, s.ledgerKey(), s, revision); !errors.Is(err, stream.ErrConflict) {
			return err
		}
	}
	return nil // another process completed it
}

// withdrawDigest removes a digest that nobody received, so that its changes go
// into the next one. If it changed meanwhile, it remains.
func (l ledger) withdrawDigest(ctx context.Context, s Sent) error {
	stored, revision, err := l.readDigest(ctx, s.ledgerKey())
	if err != nil || stored.ID != s.ID || !stored.Completed.IsZero() {
		return err
	}
	return ignoreConflict(l.bucket.RemoveRevision(ctx, s.ledgerKey(), revision))
}

// List returns the digests that were begun or sent, newest first.
func (n *Newsletter) List(ctx context.Context) ([]Sent, error) {
	d, err := n.readDraft()
	if err != nil {
		return nil, fmt.Errorf("newsletter: %w", err)
	}
	l, ok, err := n.findLedger(ctx, d.Dataset)
	if err != nil || !ok {
		return nil, err
	}
	h, err := l.readHistory(ctx)
	if err != nil {
		return nil, err
	}
	all := h.all
	for i := range all {
		if all[i].Completed.IsZero() {
			if all[i].Counts, err = n.countMarks(ctx, l, all[i], 0); err != nil {
				return nil, err
			}
		}
	}
	slices.Reverse(all)
	return all, nil
}
