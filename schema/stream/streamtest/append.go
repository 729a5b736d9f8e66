package streamtest

import (
	"errors"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"netsync/schema/event"
	"netsync/schema/stream"
)

// Append puts events into a dataset's stream, which it makes where there is
// none, and returns the sequence number of the last one.
func Append(tb testing.TB, js jetstream.JetStream, dataset string, events ...event.Event) event.Seq {
	tb.Helper()
	createStream(tb, js, dataset)
	var last event.Seq
	for _, e := range events {
		data, err := event.Encode(e)
		if err != nil {
			tb.Fatalf("encode event: %v", err)
		}
		m := nats.NewMsg(e.Subject())
		m.Data = data
		m.Header.Set("Content-Type", event.ContentType)
		ack, err := js.PublishMsg(tb.Context(), m)
		if err != nil {
			tb.Fatalf("append %s: %v", e.ID, err)
		}
		last = event.Seq(ack.Sequence)
	}
	return last
}

// createStream creates a dataset's stream if it does not exist. It does not change a
// stream that exists: its metadata hold its epoch.
func createStream(tb testing.TB, js jetstream.JetStream, dataset string) {
	tb.Helper()
	// The broker removes the files of a deleted stream in the background. Until then
	// it may refuse to create a stream of the same name.
	const storeFailed = 10049
	var err error
	Eventually(tb, "room for the stream", func() bool {
		_, err = js.CreateStream(tb.Context(), stream.Config(dataset, 1))
		var refused *jetstream.APIError
		return !errors.As(err, &refused) || refused.ErrorCode != storeFailed
	})
	if err != nil && !errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
		tb.Fatalf("make stream: %v", err)
	}
}
