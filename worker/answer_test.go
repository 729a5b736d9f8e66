package worker_test

import (
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"netsync/schema/stream"
	"netsync/schema/stream/streamtest"
	"netsync/worker"
)

// The broker stores a changeset, but its acknowledgment is lost with the
// connection. The worker must detect that, and publish nothing twice.
func TestAnAnswerThatDoesNotComeIsReadFromTheTail(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ns := streamtest.Server(t)
	direct, err := jetstream.New(streamtest.Connect(t, ns))
	if err != nil {
		t.Fatal(err)
	}
	f.js = direct
	proxy := streamtest.NewProxy(t, ns.Addr().String())
	nc, err := nats.Connect("nats://"+proxy.Address, nats.MaxReconnects(-1), nats.ReconnectWait(10*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	w := f.with(func(c *worker.Config) { c.JetStream = js })
	w.mustSync(t)
	for round := range 5 {
		before := len(f.messages())
		f.repo.write("activities/inucost.yaml", activity(round))
		f.repo.commit("Round")
		passed := proxy.SwallowAfter("Nats-Batch-Commit")
		synced := make(chan error, 1)
		go func() {
			_, err := w.Sync(t.Context())
			synced <- err
		}()
		<-passed
		eventually(t, "the broker to store the changeset", func() bool {
			s, err := direct.Stream(t.Context(), stream.Name("leiden-networks"))
			return err == nil && int(s.CachedInfo().State.LastSeq) == before+2
		})
		began := time.Now()
		proxy.Cut()
		if err := <-synced; err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took > 20*time.Second { // the answer itself would be waited for longer
			t.Errorf("the worker took %s to find out", took)
		}
		if n := len(f.messages()) - before; n != 2 {
			t.Fatalf("round %d published %d messages", round, n)
		}
	}
}
