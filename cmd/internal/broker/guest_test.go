package broker_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"netsync/cmd/internal/broker"
)

// asGuest connects as a stranger does.
func asGuest(t *testing.T, b *broker.Broker) (*nats.Conn, jetstream.JetStream) {
	t.Helper()
	if err := b.AdmitGuests("a"); err != nil {
		t.Fatal(err)
	}
	quiet := nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {})
	nc, err := nats.Connect(b.ClientURL(), quiet)
	if err != nil {
		t.Fatal(err)
	}
	return nc, overConnection(t, nc)
}

func TestAGuestReadsEverything(t *testing.T) {
	const n = 5
	b := start(t, config(t.TempDir()))
	owner := connect(t, b)
	fill(t, owner, "a", n)
	nc, js := asGuest(t, b)
	live, err := nc.SubscribeSync("netsync.>")
	if err != nil {
		t.Fatal(err)
	}
	s, err := js.Stream(t.Context(), "netsync-a")
	if err != nil {
		t.Fatal(err)
	}
	if m, err := s.GetLastMsgForSubject(t.Context(), "netsync.a.networks.n2"); err != nil || m.Sequence != 3 {
		t.Errorf("last message of a subject: %v, %v", m, err)
	}
	readOrdered(t, s, n)
	readAndAcknowledge(t, s, n)
	fill(t, owner, "a", 1)
	if m, err := live.NextMsg(time.Second); err != nil || m.Subject != "netsync.a.networks.n0" {
		t.Errorf("live: %v, %v", m, err)
	}
	putImage(t, owner)
	bucket, err := js.ObjectStore(t.Context(), "netsync-a-assets")
	if err != nil {
		t.Fatal(err)
	}
	if data, err := bucket.GetString(t.Context(), "logo"); err != nil || data != "image" {
		t.Errorf("an image: %q, %v", data, err)
	}
	if _, err := js.AccountInfo(t.Context()); err != nil {
		t.Errorf("account info: %v", err)
	}
}

// putImage puts an object into the bucket of a dataset's images.
func putImage(t *testing.T, owner jetstream.JetStream) jetstream.Stream {
	t.Helper()
	bucket, err := owner.CreateObjectStore(t.Context(), jetstream.ObjectStoreConfig{Bucket: "netsync-a-assets"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bucket.PutString(t.Context(), "logo", "image"); err != nil {
		t.Fatal(err)
	}
	s, err := owner.Stream(t.Context(), "OBJ_netsync-a-assets")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func readOrdered(t *testing.T, s jetstream.Stream, n uint64) {
	t.Helper()
	c, err := s.OrderedConsumer(t.Context(), jetstream.OrderedConsumerConfig{})
	if err != nil {
		t.Fatal(err)
	}
	it, err := c.Messages()
	if err != nil {
		t.Fatal(err)
	}
	defer it.Stop()
	for seq := uint64(1); seq <= n; seq++ {
		m, err := it.Next(jetstream.NextMaxWait(2 * time.Second))
		if err != nil {
			t.Fatal(err)
		}
		if meta, err := m.Metadata(); err != nil || meta.Sequence.Stream != seq {
			t.Errorf("message %d is %v, %v", seq, meta, err)
		}
	}
}

func readAndAcknowledge(t *testing.T, s jetstream.Stream, n int) {
	t.Helper()
	cfg := jetstream.ConsumerConfig{AckPolicy: jetstream.AckExplicitPolicy, FilterSubject: "netsync.a.networks.*"}
	c, err := s.CreateConsumer(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	batch, err := c.Fetch(n, jetstream.FetchMaxWait(2*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	for m := range batch.Messages() {
		if err := m.DoubleAck(t.Context()); err != nil {
			t.Error(err)
		}
	}
	info, err := c.Info(t.Context())
	if err != nil || info.AckFloor.Stream != uint64(n) {
		t.Fatalf("acknowledged to %+v, %v", info, err)
	}
	if err := s.DeleteConsumer(t.Context(), info.Name); err != nil {
		t.Error(err)
	}
	if _, err := c.Info(t.Context()); !errors.Is(err, jetstream.ErrConsumerNotFound) {
		t.Errorf("a deleted consumer: %v", err)
	}
}

// TestAGuestWritesNothing tries the front door and the ways around it.
func TestAGuestWritesNothing(t *testing.T) {
	b := start(t, config(t.TempDir()))
	owner := connect(t, b)
	a, other := fill(t, owner, "a", 1), fill(t, owner, "b", 1)
	if _, err := owner.CreateKeyValue(t.Context(), jetstream.KeyValueConfig{Bucket: "notes"}); err != nil {
		t.Fatal(err)
	}
	images := putImage(t, owner)
	stored := messages(t, images)
	nc, _ := asGuest(t, b)
	const push = `{"stream_name":"netsync-a","config":{"ack_policy":"none","deliver_policy":"all","headers_only":true,"deliver_subject":%q}}`
	attempts := []struct{ subject, reply, data string }{
		{"netsync.a.networks.evil", "", "{}"},
		{"$KV.notes.evil", "", "x"},
		{"$O.netsync-a-assets.M.evil", "", "{}"},
		{"$O.netsync-a-assets.C.evil", "", "x"},
		{"$JS.API.STREAM.PURGE.OBJ_netsync-a-assets", "", ""},
		{"$JS.API.STREAM.DELETE.OBJ_netsync-a-assets", "", ""},
		{"$JS.API.STREAM.PURGE.netsync-a", "", ""},
		{"$JS.API.STREAM.DELETE.netsync-a", "", ""},
		{"$JS.API.STREAM.MSG.DELETE.netsync-a", "", `{"seq":1}`},
		{"$JS.API.STREAM.CREATE.evil", "", `{"name":"evil","subjects":["evil"]}`},
		{"$JS.API.STREAM.UPDATE.netsync-a", "", `{"name":"netsync-a","subjects":["evil"]}`},
		{"guest.CONSUMER.CREATE.netsync-a", "", "{}"},
		// The server's answer as a message of the stream.
		{"$JS.API.INFO", "netsync.a.networks.evil", ""},
		{"$JS.API.DIRECT.GET.netsync-b", "netsync.a.networks.evil", `{"seq":1}`},
		{"$JS.API.STREAM.MSG.GET.netsync-b", "netsync.a.networks.evil", `{"seq":1}`},
		{"$JS.API.CONSUMER.CREATE.netsync-b", "netsync.a.networks.evil", `{"stream_name":"netsync-b","config":{"ack_policy":"none","description":"evil"}}`},
		{"$JS.API.CONSUMER.CREATE.netsync-b.c", "netsync.a.networks.evil", `x`},
		{"$JS.API.INFO", "$KV.notes.evil", ""},
		{"$JS.API.INFO", "$O.netsync-a-assets.M.evil", ""},
		{"$JS.API.DIRECT.GET.netsync-b", "$O.netsync-a-assets.M.evil", `{"seq":1}`},
		// A consumer whose messages go where the guest may not publish.
		{"$JS.API.CONSUMER.CREATE.netsync-a", "", fmt.Sprintf(push, "netsync.b.networks.evil")},
		{"$JS.API.CONSUMER.CREATE.netsync-a", "", fmt.Sprintf(push, "$JS.API.STREAM.DELETE.netsync-b")},
		{"$JS.API.CONSUMER.CREATE.netsync-a", "", fmt.Sprintf(push, "$KV.notes.evil")},
		{"$JS.API.CONSUMER.CREATE.netsync-a", "", fmt.Sprintf(push, "$O.netsync-a-assets.M.evil")},
		{"$JS.API.CONSUMER.DURABLE.CREATE.netsync-a.evil", "", fmt.Sprintf(push, "netsync.b.networks.evil")},
		{"guest._INBOX.evil", "netsync.a.networks.evil", "{}"},
		{"$JS.FC.netsync-a.evil", "netsync.a.networks.evil", "{}"},
	}
	for _, try := range attempts {
		reply := try.reply
		if reply == "" {
			reply = nc.NewRespInbox()
		}
		if err := nc.PublishRequest(try.subject, reply, []byte(try.data)); err != nil {
			t.Fatal(err)
		}
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	answered(t, nc)
	for _, s := range []jetstream.Stream{a, other} {
		deliverHome(t, s)
	}
	if na, nb := messages(t, a), messages(t, other); na != 1 || nb != 1 {
		t.Errorf("the streams hold %d and %d messages, want 1 and 1", na, nb)
	}
	if n := messages(t, images); n != stored {
		t.Errorf("the bucket of images went from %d to %d messages", stored, n)
	}
	notes, err := owner.Stream(t.Context(), "KV_notes")
	if err != nil || messages(t, notes) != 0 {
		t.Errorf("the bucket was written to: %v", err)
	}
	if _, err := owner.Stream(t.Context(), "evil"); !errors.Is(err, jetstream.ErrStreamNotFound) {
		t.Errorf("stream evil: %v", err)
	}
}

// answered asks the server what it answers to guests, by every way that they
// have to it. What was asked before has been done then.
func answered(t *testing.T, nc *nats.Conn) {
	t.Helper()
	for subject, data := range map[string]string{
		"$JS.API.INFO": "", "$JS.API.STREAM.MSG.GET.netsync-a": `{"seq":1}`,
		"$JS.API.CONSUMER.CREATE.netsync-a": `{"stream_name":"netsync-a","config":{"ack_policy":"none"}}`,
	} {
		if _, err := nc.Request(subject, []byte(data), 10*time.Second); err != nil {
			t.Fatalf("%s: %v", subject, err)
		}
	}
	js, err := nc.JetStream()
	if err != nil {
		t.Fatal(err)
	}
	sub, err := js.SubscribeSync("netsync.a.>", nats.OrderedConsumer())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sub.NextMsg(10 * time.Second); err != nil {
		t.Fatalf("by push: %v", err)
	}
}

// deliverHome fails the test where a consumer delivers to anything but an inbox
// of the guests.
func deliverHome(t *testing.T, s jetstream.Stream) {
	t.Helper()
	consumers := s.ListConsumers(t.Context())
	for info := range consumers.Info() {
		if to := info.Config.DeliverSubject; to != "" && !strings.HasPrefix(to, "guest._INBOX.") {
			t.Errorf("consumer %s delivers to %s", info.Name, to)
		}
	}
	if err := consumers.Err(); err != nil {
		t.Error(err)
	}
}

func TestAGuestIsToldWhatItMayNotDo(t *testing.T) {
	b := start(t, config(t.TempDir()))
	fill(t, connect(t, b), "a", 1)
	nc, js := asGuest(t, b)
	s, err := js.Stream(t.Context(), "netsync-a")
	if err != nil {
		t.Fatal(err)
	}
	_, err = js.CreateOrUpdatePushConsumer(t.Context(), "netsync-a", jetstream.ConsumerConfig{DeliverSubject: "netsync.a.networks.evil"})
	if e, ok := errors.AsType[*jetstream.APIError](err); !ok || e.Code != 403 {
		t.Errorf("push consumer: %v", err)
	}
	if err := nc.Publish("netsync.a.networks.evil", nil); err != nil {
		t.Fatal(err)
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := nc.LastError(); !errors.Is(err, nats.ErrPermissionViolation) {
		t.Errorf("publishing: %v", err)
	}
	if n := messages(t, s); n != 1 {
		t.Errorf("%d messages", n)
	}
}

func TestAGuestDoesNotChangeAnExistingConsumer(t *testing.T) {
	b := start(t, config(t.TempDir()))
	owner := connect(t, b)
	fill(t, owner, "a", 1)
	config := jetstream.ConsumerConfig{Name: "ours", Description: "ours", InactiveThreshold: time.Minute}
	if _, err := owner.CreateConsumer(t.Context(), "netsync-a", config); err != nil {
		t.Fatal(err)
	}
	_, js := asGuest(t, b)
	config.Description = "theirs"
	if _, err := js.CreateOrUpdateConsumer(t.Context(), "netsync-a", config); !errors.Is(err, jetstream.ErrConsumerExists) {
		t.Errorf("changing it: %v", err)
	}
	if _, err := js.Consumer(t.Context(), "netsync-a", "ours"); !errors.Is(err, jetstream.ErrConsumerNotFound) {
		t.Errorf("looking at it: %v", err)
	}
	if err := js.DeleteConsumer(t.Context(), "netsync-a", "ours"); !errors.Is(err, jetstream.ErrConsumerNotFound) {
		t.Errorf("deleting it: %v", err)
	}
}

func TestThereAreNoGuestsBeyondThisMachine(t *testing.T) {
	cfg := config(t.TempDir())
	cfg.Listen = "0.0.0.0:0"
	b := start(t, cfg)
	if nc, err := nats.Connect(b.ClientURL()); err == nil {
		nc.Close()
		t.Error("a stranger was let in")
	}
	fill(t, connect(t, b), "a", 1)
}
