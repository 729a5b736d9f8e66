package stream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Errors of a Bucket.
var (
	ErrNoBucket = errors.New("no such bucket")
	ErrNoKey    = errors.New("no such key")
	// ErrConflict is returned by a write that another process preceded.
	ErrConflict = errors.New("another process wrote first")
	// ErrUnchanged is returned by a function of Change that leaves a value as it is.
	ErrUnchanged = errors.New("nothing to change")
)

// A Bucket is a key-value bucket of the broker that several processes may
// write: a write that depends on an earlier value names its revision, and the
// leader of the bucket refuses it with ErrConflict if there is a newer one. A
// read may be stale; such a write is then refused.
//
// It is safe for concurrent use.
type Bucket struct {
	kv   jetstream.KeyValue
	name string
}

// An Entry is the value of a key.
type Entry struct {
	Key      string
	Value    []byte
	Revision uint64 // grows with each write to the bucket, from 1
}

// FindBucket opens a bucket. The error is ErrNoBucket if there is none.
func FindBucket(ctx context.Context, js jetstream.JetStream, name string) (*Bucket, error) {
	kv, err := retryQuestion(ctx, func(ctx context.Context) (jetstream.KeyValue, error) { return js.KeyValue(ctx, name) })
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		err = ErrNoBucket
	}
	if err != nil {
		return nil, fmt.Errorf("open bucket %s: %w", name, err)
	}
	return &Bucket{kv, name}, nil
}

// OpenBucket opens a bucket, creating it if needed, with as many replicas as
// the dataset's stream, since its values are as important. It retries for a
// while: a cluster reports that a bucket exists before it can be opened, has
// too few servers for one until it notices that a busy server is back, and may
// lose the answer to a request that creates one while its servers still
// connect.
func OpenBucket(ctx context.Context, js jetstream.JetStream, dataset, name, description string) (*Bucket, error) {
	for began := time.Now(); ; {
		b, err := FindBucket(ctx, js, name)
		if errors.Is(err, ErrNoBucket) {
			b, err = createBucket(ctx, js, dataset, name, description)
		}
		var answer *jetstream.APIError
		again := errors.Is(err, jetstream.ErrBucketExists) || errors.Is(err, context.DeadlineExceeded) ||
			errors.As(err, &answer) && answer.ErrorCode == errCodeNoPeers
		if !again || ctx.Err() != nil || time.Since(began) > openLimit {
			return b, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(bucketPause):
		}
	}
}

// errCodeNoPeers is JSClusterNoPeersErrF of nats-server, "no suitable peers for
// placement", to which nats.go v1.55.0 gives no name.
const errCodeNoPeers jetstream.ErrorCode = 10005

// openLimit is how long OpenBucket tries, and createLimit how long it waits for
// one answer.
const (
	openLimit   = 15 * time.Second
	createLimit = 2 * time.Second
)

func createBucket(ctx context.Context, js jetstream.JetStream, dataset, name, description string) (*Bucket, error) {
	ctx, cancel := context.WithTimeout(ctx, createLimit)
	defer cancel()
	config := jetstream.KeyValueConfig{Bucket: name, Description: description, Storage: jetstream.FileStorage, History: 1, Replicas: 1}
	if s, err := js.Stream(ctx, Name(dataset)); err == nil {
		config.Replicas = s.CachedInfo().Config.Replicas
	}
	kv, err := js.CreateKeyValue(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("create bucket %s: %w", name, err)
	}
	return &Bucket{kv, name}, nil
}

// Get reads a key. The error is ErrNoKey if it has no value.
func (b *Bucket) Get(ctx context.Context, key string) (Entry, error) {
	e, err := retryQuestion(ctx, func(ctx context.Context) (jetstream.KeyValueEntry, error) { return b.getFromLeader(ctx, key) })
	if errors.Is(err, jetstream.ErrKeyNotFound) || errors.Is(err, jetstream.ErrInvalidKey) {
		err = ErrNoKey
	}
	if err != nil {
		return Entry{}, fmt.Errorf("read %s from bucket %s: %w", key, b.name, err)
	}
	return Entry{key, e.Value(), e.Revision()}, nil
}

// bucketPause is the pause between requests for a bucket that is being created.
const bucketPause = 50 * time.Millisecond

// getFromLeader retries until ctx ends: in a cluster no server answers for a
// bucket that was just created.
func (b *Bucket) getFromLeader(ctx context.Context, key string) (jetstream.KeyValueEntry, error) {
	for {
		e, err := b.kv.Get(ctx, key)
		if !errors.Is(err, nats.ErrNoResponders) {
			return e, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %w", ctx.Err(), err)
		case <-time.After(bucketPause):
		}
	}
}

// Create writes a key that has no value. The error is ErrConflict if it has one.
func (b *Bucket) Create(ctx context.Context, key string, value []byte) (revision uint64, err error) {
	revision, err = b.kv.Create(ctx, key, value)
	return revision, b.writeError(key, err)
}

// Update writes a key if its value has the revision last, or if it has no value
// and last is 0. Otherwise the error is ErrConflict.
func (b *Bucket) Update(ctx context.Context, key string, value []byte, last uint64) (revision uint64, err error) {
	if last == 0 {
		return b.Create(ctx, key, value)
	}
	revision, err = b.kv.Update(ctx, key, value, last)
	return revision, b.writeError(key, err)
}

// Put writes a key, whatever value it has.
func (b *Bucket) Put(ctx context.Context, key string, value []byte) error {
	_, err := b.kv.Put(ctx, key, value)
	return b.writeError(key, err)
}

// Remove removes a key and its value from the broker's files.
func (b *Bucket) Remove(ctx context.Context, key string) error {
	return b.writeError(key, b.kv.Purge(ctx, key))
}

// RemoveRevision is Remove for a key whose value has the revision last. The
// error is ErrConflict if it has another one.
func (b *Bucket) RemoveRevision(ctx context.Context, key string, last uint64) error {
	return b.writeError(key, b.kv.Purge(ctx, key, jetstream.LastRevision(last)))
}

// writeError returns ErrConflict for every error that reports a conflict: a
// bucket with replicas has another code than one without, and nats.go v1.55.0
// does not map all of them.
func (b *Bucket) writeError(key string, err error) error {
	if err == nil {
		return nil
	}
	var answer *jetstream.APIError
	if errors.As(err, &answer) && (answer.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence || answer.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant) {
		err = ErrConflict
	}
	return fmt.Errorf("write %s to bucket %s: %w", key, b.name, err)
}

// Each calls fn with every entry whose key matches a pattern, such as "sent.*"
// or "sent.>", until fn fails. An entry that is written meanwhile may be missing.
func (b *Bucket) Each(ctx context.Context, pattern string, fn func(Entry) error) error {
	w, err := b.kv.Watch(ctx, pattern, jetstream.IgnoreDeletes())
	if err != nil {
		return fmt.Errorf("read bucket %s: %w", b.name, err)
	}
	defer func() { _ = w.Stop() }() // it ends with the connection at the latest
	for {
		select {
		case e, ok := <-w.Updates():
			if !ok {
				return fmt.Errorf("read bucket %s: the connection was closed", b.name)
			}
			if e == nil { // there are no more
				return nil
			}
			if err := fn(Entry{e.Key(), e.Value(), e.Revision()}); err != nil {
				return err
			}
		case <-ctx.Done():
			return fmt.Errorf("read bucket %s: %w", b.name, ctx.Err())
		}
	}
}

// Read decodes the JSON value of a key. The revision is 0 and v the zero value if
// the key has none.
func Read[T any](ctx context.Context, b *Bucket, key string) (v T, revision uint64, err error) {
	e, err := b.Get(ctx, key)
	if errors.Is(err, ErrNoKey) {
		return v, 0, nil
	}
	if err != nil {
		return v, 0, err
	}
	if err := json.Unmarshal(e.Value, &v); err != nil {
		return v, 0, fmt.Errorf("read %s from bucket %s: %w", key, b.name, err)
	}
	return v, e.Revision, nil
}

// Write writes a value as JSON as Update does.
func Write[T any](ctx context.Context, b *Bucket, key string, v T, last uint64) error {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write %s to bucket %s: %w", key, b.name, err)
	}
	_, err = b.Update(ctx, key, data, last)
	return err
}

// Change applies fn to the latest value of a key, the zero value if it has none,
// and writes the result. fn is called again if another process wrote meanwhile.
// Nothing is written if fn fails, and its error is returned unless it is
// ErrUnchanged.
func Change[T any](ctx context.Context, b *Bucket, key string, fn func(v *T, found bool) error) error {
	for {
		v, revision, err := Read[T](ctx, b, key)
		if err != nil {
			return err
		}
		if err := fn(&v, revision > 0); err != nil {
			if errors.Is(err, ErrUnchanged) {
				return nil
			}
			return err
		}
		if err := Write(ctx, b, key, v, revision); !errors.Is(err, ErrConflict) {
			return err
		}
	}
}
