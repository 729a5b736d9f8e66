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

// A state is the state of one message.
type state string

const (
	stateSending   state = "sending" // claimed: the run tells the result
	stateSent      state = "sent"    // recorded by older versions only
	stateRefused   state = "refused"
	stateUncertain state = "uncertain" // the server's response was lost
	stateNotDue    state = "passed"    // no longer to be sent; never stored
)

// A mark is the ledger's record for one recipient of a digest.
type mark struct {
	State  state     `json:"state"`
	Code   int       `json:"code,omitempty"` // of the server's response (RFC 5321 §4.2)
	At     time.Time `json:"at"`
	By     string    `json:"by,omitempty"`     // the run that claimed it
	Number int       `json:"number,omitempty"` // of the claim in the run, from 1
	Open   []int     `json:"open,omitempty"`   // earlier claims that were open
}

// isOf reports whether a mark is this claim, or its result.
func (m mark) isOf(claim mark) bool { return m.By == claim.By && m.Number == claim.Number }

// markKey returns the key of a recipient, without the address. It depends on
// where the digest begins, not on its content: of two digests with the same
// start, a recipient gets only one.
func (l ledger) markKey(s Sent, address string) string {
	from := s.sequenceKey(s.From)
	sum := sha256.Sum256(fmt.Appendf(nil, "%s/%s\n%s", l.dataset, from, foldAddress(address)))
	return fmt.Sprintf("sent.%s.%s", from, hex.EncodeToString(sum[:]))
}

// A markEntry is the entry of one mark in a ledger.
type markEntry struct {
	ledger ledger
	key    string
}

// claimMark stores the claim of a message that is sent next. After an error the
// claim may be stored all the same, so the recipient does not get the digest:
// better than twice.
func (e markEntry) claimMark(ctx context.Context, claim mark) (mark, bool, error) {
	writeErr := stream.Write(ctx, e.ledger.bucket, e.key, claim, 0)
	if writeErr == nil {
		return claim, true, nil
	}
	m, ok, err := e.readMark(ctx)
	switch {
	case err != nil:
		return mark{}, false, errors.Join(writeErr, err)
	case !ok:
		return mark{}, false, writeErr
	}
	return m, m.isOf(claim), nil
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

// readMarks reads all marks of digests with the same start, by key. A mark that
// changes meanwhile may be missing.
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

// listedMarks reads the marks of configured recipients. It reads again until
// there are at least least, as other processes may change marks meanwhile.
func (l ledger) listedMarks(ctx context.Context, s Sent, least int) (all map[string]mark, err error) {
	if s.Monthly { // for subscribers only
		return nil, nil
	}
	for range tries {
		if all, err = l.readMarks(ctx, s); err != nil || len(all) >= least {
			break
		}
	}
	return all, err
}
