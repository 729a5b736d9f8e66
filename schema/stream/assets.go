package stream

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/nats-io/nats.go/jetstream"

	"netsync/schema"
)

// The images of a dataset are in a bucket of a JetStream object store beside
// its stream, each under the hexadecimal digits of its digest. An image that
// several records show is stored once, and an object never changes. A writer
// must store an image before publishing an event that refers to it.

// AssetBucket returns the name of the bucket of a dataset's images.
func AssetBucket(dataset string) string { return Name(dataset) + "-assets" }

// AssetStream returns the name of the stream behind that bucket.
func AssetStream(dataset string) string { return "OBJ_" + AssetBucket(dataset) }

// AssetConfig returns the configuration of the stream behind a dataset's
// bucket, with the given number of replicas: that of an object store, except
// that objects cannot be deleted or replaced, and are written atomically.
// Direct reads stay off, so that a reader of an event finds its images.
func AssetConfig(dataset string, replicas int) jetstream.StreamConfig {
	bucket := AssetBucket(dataset)
	return jetstream.StreamConfig{
		Name:               AssetStream(dataset),
		Description:        "Images of the dataset " + dataset,
		Subjects:           []string{chunkSubject(bucket, ">"), metaPrefix(bucket) + ">"},
		Retention:          jetstream.LimitsPolicy,
		Discard:            jetstream.DiscardNew,
		Storage:            jetstream.FileStorage,
		Replicas:           max(replicas, 1),
		DenyDelete:         true,
		DenyPurge:          true,
		AllowAtomicPublish: true,
	}
}

// ChunkSubject returns the subject of the parts of an object; id is the one in
// its description.
func ChunkSubject(dataset, id string) string { return chunkSubject(AssetBucket(dataset), id) }

// MetaSubject returns the subject of an object's description.
func MetaSubject(dataset string, digest schema.Digest) string {
	return metaPrefix(AssetBucket(dataset)) + base64.URLEncoding.EncodeToString([]byte(digest.Hex()))
}

func chunkSubject(bucket, id string) string { return "$O." + bucket + ".C." + id }
func metaPrefix(bucket string) string       { return "$O." + bucket + ".M." }

// ErrNoAsset reports that the broker does not have an image, or that it is
// damaged.
var ErrNoAsset = errors.New("the broker does not have the image")

// Asset returns an image after verifying its digest. The error is ErrNoAsset if
// the image is missing or damaged.
func (r *Reader) Asset(ctx context.Context, digest schema.Digest) ([]byte, error) {
	data, err := readAsset(ctx, r, digest)
	if err != nil {
		return nil, fmt.Errorf("read image %s: %w", digest, err)
	}
	return data, nil
}

func readAsset(ctx context.Context, r *Reader, digest schema.Digest) ([]byte, error) {
	if !digest.Valid() {
		return nil, errors.New("this is no digest")
	}
	s, err := findAssetStream(ctx, r)
	if err != nil {
		return nil, err
	}
	info, at, err := findObject(ctx, r, s, digest)
	if err != nil {
		return nil, err
	}
	if info.Size > schema.MaxImage {
		return nil, damagedAsset("it has %d bytes, an image has at most %d", info.Size, schema.MaxImage)
	}
	// The parts precede the description. Searching them from the beginning
	// would take longer the more images there are.
	from := at - min(at, uint64(info.Chunks))
	data, err := readParts(ctx, r, s, info, from)
	if err == nil && schema.DigestOf(data) != digest {
		data, err = readParts(ctx, r, s, info, 0)
	}
	if err != nil {
		return nil, err
	}
	if got := schema.DigestOf(data); got != digest {
		return nil, damagedAsset("its %d bytes have the digest %s", len(data), got)
	}
	return data, nil
}

// readParts joins the parts of an object, searching from a place in the stream.
// The digest reveals if one is missing.
func readParts(ctx context.Context, r *Reader, s jetstream.Stream, info jetstream.ObjectInfo, from uint64) ([]byte, error) {
	data := make([]byte, 0, info.Size)
	for uint64(len(data)) < info.Size {
		m, err := s.GetMsg(ctx, max(from, 1), jetstream.WithGetMsgSubject(ChunkSubject(r.dataset, info.NUID)))
		if errors.Is(err, jetstream.ErrMsgNotFound) || err == nil && len(m.Data) == 0 {
			break
		}
		if err != nil {
			return nil, unlessGone(err)
		}
		from = m.Sequence + 1
		data = append(data, m.Data...)
	}
	return data, nil
}

// HasAsset reports whether the broker has an image. It does not read it.
func (r *Reader) HasAsset(ctx context.Context, digest schema.Digest) (bool, error) {
	s, err := findAssetStream(ctx, r)
	if err == nil {
		_, _, err = findObject(ctx, r, s, digest)
	}
	if errors.Is(err, ErrNoAsset) {
		return false, nil
	}
	return err == nil, err
}

// Assets returns the images of the broker. Whole is false if the broker knows
// that it has lost a part of one.
func (r *Reader) Assets(ctx context.Context) (digests map[schema.Digest]struct{}, whole bool, err error) {
	digests = make(map[schema.Digest]struct{})
	s, err := findAssetStream(ctx, r)
	if errors.Is(err, ErrNoAsset) {
		return digests, true, nil
	}
	if err != nil {
		return nil, false, err
	}
	prefix := metaPrefix(AssetBucket(r.dataset))
	info, err := s.Info(ctx, jetstream.WithSubjectFilter(prefix+">"))
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return digests, true, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("list the images in %s: %w", AssetStream(r.dataset), err)
	}
	for subject := range info.State.Subjects {
		name, err := base64.URLEncoding.DecodeString(strings.TrimPrefix(subject, prefix))
		if digest := schema.HexDigest(string(name)); err == nil && digest.Valid() {
			digests[digest] = struct{}{}
		}
	}
	return digests, info.State.Msgs == info.State.LastSeq && info.State.NumDeleted == 0, nil
}

// findAssetStream finds the stream behind the bucket and keeps it. The error is
// ErrNoAsset if there is none.
func findAssetStream(ctx context.Context, r *Reader) (jetstream.Stream, error) {
	r.assets.Lock()
	defer r.assets.Unlock()
	if r.assets.stream != nil {
		return r.assets.stream, nil
	}
	s, err := r.js.Stream(ctx, AssetStream(r.dataset))
	if err != nil {
		return nil, unlessGone(err)
	}
	r.assets.stream = s
	return s, nil
}

// findObject returns the description of an image, and its place.
func findObject(ctx context.Context, r *Reader, s jetstream.Stream, digest schema.Digest) (info jetstream.ObjectInfo, at uint64, err error) {
	m, err := s.GetLastMsgForSubject(ctx, MetaSubject(r.dataset, digest))
	if err != nil {
		return info, 0, unlessGone(err)
	}
	if err := json.Unmarshal(m.Data, &info); err != nil {
		return info, 0, damagedAsset("%v", err)
	}
	if info.Deleted {
		return info, 0, ErrNoAsset
	}
	return info, m.Sequence, nil
}

func damagedAsset(format string, args ...any) error {
	return fmt.Errorf("%w, but a damaged one: "+format, append([]any{ErrNoAsset}, args...)...)
}

func unlessGone(err error) error {
	if errors.Is(err, jetstream.ErrMsgNotFound) || errors.Is(err, jetstream.ErrStreamNotFound) {
		return ErrNoAsset
	}
	var api *jetstream.APIError
	if errors.As(err, &api) && api.Code != http.StatusServiceUnavailable {
		return damagedAsset("%s", api.Description)
	}
	return err
}
