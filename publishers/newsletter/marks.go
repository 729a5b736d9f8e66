package newsletter

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"netsync/schema/stream"
)

// A state is what became of one message.
type state string

const (
	stateSending   state = "sending" // claimed: its run tells what became of it
	stateSent      state = "sent"    // noted by an older netsync only
	stateRefused   state = "refused"
	stateUncertain state = "uncertain" // handed to the server, and its answer was lost
	stateNotDue    state = "passed"    // no more one to send to; it is never noted
)

// A mark is what the ledger holds for one recipient of a digest.
type mark struct {
	State  state     `json:"state"`
	Code   int       `json:"code,omitempty"` // of the server's answer (RFC 5321 §4.2)
	At     time.Time `json:"at"`
	By     string    `json:"by,omitempty"`     // the run that claimed it
	Number int       `json:"number,omitempty"` // of its claims; from 1
	Open   []int     `json:"open,omitempty"`   // those before it that were under way
}

// isOf reports whether a mark is this claim, or what was noted of it.
func (m mark) isOf(claim mark) bool { return m.By == claim.By && m.Number == claim.Number }

// markKey names a recipient without an address in clear. It depends on where
// the digest begins, not on what it says: two digests that begin at the same
// place never go to one recipient.
func (l ledger) markKey(s Sent, address string) string {
	from := s.sequenceKey(s.From)
	sum := sha256.Sum256(fmt.Appendf(nil, "%s/%s\n%s", l.dataset, from, foldAddress(address)))
	return fmt.Sprintf("sent.%s.%s", from, hex.EncodeToString(sum[:]))
}

// A markEntry is the place of one mark in a ledger.
type markEntry struct {
	ledger ledger
	key    string
}

// claimMark makes the mark of a message that is handed over next. After an error
// there may be a mark all the same, which keeps the recipient from getting the
// digest: better that than twice.
func (e markEntry) claimMark(ctx context.Context, mine mark) (mark, bool, error) {
	wrong := stream.Write(ctx, e.ledger.bucket, e.key, mine, 0)
	if wrong == nil {
		return mine, true, nil
	}
	m, ok, err := e.readMark(ctx)
	switch {
	case err != nil:
		return mark{}, false, errors.Join(wrong, err)
	case !ok:
		return mark{}, false, wrong
	}
	return m, m.isOf(mine), nil
}

func (e markEntry) readMark(ctx context.Context) (m mark, ok bool, err error) {
	m, revision, err := stream.Read[mark](ctx, e.ledger.bucket, e.key)
	return m, revision > 0, err
}

func (e markEntry) recordMark(ctx context.Context, m mark) error {
	data, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("encode mark: %w", err)
	}
	return e.ledger.bucket.Put(ctx, e.key, data)
}

func (e markEntry) releaseClaim(ctx context.Context) error {
	return e.ledger.bucket.Remove(ctx, e.key)
}

// readMarks reads all marks of the digests that begin where one does, by their keys. One
// that is changed meanwhile may be missing.
func (l ledger) readMarks(ctx context.Context, s Sent) (map[string]mark, error) {
	all := make(map[string]mark)
	err := l.bucket.Each(ctx, fmt.Sprintf("sent.%s.*", s.sequenceKey(s.From)), func(e stream.Entry) error {
		var m mark
		if err := json.Unmarshal(e.Value, &m); err != nil {
			return fmt.Errorf("read ledger: %s: %w", e.Key, err)
		}
		all[e.Key] = m
		return nil
	})
	return all, err
}

// listedMarks reads the marks of a digest's recipients that the configuration
// names. So many of them must be there: other processes may change some while
// they are read, and then they are read again.
func (l ledger) listedMarks(ctx context.Context, s Sent, least int) (all map[string]mark, err error) {
	if s.Monthly { // it goes to none of them
		return nil, nil
	}
	for range tries {
		if all, err = l.readMarks(ctx, s); err != nil || len(all) >= least {
			break
		}
	}
	return all, err
}
