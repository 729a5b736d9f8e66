package stream_test

import (
	"testing"

	"netsync/schema/stream"
	"netsync/schema/stream/streamtest"
)

// The server limits the consumers of a stream, so a reader must not leave one
// behind.
func TestAReaderLeavesNoConsumerBehind(t *testing.T) {
	t.Parallel()
	js := streamtest.JetStream(t)
	streamtest.Append(t, js, dataset, changeset(1)...)
	reader, err := stream.Open(t.Context(), js, dataset)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range reader.Replay(t.Context(), 1, 2) {
		if err != nil {
			t.Fatal(err)
		}
	}
	for range reader.Follow(t.Context(), 1) {
		break
	}
	s, err := js.Stream(t.Context(), stream.Name(dataset))
	if err != nil {
		t.Fatal(err)
	}
	for consumer := range s.ListConsumers(t.Context()).Info() {
		t.Errorf("consumer %s is left", consumer.Name)
	}
}
