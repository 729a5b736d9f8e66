package journal

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"netsync/schema"
	"netsync/schema/stream"
)

// chunkSize is how many bytes of an image one message takes, as object stores
// have it.
const chunkSize = 128 << 10

// Limits of one batch of images: what a broker holds until it is complete.
const (
	batchMessages = 500
	batchBytes    = 4 << 20
)

// Assets writes images beside a dataset's stream; see stream.AssetConfig. It
// gathers them, and what it gathered goes to the broker all or none.
type Assets struct {
	// Made says that there was no bucket before.
	Made bool

	j        *Journal
	messages []*nats.Msg
	bytes    int
}

// Assets makes the bucket of the dataset's images where there is none. It is
// worth as much as the stream.
func (j *Journal) Assets(ctx context.Context) (*Assets, error) {
	name := stream.AssetStream(j.dataset)
	a := &Assets{j: j}
	s, err := j.js.Stream(ctx, name)
	if a.Made = errors.Is(err, jetstream.ErrStreamNotFound); a.Made {
		// Twice the same is no error: see ensure.
		s, err = j.js.CreateStream(ctx, stream.AssetConfig(j.dataset, j.replicas))
	}
	if err != nil {
		return nil, fmt.Errorf("make sure of stream %s: %w", name, err)
	}
	return a, stream.Check(s.CachedInfo().Config)
}

// Put gathers an image, and may send what was gathered. After an error nothing
// is known of what was not flushed before; to put an image once more does no
// harm.
func (a *Assets) Put(ctx context.Context, data []byte) error {
	messages, err := a.j.encodeObject(data)
	if err != nil {
		return err
	}
	if len(a.messages)+len(messages) > min(batchMessages, a.j.maxBatch) || a.bytes+len(data) > batchBytes {
		if err := a.Flush(ctx); err != nil {
			return err
		}
	}
	a.messages = append(a.messages, messages...)
	a.bytes += len(data)
	return nil
}

// Flush sends what was gathered. When it returns nil, the broker has stored it.
func (a *Assets) Flush(ctx context.Context) error {
	if len(a.messages) == 0 {
		return nil
	}
	all := func() (*sending, error) { return sendBatch(a.j.js, len(a.messages), yieldAll(a.messages)) }
	if _, err := publishBatch(ctx, a.j.js, all); err != nil {
		return fmt.Errorf("store images: %w", err)
	}
	a.messages, a.bytes = nil, 0
	return nil
}

// encodeObject returns the messages that an image is in an object store: its parts,
// and then its description.
func (j *Journal) encodeObject(data []byte) ([]*nats.Msg, error) {
	digest := schema.DigestOf(data)
	sum := sha256.New()
	sum.Write(data)
	info := jetstream.ObjectInfo{
		ObjectMeta: jetstream.ObjectMeta{Name: digest.Hex(), Opts: &jetstream.ObjectMetaOptions{ChunkSize: chunkSize}},
		Bucket:     stream.AssetBucket(j.dataset),
		NUID:       rand.Text(), // a second try must not add to the parts of the first
		Size:       uint64(len(data)),
		Digest:     jetstream.GetObjectDigestValue(sum),
	}
	var messages []*nats.Msg
	for len(data) > 0 {
		m := nats.NewMsg(stream.ChunkSubject(j.dataset, info.NUID))
		m.Data = data[:min(chunkSize, len(data))]
		data = data[len(m.Data):]
		messages = append(messages, m)
	}
	info.Chunks = uint32(len(messages))
	description, err := json.Marshal(info)
	if err != nil {
		return nil, fmt.Errorf("describe image %s: %w", digest, err)
	}
	m := nats.NewMsg(stream.MetaSubject(j.dataset, digest))
	m.Data = description
	return append(messages, m), nil
}
