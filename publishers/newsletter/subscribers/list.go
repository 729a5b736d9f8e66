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

// A List is the subscribers of a dataset:
//
//	at.<id>    a Subscriber
//	left.<id>  when a subscriber left: no address, so that importing an old
//	           file does not bring them back
//	secret     the key of ids
//	links      the keys of links, current and earlier
//	erasure    the key of the hashes of addresses of subscribers who left
//
// It is safe for concurrent use.
type List struct {
	dataset string
	js      jetstream.JetStream
	bucket  *stream.Bucket
	secret  []byte // the key of ids; links have keys of their own
	links   linkKeys
}

const (
	secretKey  = "secret"
	linksKey   = "links"
	prefix     = "at."
	leftPrefix = "left."
)

// Bucket returns the name of the bucket that holds a dataset's subscribers.
func Bucket(dataset string) string { return "netsync-" + dataset + "-subscribers" }

// Find opens a dataset's list; ok is false if it has none.
func Find(ctx context.Context, js jetstream.JetStream, dataset string) (l *List, ok bool, err error) {
	bucket, err := stream.FindBucket(ctx, js, Bucket(dataset))
	if errors.Is(err, stream.ErrNoBucket) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	l = &List{dataset: dataset, js: js, bucket: bucket}
	err = l.findKeys(ctx)
	return l, err == nil, err
}

// Open opens a dataset's list, creating it if needed.
func Open(ctx context.Context, js jetstream.JetStream, dataset string) (*List, error) {
	bucket, err := stream.OpenBucket(ctx, js, dataset, Bucket(dataset), "Subscribers to the digest of the dataset "+dataset)
	if err != nil {
		return nil, err
	}
	l := &List{dataset: dataset, js: js, bucket: bucket}
	return l, l.findKeys(ctx)
}

// Dataset returns the dataset's id.
func (l *List) Dataset() string { return l.dataset }

// idSize is the number of bytes of an id.
const idSize = 16

// ID returns the id of an address, whether or not it is on the list.
func (l *List) ID(address string) string {
	return hex.EncodeToString(l.hashFor(l.secret, "address", []byte(foldAddress(address))))
}

// hashFor returns a keyed hash of data for one purpose, of idSize bytes.
func (l *List) hashFor(key []byte, purpose string, data []byte) []byte {
	h := hmac.New(sha256.New, key)
	fmt.Fprintf(h, "%s\n%s\n", l.dataset, purpose)
	h.Write(data)
	return h.Sum(nil)[:idSize]
}

// Get returns a subscriber by id. The error is ErrUnknown if there is none.
func (l *List) Get(ctx context.Context, id string) (Subscriber, error) {
	e, err := l.bucket.Get(ctx, prefix+id)
	if errors.Is(err, stream.ErrNoKey) {
		return Subscriber{}, ErrUnknown
	}
	if err != nil {
		return Subscriber{}, err
	}
	return decode(e.Key, e.Value, e.Revision)
}

func decode(key string, data []byte, revision uint64) (s Subscriber, err error) {
	if err := json.Unmarshal(data, &s); err != nil {
		return s, fmt.Errorf("read subscriber %s: %w", key, err)
	}
	s.ID, s.revision = strings.TrimPrefix(key, prefix), revision
	return s, nil
}

// maxTries is the maximum number of tries of a change that conflicts with
// concurrent ones.
const maxTries = 10

// Change updates a subscriber atomically. It calls do again if the subscriber
// was changed meanwhile. If do fails, nothing is written and Change returns its
// error.
func (l *List) Change(ctx context.Context, id string, do func(*Subscriber) error) (Subscriber, error) {
	s, err := l.Get(ctx, id)
	if err != nil {
		return s, err
	}
	return l.ChangeFrom(ctx, s, do)
}

// ChangeFrom is Change for a subscriber who was just read.
func (l *List) ChangeFrom(ctx context.Context, s Subscriber, do func(*Subscriber) error) (Subscriber, error) {
	for range maxTries {
		if err := do(&s); err != nil {
			return s, err
		}
		err := l.write(ctx, &s)
		if !errors.Is(err, stream.ErrConflict) {
			return s, err
		}
		if s, err = l.Get(ctx, s.ID); err != nil {
			return s, err
		}
	}
	return Subscriber{}, errors.New("write subscriber: somebody else keeps writing")
}

// write replaces a subscriber who has not changed since the read, or adds one
// who was not read.
func (l *List) write(ctx context.Context, s *Subscriber) error {
	data, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("encode subscriber: %w", err)
	}
	revision, err := l.bucket.Update(ctx, prefix+s.ID, data, s.revision)
	if err == nil {
		s.revision = revision
	}
	return err
}

// Put adds a subscriber by address. One who is on the list already gets the new
// preferences and is no longer suspended. Put returns the subscriber as stored,
// and whether it added them. It removes the record that they left earlier.
func (l *List) Put(ctx context.Context, s Subscriber) (now Subscriber, added bool, err error) {
	s.ID = l.ID(s.Address)
	for range maxTries {
		now, err = l.Get(ctx, s.ID)
		added = errors.Is(err, ErrUnknown)
		switch {
		case added:
			now = s
		case err != nil:
			return now, false, err
		default:
			now.Preferences, now.Bounces, now.Suspended = s.Preferences, 0, time.Time{}
		}
		err = l.write(ctx, &now)
		if errors.Is(err, stream.ErrConflict) {
			continue
		}
		if err == nil {
			err = l.confirmAgain(ctx, s.ID)
		}
		return now, added, err
	}
	return s, false, errors.New("write subscriber: somebody else keeps writing")
}

// left is the value of a left.<id> key.
type left struct {
	At   time.Time `json:"at"`
	Hash string    `json:"hash,omitempty"` // of the address, see Erased
}

// Remove erases a subscriber and records that they left, without the address.
// It returns false if there was none.
func (l *List) Remove(ctx context.Context, id string, now time.Time) (bool, error) {
	s, err := l.Get(ctx, id)
	if errors.Is(err, ErrUnknown) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	key, err := l.findErasureKey(ctx)
	if err != nil {
		return false, err
	}
	data, err := json.Marshal(left{now.UTC().Truncate(time.Second), erasureHash(key, s.Address)})
	if err != nil {
		return false, fmt.Errorf("encode when a subscriber left: %w", err)
	}
	// Record that they left first: if the rest fails, they can retry.
	if err := l.bucket.Put(ctx, leftPrefix+id, data); err != nil {
		return false, fmt.Errorf("remove subscriber: %w", err)
	}
	if err := l.bucket.Remove(ctx, prefix+id); err != nil {
		return false, fmt.Errorf("remove subscriber: %w", err)
	}
	return true, nil
}

// Left returns when a subscriber left who has not come back, or the zero time.
func (l *List) Left(ctx context.Context, id string) (time.Time, error) {
	gone, _, err := stream.Read[left](ctx, l.bucket, leftPrefix+id)
	return gone.At, err
}

func (l *List) confirmAgain(ctx context.Context, id string) error {
	at, err := l.Left(ctx, id)
	if err != nil || at.IsZero() {
		return err
	}
	return l.bucket.Remove(ctx, leftPrefix+id)
}
