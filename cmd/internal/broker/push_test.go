package broker_test

import (
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

// TestAGuestReadsByPush is for the many clients that have messages delivered
// to an inbox, with acknowledgements and flow control.
func TestAGuestReadsByPush(t *testing.T) {
	const n = 3000
	b := start(t, config(t.TempDir()))
	fill(t, connect(t, b), "a", n)
	nc, _ := asGuest(t, b)
	js, err := nc.JetStream()
	if err != nil {
		t.Fatal(err)
	}
	for name, options := range map[string][]nats.SubOpt{
		"ordered":   {nats.OrderedConsumer()},
		"explicit":  {nats.DeliverAll(), nats.AckExplicit()},
		"heartbeat": {nats.DeliverAll(), nats.AckNone(), nats.EnableFlowControl(), nats.IdleHeartbeat(time.Second)},
	} {
		t.Run(name, func(t *testing.T) {
			sub, err := js.SubscribeSync("netsync.a.>", options...)
			if err != nil {
				t.Fatal(err)
			}
			for seq := uint64(1); seq <= n; seq++ {
				m, err := sub.NextMsg(10 * time.Second)
				if err != nil {
					t.Fatalf("message %d: %v", seq, err)
				}
				meta, err := m.Metadata()
				if err != nil || meta.Sequence.Stream != seq {
					t.Fatalf("message %d is %+v, %v", seq, meta, err)
				}
				if name == "explicit" {
					if err := m.Ack(); err != nil {
						t.Fatal(err)
					}
				}
			}
			if err := sub.Unsubscribe(); err != nil {
				t.Error(err)
			}
		})
	}
}
