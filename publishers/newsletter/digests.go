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
	From    event.Seq `json:"from"` // the changeset event that it begins after
	To      event.Seq `json:"to"`   // the last one that is in it
	// Epoch is that of the stream in which From and To count; "" where an older
	// netsync noted none.
	Epoch string `json:"epoch,omitempty"`
	// Base is the epoch in which the ledger goes on since the stream was made
	// again; "" where it never was. BaseFrom is where the first digest of that
	// base begins.
	Base      string    `json:"base,omitempty"`
	BaseFrom  event.Seq `json:"base_from,omitempty"`
	Changeset string    `json:"changeset"`
	Note      string    `json:"note,omitempty"` // the id of the note that is in it
	Created   time.Time `json:"created"`
	Slot      time.Time `json:"slot,omitzero"` // of the schedule; zero when it was sent by hand
	// Month is the one that it is of, as 2026-11: who wants a digest a month
	// gets the first of each.
	Month string `json:"month,omitempty"`
	// Monthly says that it is for them alone: nothing is new for the others.
	Monthly    bool      `json:"monthly,omitempty"`
	Held       bool      `json:"held,omitempty"` // it is sent only once somebody has approved it
	Approved   time.Time `json:"approved,omitzero"`
	Completed  time.Time `json:"completed,omitzero"` // zero while recipients are open
	Recipients int       `json:"recipients"`
	Campaign   int       `json:"campaign,omitempty"` // the id of the one in listmonk that it was handed over as
	Counts
}

// Counts is what became of a digest's messages.
type Counts struct {
	Sent      int `json:"sent"`
	Uncertain int `json:"uncertain"` // handed to the server, and its answer was lost: never sent again
	Refused   int `json:"refused"`   // by the server, for good
	Late      int `json:"late"`      // not sent any more, because the grace period was over
}

// handledCount is how many messages were dealt with.
func (c Counts) handledCount() int { return c.Sent + c.Uncertain + c.Refused + c.Late }

// addState counts what became of a message.
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

// countMarks counts what became of a digest's messages; least is as for listedMarks.
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
	// They are read once more, and not kept: there may be very many.
	c = Counts{}
	err = each(func(m mark) { c.addState(all.messageState(m)) })
	return c, err
}

// countOpen returns how many a digest is still to go to. Who has left since it was
// begun is none of them.
func (n *Newsletter) countOpen(ctx context.Context, l ledger, s Sent, a *audience) (int, error) {
	subscribed, err := a.countDue(ctx)
	if err != nil || s.Monthly {
		return subscribed, err
	}
	listed, err := l.listedMarks(ctx, s, len(n.sender.to))
	return subscribed + max(len(n.sender.to)-len(listed), 0), err
}

// digestKey is the ledger's key of a digest, without a prefix: two that begin at the
// same place are one, unless one of them is only for who gets a digest a month.
func (s Sent) digestKey() string {
	if s.Monthly {
		return s.sequenceKey(s.From) + "." + s.Month
	}
	return s.sequenceKey(s.From)
}

// sequenceKey is a sequence number as keys have it: those of a stream that was made
// again are not those of the one before.
func (s Sent) sequenceKey(seq event.Seq) string {
	if s.Base != "" {
		return fmt.Sprintf("%d-%s", seq, s.Base)
	}
	return strconv.FormatUint(uint64(seq), 10)
}

const digestPrefix = "digest."

func (s Sent) ledgerKey() string { return digestPrefix + s.digestKey() }

// readHistory returns the digests of a dataset, oldest first; none where nothing
// was ever sent.
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

// readDigest reads one digest, and the revision that a change of it must name.
func (l ledger) readDigest(ctx context.Context, key string) (Sent, uint64, error) {
	e, err := l.bucket.Get(ctx, key)
	if err != nil {
		return Sent{}, 0, err
	}
	s, err := decodeDigest(e)
	return s, e.Revision, err
}

// beginDigest makes a digest the one that begins at its From, unless there is one
// already; it returns the one that counts.
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

// completeDigest notes that a digest is finished. Where another process noted it
// first, that stands, except that whoever comes last knows best what became of
// what the others had under way.
func (l ledger) completeDigest(ctx context.Context, s Sent, now time.Time) error {
	s.Completed = now.UTC().Truncate(time.Second)
	for range tries {
		stands, revision, err := l.readDigest(ctx, s.ledgerKey())
		switch {
		case err != nil:
			return err
		case stands.ID != s.ID, !stands.Completed.IsZero() && stands.Uncertain <= s.Uncertain:
			return nil
		case !stands.Completed.IsZero():
			s.Completed = stands.Completed
		}
		if err = stream.Write(ctx, l.bucket, s.ledgerKey(), s, revision); !errors.Is(err, stream.ErrConflict) {
			return err
		}
	}
	return nil // somebody else has
}

// withdrawDigest takes back a digest that nobody got, so that its changes go into
// the next one. Where it changed meanwhile it stays.
func (l ledger) withdrawDigest(ctx context.Context, s Sent) error {
	stands, revision, err := l.readDigest(ctx, s.ledgerKey())
	if err != nil || stands.ID != s.ID || !stands.Completed.IsZero() {
		return err
	}
	return ignoreConflict(l.bucket.RemoveRevision(ctx, s.ledgerKey(), revision))
}

// List returns the digests that were sent or begun, the newest first.
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
