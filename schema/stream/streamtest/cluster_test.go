package streamtest_test

import (
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"netsync/schema/stream"
	"netsync/schema/stream/streamtest"
)

func TestAClusterOutlivesItsLeader(t *testing.T) {
	t.Parallel()
	c := streamtest.StartCluster(t, streamtest.ClusterConfig{})
	// The client itself must notice that its server hangs.
	nc, err := nats.Connect(c.Addresses(), nats.MaxReconnects(-1), nats.PingInterval(time.Second), nats.MaxPingsOutstanding(2))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	c.CreateStream(t, js, stream.Config("x", 3))
	publish := func() bool {
		_, err := js.Publish(t.Context(), "netsync.x.a.b", nil)
		return err == nil
	}
	for _, harm := range []func(*streamtest.Node){
		func(n *streamtest.Node) { n.Kill(); streamtest.Eventually(t, "another leader", publish); n.Start() },
		func(n *streamtest.Node) { n.Pause(); streamtest.Eventually(t, "another leader", publish); n.Resume() },
		func(n *streamtest.Node) { n.Stop(); streamtest.Eventually(t, "another leader", publish); n.Start() },
	} {
		harm(c.Leader(t, js, stream.Name("x")))
		c.Wait()
	}
}
