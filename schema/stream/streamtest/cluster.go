package streamtest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// A Cluster is three nats-servers, each a process of its own, so that a test
// can kill and pause them.
type Cluster struct {
	Nodes []*Node
}

// ClusterConfig says how the servers of a cluster are run. The zero value runs
// them on this machine, on any free ports, for everybody.
type ClusterConfig struct {
	// File is the configuration of every server; "" for one without users and
	// TLS. It takes NATS_NAME, NATS_LISTEN, NATS_MONITOR, NATS_STORE,
	// NATS_CLUSTER_LISTEN and NATS_ROUTES from the environment, and what Env
	// has besides.
	File string
	Env  []string
	// Hosts are the addresses of the servers; nil for 127.0.0.1.
	Hosts []string
	// Wrap changes the command line of a server, such as to put it into a
	// network namespace; nil leaves it as it is.
	Wrap func(node int, command []string) []string
}

// clusterSize is the number of servers: with three, one may be lost.
const clusterSize = 3

// plain is the configuration of a server that lets everybody in.
const plain = `
server_name: $NATS_NAME
listen: $NATS_LISTEN
http: $NATS_MONITOR
max_payload: 8MB
jetstream {store_dir: $NATS_STORE, sync_interval: always}
cluster {name: streamtest, listen: $NATS_CLUSTER_LISTEN, routes: $NATS_ROUTES}
`

// StartCluster starts a cluster and waits until each of its servers is
// healthy. It ends with the test.
func StartCluster(tb testing.TB, c ClusterConfig) *Cluster {
	tb.Helper()
	dir := tb.TempDir()
	if c.File == "" {
		c.File = filepath.Join(dir, "plain.conf")
		if err := os.WriteFile(c.File, []byte(plain), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	if c.Hosts == nil {
		c.Hosts = []string{"127.0.0.1", "127.0.0.1", "127.0.0.1"}
	}
	binary := serverBinary(tb)
	cluster := &Cluster{}
	for i := range clusterSize {
		cluster.Nodes = append(cluster.Nodes, newNode(tb, i, dir, c.Hosts[i], binary))
	}
	for i, node := range cluster.Nodes {
		node.command = []string{binary, "--config", c.File}
		if c.Wrap != nil {
			node.command = c.Wrap(i, node.command)
		}
		node.env = append(node.env, "NATS_ROUTES="+cluster.routes())
		node.env = append(node.env, c.Env...)
		node.Start()
	}
	cluster.Wait()
	return cluster
}

func (c *Cluster) routes() string {
	var routes []string
	for _, node := range c.Nodes {
		routes = append(routes, "nats-route://"+node.route)
	}
	return "[" + strings.Join(routes, ", ") + "]"
}

// Wait waits until every server is healthy: it knows a leader, and its streams
// are up to date.
func (c *Cluster) Wait() {
	for _, node := range c.Nodes {
		node.Wait()
	}
}

// Addresses are the host:port of every server, with commas between.
func (c *Cluster) Addresses() string {
	var all []string
	for _, node := range c.Nodes {
		all = append(all, node.Address)
	}
	return strings.Join(all, ",")
}

// Leader returns the server that leads a stream. It waits until there is one.
func (c *Cluster) Leader(tb testing.TB, js jetstream.JetStream, stream string) *Node {
	tb.Helper()
	var leader *Node
	Eventually(tb, "a leader of "+stream, func() bool {
		s, err := js.Stream(tb.Context(), stream)
		if err != nil || s.CachedInfo().Cluster == nil {
			return false
		}
		for _, node := range c.Nodes {
			if node.Name == s.CachedInfo().Cluster.Leader {
				leader = node
			}
		}
		return leader != nil
	})
	return leader
}

// CreateStream creates a stream. It asks again while no answer comes: servers that
// still connect to each other may lose it.
func (c *Cluster) CreateStream(tb testing.TB, js jetstream.JetStream, config jetstream.StreamConfig) {
	tb.Helper()
	Eventually(tb, "the stream "+config.Name, func() bool {
		const answerLimit = 2 * time.Second
		ctx, cancel := context.WithTimeout(tb.Context(), answerLimit)
		defer cancel()
		_, err := js.CreateStream(ctx, config)
		return err == nil || errors.Is(err, jetstream.ErrStreamNameAlreadyInUse)
	})
}

// Eventually waits until something holds, and ends the test where it does not
// within a generous time.
func Eventually(tb testing.TB, what string, holds func() bool) {
	tb.Helper()
	const limit, pause = time.Minute, 20 * time.Millisecond
	for deadline := time.Now().Add(limit); !holds(); time.Sleep(pause) {
		if time.Now().After(deadline) {
			tb.Fatalf("waited in vain for %s", what)
		}
	}
}
