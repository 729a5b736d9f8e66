package subscribers

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"netsync/schema/stream"
)

// LinkLifetime is how long a link still unsubscribes after the secret that it
// was made with was renewed.
const LinkLifetime = 365 * 24 * time.Hour

// linkKeys are the secrets that links are made with, as the bucket stores them.
type linkKeys struct {
	Current []byte       `json:"current"`
	Earlier []earlierKey `json:"earlier,omitempty"` // newest first
}

// An earlierKey is a secret that was renewed.
type earlierKey struct {
	Secret  []byte    `json:"secret"`
	Renewed time.Time `json:"renewed"`
}

// renewKeys returns the keys with a new current one, without expired ones.
func (k linkKeys) renewKeys(now time.Time) linkKeys {
	next := linkKeys{Current: newSecret()}
	earlier := append([]earlierKey{{k.Current, now.UTC().Truncate(time.Second)}}, k.Earlier...)
	for _, e := range earlier {
		if e.isValid(now) {
			next.Earlier = append(next.Earlier, e)
		}
	}
	return next
}

// earlierSecrets returns the earlier secrets whose links still unsubscribe.
func (k linkKeys) earlierSecrets(now time.Time) [][]byte {
	var valid [][]byte
	for _, e := range k.Earlier {
		if e.isValid(now) {
			valid = append(valid, e.Secret)
		}
	}
	return valid
}

func (e earlierKey) isValid(now time.Time) bool { return now.Sub(e.Renewed) < LinkLifetime }

func newSecret() []byte {
	secret := make([]byte, sha256.Size)
	rand.Read(secret) // never fails
	return secret
}

// RenewSecret makes the links of earlier mail invalid, except that they still
// unsubscribe for LinkLifetime. Ids stay.
func (l *List) RenewSecret(ctx context.Context, now time.Time) error {
	return stream.Change(ctx, l.bucket, linksKey, func(keys *linkKeys, found bool) error {
		if !found {
			return l.damagedSecret(linksKey)
		}
		*keys = keys.renewKeys(now)
		l.links = *keys
		return nil
	})
}

// findKeys reads the secrets; the first process creates them.
//
// A list from a version with a single secret gets a new one for links, once:
// any program on the machine could read the old one.
func (l *List) findKeys(ctx context.Context) error {
	e, isNew, err := l.getOrCreate(ctx, secretKey, func() ([]byte, error) {
		return []byte(hex.EncodeToString(newSecret())), nil
	})
	if err != nil {
		return fmt.Errorf("read the secret of %s: %w", Bucket(l.dataset), err)
	}
	if l.secret, err = hex.DecodeString(string(e.Value)); err != nil || len(l.secret) != sha256.Size {
		return l.damagedSecret(secretKey)
	}
	e, _, err = l.getOrCreate(ctx, linksKey, func() ([]byte, error) {
		keys := linkKeys{Current: newSecret()}
		if !isNew {
			keys = linkKeys{Current: l.secret}.renewKeys(time.Now())
		}
		return json.Marshal(keys)
	})
	if err != nil {
		return fmt.Errorf("read the secret of %s: %w", Bucket(l.dataset), err)
	}
	if err := json.Unmarshal(e.Value, &l.links); err != nil || len(l.links.Current) != sha256.Size {
		return l.damagedSecret(linksKey)
	}
	return nil
}

func (l *List) damagedSecret(key string) error {
	return fmt.Errorf("read the secret of %s: the value of %q is damaged, and links in mail that was sent need it: "+
		"restore the bucket from a backup", Bucket(l.dataset), key)
}

// getOrCreate reads a key, or creates it with the value that fn returns. isNew
// reports whether this call created it.
func (l *List) getOrCreate(ctx context.Context, key string, fn func() ([]byte, error)) (e stream.Entry, isNew bool, err error) {
	e, err = l.bucket.Get(ctx, key)
	if !errors.Is(err, stream.ErrNoKey) {
		return e, false, err
	}
	value, err := fn()
	if err != nil {
		return stream.Entry{}, false, err
	}
	_, err = l.bucket.Create(ctx, key, value)
	if isNew = err == nil; !isNew && !errors.Is(err, stream.ErrConflict) {
		return stream.Entry{}, false, err
	}
	e, err = l.bucket.Get(ctx, key)
	return e, isNew, err
}
