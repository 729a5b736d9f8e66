package delivery_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"netsync/publishers/delivery"
	"netsync/publishers/delivery/deliverytest"
	"netsync/publishers/publishertest"
	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/stream"
)

// A plainKind posts the id of a message.
type plainKind string

func (p plainKind) Host() string { return "a host" }

func (p plainKind) Request(ctx context.Context, m delivery.Message) (*http.Request, error) {
	return http.NewRequestWithContext(ctx, http.MethodPost, string(p), strings.NewReader(m.ID))
}

var plain = deliverytest.Kind{
	New:  func(address string) delivery.Kind { return plainKind(address) },
	Read: func(_ *http.Request, body []byte) (string, error) { return string(body), nil },
}

func TestEachChangeIsDeliveredOnce(t *testing.T) {
	t.Parallel()
	r := deliverytest.NewReceiver(t, plain, nil)
	b := deliverytest.NewBench(t, plain.New(r.URL))
	// Two processes run the same endpoint.
	b.Run()
	stop := b.Run()
	var want []string
	var last event.Position
	for n := range 20 {
		last = b.History.Commit(false, deliverytest.Network("leru", n+2), deliverytest.Network("iau", n))
		want = append(want, last.Changeset+":networks/leru", last.Changeset+":networks/iau")
		if n == 10 {
			stop()
		}
	}
	if s := b.WaitDone(last); len(s.Dead) > 0 || s.Made != uint64(len(want)) {
		t.Errorf("%d made, dead: %v", s.Made, s.Dead)
	}
	if got := r.Accepted(); !slices.Equal(got, want) {
		t.Errorf("delivered %q, want %q", got, want)
	}
}

func TestABulkImportIsOneDelivery(t *testing.T) {
	t.Parallel()
	r := deliverytest.NewReceiver(t, plain, nil)
	b := deliverytest.NewBench(t, plain.New(r.URL))
	b.Run()
	last := b.History.Commit(true, deliverytest.Network("a", 1), deliverytest.Network("b", 1), deliverytest.Network("c", 1))
	b.WaitDone(last)
	if got := r.Accepted(); !slices.Equal(got, []string{last.Changeset}) {
		t.Errorf("delivered %q", got)
	}
}

func TestAnEndpointIsToldOfNothingItDidNotAskFor(t *testing.T) {
	t.Parallel()
	r := deliverytest.NewReceiver(t, plain, nil)
	b := deliverytest.NewBench(t, plain.New(r.URL))
	b.Config.Filter = delivery.Filter{Collections: []schema.Collection{schema.Networks}, Topics: []string{"water"}, Ops: []event.Op{event.Created, event.Removed}, Least: event.Major}
	b.Run()
	dry := deliverytest.Network("dry", 1)
	dry.Value["topics"] = []any{}
	b.History.Commit(false, deliverytest.Network("leru", 7), dry, publishertest.Revision{ID: "organizations/tu", Value: map[string]any{"name": "TU", "kind": "university"}})
	first := b.History.Commit(false, deliverytest.Network("wet", 1))
	last := b.History.Commit(false, publishertest.Revision{ID: "networks/wet"})
	b.WaitDone(last)
	if got := r.Accepted(); !slices.Equal(got, []string{first.Changeset + ":networks/wet", last.Changeset + ":networks/wet"}) {
		t.Errorf("delivered %q", got)
	}
}

// TestALargeChangesetIsToldInPortions has more changes than the 500 that a state has
// room for.
func TestALargeChangesetIsToldInPortions(t *testing.T) {
	t.Parallel()
	r := deliverytest.NewReceiver(t, plain, nil)
	b := deliverytest.NewBench(t, plain.New(r.URL))
	b.Run()
	b.Run()
	var all []publishertest.Revision
	for n := range 550 {
		all = append(all, deliverytest.Network(fmt.Sprintf("n-%d", n), 1))
	}
	last := b.History.Commit(false, all...)
	b.WaitDone(last)
	got := r.Accepted()
	if slices.Sort(got); len(got) != len(all) || len(slices.Compact(got)) != len(all) {
		t.Errorf("%d deliveries of %d changes", len(got), len(all))
	}
}

// TestAProcessThatEndsInTheMiddleOfAChangeset leaves the rest of it to the next
// one, and what is said of its bulk changes in the end.
func TestAProcessThatEndsInTheMiddleOfAChangeset(t *testing.T) {
	t.Parallel()
	r := deliverytest.NewReceiver(t, plain, nil)
	b := deliverytest.NewBench(t, plain.New(r.URL))
	b.Run()()
	first := b.State().Sequence
	last := b.History.Commit(true, deliverytest.Network("a", 1), deliverytest.Network("b", 1))
	bucket, err := stream.FindBucket(t.Context(), b.JetStream, delivery.Bucket(publishertest.Dataset))
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Change(t.Context(), bucket, b.Config.Name, func(s *delivery.State, _ bool) error { s.Sequence = first + 2; return nil }); err != nil {
		t.Fatal(err)
	}
	b.Run()
	b.WaitDone(last)
	if got := r.Accepted(); !slices.Equal(got, []string{last.Changeset}) {
		t.Errorf("delivered %q", got)
	}
}
