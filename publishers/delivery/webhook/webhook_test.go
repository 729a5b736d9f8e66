package webhook_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"netsync/publishers/delivery"
	"netsync/publishers/delivery/deliverytest"
	"netsync/publishers/delivery/webhook"
	"netsync/schema/event"
)

var secret = webhook.Secret("a secret of thirty-two bytes....")

func TestDelivery(t *testing.T) {
	t.Parallel()
	deliverytest.TestDelivery(t, deliverytest.Kind{
		New:  func(address string) delivery.Kind { return webhook.Webhook{URL: address, Secret: secret} },
		Read: readRequest,
	})
}

// readRequest checks a request as its receiver does.
func readRequest(r *http.Request, body []byte) (id string, err error) {
	id = r.Header.Get("Webhook-Id")
	if err := secret.Verify(r.Header, body, time.Now()); err != nil {
		return id, err
	}
	if err := webhook.Secret("another secret of 32 bytes......").Verify(r.Header, body, time.Now()); err == nil {
		return id, errors.New("any secret has signed it")
	}
	var p struct {
		Type      event.Type
		Timestamp time.Time
		Dataset   string
		Data      struct{ Changeset string }
	}
	if err := json.Unmarshal(body, &p); err != nil {
		return id, err
	}
	if p.Type == "" || p.Timestamp.IsZero() || p.Dataset == "" || p.Data.Changeset == "" {
		return id, fmt.Errorf("the body has an empty field: %+v", p)
	}
	return id, nil
}

func TestAGapIsAPayload(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	w := webhook.Webhook{URL: "https://example.org/hook", Secret: secret}
	request, err := w.Request(t.Context(), delivery.Message{
		ID: "epoch:b:a", Dataset: "leiden-networks", Sent: at,
		Gap: &delivery.Gap{Epoch: "b", Previous: "a", Shared: 5, Sequence: 8, Time: at},
	})
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(request.Body)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"type":"netsync.stream.remade","timestamp":"2026-11-24T08:00:00Z","dataset":"leiden-networks",` +
		`"data":{"epoch":"b","previous_epoch":"a","shared_sequence":5,"sequence":8,"time":"2026-11-24T08:00:00Z"}}`
	if string(body) != want {
		t.Errorf("body %s, want %s", body, want)
	}
	if err := secret.Verify(request.Header, body, at); err != nil {
		t.Error(err)
	}
}
