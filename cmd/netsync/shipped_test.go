package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"

	"netsync/schema/stream/streamtest"
)

// deployed is where the configuration of a cluster is that is shipped.
const deployed = "../../config/deploy/nats/"

// The roles that the shipped configuration knows.
var brokerRoles = []string{"worker", "publisher", "operator", "guest"}

// A shippedCluster is three servers with the configuration that is shipped.
type shippedCluster struct {
	*streamtest.Cluster
	t         *testing.T
	authority *authority
	seeds     map[string]string // file of each role's nkey
	cert, key string            // of clients
}

// startShipped starts it; every client needs a certificate, the authority's
// word about the server, and the nkey of a role.
func startShipped(t *testing.T) *shippedCluster {
	t.Helper()
	a := newAuthority(t)
	s := &shippedCluster{t: t, authority: a, seeds: make(map[string]string)}
	cert, key := a.issue("server")
	s.cert, s.key = a.issue("client")
	env := []string{"NATS_CA=" + a.file, "NATS_CERT=" + cert, "NATS_KEY=" + key, "NATS_VERIFY_CLIENTS=true"}
	for _, role := range brokerRoles {
		seed, public := newSeed(t)
		s.seeds[role] = seed
		env = append(env, "NATS_"+strings.ToUpper(role)+"="+public)
	}
	s.Cluster = streamtest.StartCluster(t, streamtest.ClusterConfig{File: deployed + "cluster.conf", Env: env})
	return s
}

// newSeed makes an nkey of a user; the seed is in a file.
func newSeed(t *testing.T) (file, public string) {
	t.Helper()
	pair, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	seed, err := pair.Seed()
	if err != nil {
		t.Fatal(err)
	}
	if public, err = pair.PublicKey(); err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(t.TempDir(), "user.nk")
	if err := os.WriteFile(file, seed, 0o600); err != nil {
		t.Fatal(err)
	}
	return file, public
}

// config writes a configuration for a process of a role, and returns its name.
// What is below nats besides the connection, and other sections, are the
// caller's.
func (s *shippedCluster) config(role, rest string) string {
	s.t.Helper()
	text := fmt.Sprintf("http: {listen: '127.0.0.1:0'}\nlog: {format: json}\nnats:\n  url: %s\n  nkey: %s\n  ca: %s\n  cert: %s\n  key: %s\n%s",
		"tls://"+strings.ReplaceAll(s.Addresses(), ",", ",tls://"), s.seeds[role], s.authority.file, s.cert, s.key, rest)
	path := filepath.Join(s.t.TempDir(), "netsync.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return path
}

// connect connects as a program that is not netsync does.
func (s *shippedCluster) connect(role string) (*nats.Conn, jetstream.JetStream) {
	s.t.Helper()
	login, err := nats.NkeyOptionFromSeed(s.seeds[role])
	if err != nil {
		s.t.Fatal(err)
	}
	nc, err := nats.Connect(s.Addresses(), login, nats.RootCAs(s.authority.file), nats.ClientCert(s.cert, s.key),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}))
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		s.t.Fatal(err)
	}
	return nc, js
}

// A runningProcess is a netsync run of a test.
type runningProcess struct {
	t     *testing.T
	cmd   *exec.Cmd
	log   *os.File
	ended chan struct{}
}

// startRun starts netsync run, which keeps its things in a folder; the test
// ends it.
func startRun(t *testing.T, data string, args ...string) *runningProcess {
	t.Helper()
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	p := &runningProcess{t: t, cmd: program(append([]string{"run"}, args...)...), log: log, ended: make(chan struct{})}
	p.cmd.Env = append(p.cmd.Env, "NETSYNC_DATA_DIR="+data)
	p.cmd.Stderr = log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		_ = p.cmd.Wait() // a kill is no failure
	}()
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("netsync run %v says:\n%s", args, p.lines())
		}
		log.Close()
	})
	return p
}

func (p *runningProcess) kill() {
	_ = p.cmd.Process.Kill() // it may have ended
	<-p.ended
}

// lines are what the process logged so far.
func (p *runningProcess) lines() string {
	p.t.Helper()
	data, err := os.ReadFile(p.log.Name())
	if err != nil {
		p.t.Fatal(err)
	}
	return string(bytes.TrimSpace(data))
}
