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

// chunkSize is the number of bytes of an image in one message, as in object stores.
const chunkSize = 128 << 10

// Limits of one batch of images, which a broker holds until it is complete.
const (
	batchMessages = 500
	batchBytes    = 4 << 20
)

// Assets writes images beside a dataset's stream; see stream.AssetConfig. It collects them,
// and sends all or none of the collected ones to the broker.
type Assets struct {
	// Made is set if there was no bucket before.
	Made bool

	j        *Journal
	messages []*nats.Msg
	bytes    int
}

// Assets opens the bucket of the dataset's images, and creates it if needed, with as many
// replicas as the stream.
func (j *Journal) Assets(ctx context.Context) (*Assets, error) {
	name := stream.AssetStream(j.dataset)
	a := &Assets{j: j}
	s, err := j.js.Stream(ctx, name)
	if a.Made = errors.Is(err, jetstream.ErrStreamNotFound); a.Made {
		// To create the same bucket twice is no error; see createStream.
		s, err = j.js.CreateStream(ctx, stream.AssetConfig(j.dataset, j.replicas))
	}
	if err != nil {
		return nil, fmt.Errorf("make sure of stream %s: %w", name, err)
	}
	return a, stream.Check(s.CachedInfo().Config)
}

// Put collects an image, and may send the collected ones. After an error, images that were
// not flushed may be stored or not; they can be put again.
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

// Flush sends the collected images. If it returns nil, the broker has stored them.
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

// encodeObject returns the messages of an image in an object store: its parts, and then its
// description.
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
