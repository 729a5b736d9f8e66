package subscribers

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Erased is somebody who left: nothing that says who they were, but enough to know
// them again in a list that was restored.
type Erased struct {
	ID   string    `json:"id"`             // of the subscriber
	Hash string    `json:"hash,omitempty"` // of the address, keyed; it outlives the secret of ids
	At   time.Time `json:"at"`
}

// LeftKeys are the bucket's keys of those who left.
const LeftKeys = leftPrefix + "*"

// erasureKey is the key of the bucket that holds what addresses are hashed with.
// A backup has it, and the list of those who were erased does not.
const erasureKey = "erasure"

// findErasureKey reads what addresses of those who left are hashed with. Who comes
// first makes it.
func (l *List) findErasureKey(ctx context.Context) ([]byte, error) {
	e, err := l.kv.Get(ctx, erasureKey)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		fresh := make([]byte, sha256.Size)
		rand.Read(fresh) // it never fails
		_, err = l.kv.Create(ctx, erasureKey, []byte(hex.EncodeToString(fresh)))
		if err == nil || IsConflict(err) {
			e, err = l.kv.Get(ctx, erasureKey)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("read the key of erased addresses: %w", err)
	}
	return hex.DecodeString(string(e.Value()))
}

func erasureHash(key []byte, address string) string {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(fold(address)))
	return hex.EncodeToString(h.Sum(nil))
}

// Erased returns everybody who left and is not back.
func (l *List) Erased(ctx context.Context) ([]Erased, error) {
	if _, err := l.findErasureKey(ctx); err != nil { // a backup that follows has it
		return nil, err
	}
	w, err := l.kv.Watch(ctx, LeftKeys, jetstream.IgnoreDeletes())
	if err != nil {
		return nil, fmt.Errorf("read who left: %w", err)
	}
	defer func() { _ = w.Stop() }() // it ends with the connection at the latest
	all := []Erased{}
	for {
		select {
		case e, ok := <-w.Updates():
			if !ok {
				return nil, errors.New("read who left: the connection was closed")
			}
			if e == nil { // that was all
				return all, nil
			}
			var gone left
			if err := json.Unmarshal(e.Value(), &gone); err != nil {
				return nil, fmt.Errorf("read who left: %s: %w", e.Key(), err)
			}
			all = append(all, Erased{strings.TrimPrefix(e.Key(), leftPrefix), gone.Hash, gone.At})
		case <-ctx.Done():
			return nil, fmt.Errorf("read who left: %w", ctx.Err())
		}
	}
}

// Erase removes from a list that was restored those who left after it was backed
// up, and returns how many they were. Who subscribed again since stays.
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

// noteErased notes those who left, too, who were not on the list: an old file with
// them does not bring them back.
func (l *List) noteErased(ctx context.Context, gone []Erased) error {
	for _, e := range gone {
		if _, err := l.Get(ctx, e.ID); !errors.Is(err, ErrUnknown) {
			continue
		}
		data, err := json.Marshal(left{e.At, e.Hash})
		if err == nil {
			_, err = l.kv.Create(ctx, leftPrefix+e.ID, data)
		}
		if err != nil && !IsConflict(err) && !errors.Is(err, jetstream.ErrInvalidKey) {
			return fmt.Errorf("note that a subscriber left: %w", err)
		}
	}
	return nil
}
