package newsletter

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"netsync/schema/event"
)

// A state is what became of one message.
type state string

const (
	stateSending state = "sending" // handed to the server: it may have been taken
	stateSent    state = "sent"
	stateRefused state = "refused"
)

// A mark is what the ledger holds for one recipient of a digest.
type mark struct {
	State state     `json:"state"`
	Code  int       `json:"code,omitempty"` // of the server's answer (RFC 5321 §4.2)
	At    time.Time `json:"at"`
	By    string    `json:"by,omitempty"` // a random text: tells whose claim it is
}

// markKey names a recipient without an address in clear. It depends on where
// the digest begins, not on what it says: two digests that begin at the same
// place never go to one recipient.
func (l ledger) markKey(from event.Seq, address string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s/%d\n%s", l.dataset, from, fold(address)))
	return fmt.Sprintf("sent.%d.%s", from, hex.EncodeToString(sum[:]))
}

// claim marks a recipient as the one that is sent to next. It is false where
// somebody did so before; then the mark says what came of it. After an error
// there may be a mark all the same, which keeps the recipient from getting the
// digest: better that than twice.
func (l ledger) claim(ctx context.Context, key string, now time.Time) (mark, bool, error) {
	mine := mark{State: stateSending, At: now.UTC(), By: rand.Text()}
	wrong := l.put(ctx, key, mine)
	if wrong == nil {
		return mine, true, nil
	}
	m, ok, err := l.marked(ctx, key)
	switch {
	case err != nil:
		return mark{}, false, errors.Join(wrong, err)
	case !ok:
		return mark{}, false, wrong
	}
	return m, m.By == mine.By, nil
}

// marked reads a mark; ok is false where there is none.
func (l ledger) marked(ctx context.Context, key string) (m mark, ok bool, err error) {
	e, err := l.kv.Get(ctx, key)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return m, false, nil
	}
	if err != nil {
		return m, false, fmt.Errorf("read ledger: %w", err)
	}
	if err := json.Unmarshal(e.Value(), &m); err != nil {
		return m, false, fmt.Errorf("read ledger: %s: %w", key, err)
	}
	return m, true, nil
}

// settle notes what became of a message that was claimed here.
func (l ledger) settle(ctx context.Context, key string, m mark) error {
	data, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("encode mark: %w", err)
	}
	if _, err := l.kv.Put(ctx, key, data); err != nil {
		return fmt.Errorf("write to ledger: %w", err)
	}
	return nil
}

// release takes a claim back: the server has surely not taken the message.
func (l ledger) release(ctx context.Context, key string) error {
	if err := l.kv.Purge(ctx, key); err != nil {
		return fmt.Errorf("write to ledger: %w", err)
	}
	return nil
}

// tally counts what became of the messages of the digest that begins at from.
func (l ledger) tally(ctx context.Context, from event.Seq) (c Counts, err error) {
	err = l.each(ctx, fmt.Sprintf("sent.%d.*", from), func(e jetstream.KeyValueEntry) error {
		var m mark
		if err := json.Unmarshal(e.Value(), &m); err != nil {
			return fmt.Errorf("read ledger: %s: %w", e.Key(), err)
		}
		switch m.State {
		case stateSent:
			c.Sent++
		case stateRefused:
			c.Refused++
		default:
			c.Uncertain++
		}
		return nil
	})
	return c, err
}
