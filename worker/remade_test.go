package worker_test

import (
	"testing"

	"netsync/schema/stream"
	"netsync/worker"
)

// If the stream is deleted, the worker's next pass creates it again and
// publishes everything.
func TestAStreamThatIsDeletedIsMadeAgain(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	w := f.with(func(*worker.Config) {})
	w.mustSync(t)
	before, err := stream.Open(t.Context(), f.js, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := f.js.DeleteStream(t.Context(), stream.Name(before.Dataset())); err != nil {
		t.Fatal(err)
	}
	w.mustSync(t)
	after, err := stream.Open(t.Context(), f.js, "")
	if err != nil {
		t.Fatal(err)
	}
	if after.Epoch().ID == before.Epoch().ID {
		t.Errorf("both streams have the epoch %s", after.Epoch().ID)
	}
	if _, err := before.Last(t.Context()); err == nil {
		t.Error("a reader of the stream that was deleted reads on")
	}
	if n := len(f.messages()); n != 19 {
		t.Errorf("%d messages were published", n)
	}
}
