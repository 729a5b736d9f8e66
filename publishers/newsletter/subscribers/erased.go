package subscribers

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"netsync/schema/stream"
)

// Erased identifies a subscriber who left without revealing the address. It is
// enough to recognize them in a restored list.
type Erased struct {
	ID   string    `json:"id"`             // of the subscriber
	Hash string    `json:"hash,omitempty"` // keyed hash of the address; does not depend on the secret of ids
	At   time.Time `json:"at"`
}

// LeftKeys matches the bucket's keys of subscribers who left.
const LeftKeys = leftPrefix + "*"

// erasureKey is the key under which the bucket stores the key of erasure
// hashes. A backup includes it; the list of erased subscribers does not.
const erasureKey = "erasure"

// findErasureKey reads the key by which addresses of subscribers who left are
// hashed. The first process creates it.
func (l *List) findErasureKey(ctx context.Context) ([]byte, error) {
	e, _, err := l.getOrCreate(ctx, erasureKey, func() ([]byte, error) {
		return []byte(hex.EncodeToString(newSecret())), nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the key of erased addresses: %w", err)
	}
	return hex.DecodeString(string(e.Value))
}

func erasureHash(key []byte, address string) string {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(foldAddress(address)))
	return hex.EncodeToString(h.Sum(nil))
}

// Erased returns the subscribers who left and have not come back.
func (l *List) Erased(ctx context.Context) ([]Erased, error) {
	if _, err := l.findErasureKey(ctx); err != nil { // creates the key, so that a later backup has it
		return nil, err
	}
	all := []Erased{}
	err := l.bucket.Each(ctx, LeftKeys, func(e stream.Entry) error {
		var gone left
		if err := json.Unmarshal(e.Value, &gone); err != nil {
			return fmt.Errorf("read who left: %s: %w", e.Key, err)
		}
		all = append(all, Erased{strings.TrimPrefix(e.Key, leftPrefix), gone.Hash, gone.At})
		return nil
	})
	return all, err
}

// Erase removes from a restored list the subscribers who left after the backup,
// and returns their number. It keeps those who subscribed again since.
func (l *List) Erase(ctx context.Context, gone []Erased) (count int, err error) {
	key, err := l.findErasureKey(ctx)
	if err != nil {
		return 0, err
	}
	when := make(map[string]time.Time)
	for _, e := range gone {
		when[e.ID] = e.At
		if e.Hash != "" {
			when[e.Hash] = e.At
		}
	}
	for s, err := range l.All(ctx) {
		if err != nil {
			return count, err
		}
		at, ok := when[s.ID]
		if byHash, known := when[erasureHash(key, s.Address)]; known {
			at, ok = byHash, true
		}
		if !ok || s.Confirmed.After(at) {
			continue
		}
		if _, err := l.Remove(ctx, s.ID, at); err != nil {
			return count, err
		}
		count++
	}
	return count, l.noteErased(ctx, gone)
}

// noteErased also records erased subscribers who are not on the list, so that
// importing an old file does not bring them back.
func (l *List) noteErased(ctx context.Context, gone []Erased) error {
	for _, e := range gone {
		if _, err := l.Get(ctx, e.ID); !errors.Is(err, ErrUnknown) {
			continue
		}
		err := stream.Write(ctx, l.bucket, leftPrefix+e.ID, left{e.At, e.Hash}, 0)
		if err != nil && !errors.Is(err, stream.ErrConflict) && !errors.Is(err, jetstream.ErrInvalidKey) {
			return fmt.Errorf("note that a subscriber left: %w", err)
		}
	}
	return nil
}
