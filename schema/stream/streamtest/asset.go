package streamtest

import (
	"encoding/json"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"netsync/schema"
	"netsync/schema/stream"
)

// PutAsset puts an image beside a dataset's stream, in one part, and returns
// its digest.
func PutAsset(tb testing.TB, js jetstream.JetStream, dataset string, data []byte) schema.Digest {
	tb.Helper()
	if _, err := js.CreateOrUpdateStream(tb.Context(), stream.AssetConfig(dataset, 1)); err != nil {
		tb.Fatalf("make bucket: %v", err)
	}
	digest := schema.DigestOf(data)
	info, err := json.Marshal(jetstream.ObjectInfo{
		ObjectMeta: jetstream.ObjectMeta{Name: digest.Hex()}, Bucket: stream.AssetBucket(dataset),
		NUID: digest.Hex(), Size: uint64(len(data)), Chunks: 1,
	})
	if err != nil {
		tb.Fatalf("describe image: %v", err)
	}
	for _, m := range []struct {
		subject string
		data    []byte
	}{{stream.ChunkSubject(dataset, digest.Hex()), data}, {stream.MetaSubject(dataset, digest), info}} {
		if _, err := js.Publish(tb.Context(), m.subject, m.data); err != nil {
			tb.Fatalf("put image: %v", err)
		}
	}
	return digest
}
