package broker_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// TestAGuestReadsOneDatasetAlone asks for each stream and bucket of a broker in
// each way that clients know.
func TestAGuestReadsOneDatasetAlone(t *testing.T) {
	b := start(t, config(t.TempDir()))
	owner := connect(t, b)
	fill(t, owner, "a", 1)
	fill(t, owner, "b", 1)
	putImage(t, owner)
	secret := []byte("do not read this")
	for _, bucket := range []string{"netsync-a-subscribers", "netsync-a-newsletter", "netsync-a-webhooks", "other"} {
		kv, err := owner.CreateKeyValue(t.Context(), jetstream.KeyValueConfig{Bucket: bucket})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := kv.Put(t.Context(), "secret", secret); err != nil {
			t.Fatal(err)
		}
	}
	nc, js := asGuest(t, b)
	if names := streamNames(t, js); len(names) != 2 {
		t.Errorf("streams that a guest sees: %q", names)
	}
	for _, stream := range streamNames(t, owner) {
		admitted := stream == "netsync-a" || stream == "OBJ_netsync-a-assets"
		for _, request := range requestsFor(stream) {
			answer, err := nc.Request(request.subject, []byte(request.data), 50*time.Millisecond)
			if !admitted && err == nil && !strings.Contains(string(answer.Data), `"error"`) {
				t.Errorf("%s answers %s", request.subject, answer.Data)
			}
		}
	}
	live, err := nc.SubscribeSync("netsync.>")
	if err != nil {
		t.Fatal(err)
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	fill(t, owner, "b", 1)
	fill(t, owner, "a", 1)
	if m, err := live.NextMsg(5 * time.Second); err != nil || m.Subject != "netsync.a.networks.n0" {
		t.Errorf("first message of a subscription to every dataset: %v, %v", m, err)
	}
}

func streamNames(t *testing.T, js jetstream.JetStream) []string {
	t.Helper()
	var names []string
	list := js.StreamNames(t.Context())
	for name := range list.Name() {
		names = append(names, name)
	}
	if err := list.Err(); err != nil {
		t.Fatal(err)
	}
	return names
}

type apiRequest struct{ subject, data string }

// requestsFor returns the requests by which a client reads a stream, makes a
// consumer of it, or learns of others'.
func requestsFor(stream string) []apiRequest {
	api := func(verb string) string { return "$JS.API." + verb + "." + stream }
	create := fmt.Sprintf(`{"stream_name":%q,"config":{"ack_policy":"none","deliver_policy":"all"}}`, stream)
	named := fmt.Sprintf(`{"stream_name":%q,"config":{"name":"mine","ack_policy":"none","deliver_policy":"all"}}`, stream)
	durable := fmt.Sprintf(`{"stream_name":%q,"config":{"durable_name":"mine","ack_policy":"none"}}`, stream)
	push := fmt.Sprintf(`{"stream_name":%q,"config":{"ack_policy":"none","deliver_subject":"_INBOX.mine"}}`, stream)
	return []apiRequest{
		{api("STREAM.INFO"), ""}, {api("STREAM.INFO"), `{"subjects_filter":">"}`},
		{api("STREAM.MSG.GET"), `{"seq":1}`}, {api("STREAM.MSG.GET"), `{"last_by_subj":">"}`},
		{api("STREAM.SNAPSHOT"), `{"deliver_subject":"_INBOX.mine"}`},
		{api("DIRECT.GET"), `{"seq":1}`}, {api("DIRECT.GET") + ".$KV.netsync-a-subscribers.secret", ""},
		{api("DIRECT.GET") + ".netsync.b.networks.n0", ""},
		{api("CONSUMER.CREATE"), create}, {api("CONSUMER.CREATE"), push}, {api("CONSUMER.CREATE"), durable},
		{api("CONSUMER.CREATE") + ".mine", named}, {api("CONSUMER.CREATE") + ".mine.>", named},
		{api("CONSUMER.DURABLE.CREATE") + ".mine", durable},
		{api("CONSUMER.NAMES"), ""}, {api("CONSUMER.LIST"), ""},
		{api("CONSUMER.INFO") + ".mine", ""}, {api("CONSUMER.MSG.NEXT") + ".mine", `{"batch":1,"no_wait":true}`},
		{api("CONSUMER.LEADER.STEPDOWN") + ".mine", ""}, {api("CONSUMER.PAUSE") + ".mine", "{}"},
	}
}

func TestNobodyListsTheConsumersOfOthers(t *testing.T) {
	b := start(t, config(t.TempDir()))
	fill(t, connect(t, b), "a", 1)
	nc, _ := asGuest(t, b)
	for _, verb := range []string{"CONSUMER.NAMES", "CONSUMER.LIST"} {
		if m, err := nc.Request("$JS.API."+verb+".netsync-a", nil, 200*time.Millisecond); err == nil {
			t.Errorf("%s answers %s", verb, m.Data)
		}
	}
}

func TestGuestsShareTheirConsumers(t *testing.T) {
	b := start(t, config(t.TempDir()))
	owner := connect(t, b)
	s := fill(t, owner, "a", 1)
	_, js := asGuest(t, b)
	busy, err := js.CreateConsumer(t.Context(), "netsync-a", jetstream.ConsumerConfig{InactiveThreshold: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	messages, err := busy.Messages()
	if err != nil {
		t.Fatal(err)
	}
	defer messages.Stop()
	if _, err := messages.Next(jetstream.NextMaxWait(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	for range 150 {
		if _, err := js.CreateConsumer(t.Context(), "netsync-a", jetstream.ConsumerConfig{InactiveThreshold: time.Hour}); err != nil {
			t.Fatal(err)
		}
	}
	info, err := s.Info(t.Context())
	if err != nil || info.State.Consumers > 100 {
		t.Errorf("the stream has %d consumers, %v", info.State.Consumers, err)
	}
	if _, err := busy.Info(t.Context()); err != nil {
		t.Errorf("the consumer that was in use: %v", err)
	}
	readOrdered(t, s, 1) // netsync's own finds room
}

// TestConsumersOfEarlierVersionsGiveWay begins with what guests of a version
// that allowed durable consumers could leave.
func TestConsumersOfEarlierVersionsGiveWay(t *testing.T) {
	b := start(t, config(t.TempDir()))
	owner := connect(t, b)
	s := fill(t, owner, "a", 1)
	for i := range 120 {
		config := jetstream.ConsumerConfig{Durable: fmt.Sprint("left", i), MemoryStorage: true}
		if _, err := owner.CreateConsumer(t.Context(), "netsync-a", config); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.AdmitGuests("a"); err != nil {
		t.Fatal(err)
	}
	if info, err := s.Info(t.Context()); err != nil || info.State.Consumers != 100 {
		t.Errorf("the stream has %d consumers, %v", info.State.Consumers, err)
	}
}

func TestGuestsAreLimited(t *testing.T) {
	b := start(t, config(t.TempDir()))
	owner := connect(t, b)
	fill(t, owner, "a", 1)
	nc, js := asGuest(t, b)
	if _, err := js.CreateConsumer(t.Context(), "netsync-a", jetstream.ConsumerConfig{Durable: "theirs"}); !refusedBy(err, "ephemeral") {
		t.Errorf("a durable consumer: %v", err)
	}
	for i := range 300 {
		if _, err := nc.SubscribeSync(fmt.Sprint("netsync.a.networks.n", i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := nc.Flush(); err != nil && !nc.IsReconnecting() && !nc.IsClosed() {
		t.Fatal(err)
	}
	if err := nc.LastError(); !errors.Is(err, nats.ErrMaxSubscriptionsExceeded) {
		t.Errorf("300 subscriptions: %v", err)
	}
	refused := 0
	for range 300 {
		conn, err := nats.Connect(b.ClientURL(), nats.NoReconnect())
		if err != nil {
			refused++
			continue
		}
		defer conn.Close()
	}
	if refused < 44 {
		t.Errorf("%d of 300 connections were refused", refused)
	}
	fill(t, owner, "a", 1)
}

func refusedBy(err error, word string) bool {
	e, ok := errors.AsType[*jetstream.APIError](err)
	return ok && e.Code == 403 && strings.Contains(e.Description, word)
}
