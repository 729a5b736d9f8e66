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
var brokerRoles = []string{"worker", "publisher", "operator", "backup", "guest"}

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
func startShipped(t *testing.T, run streamtest.ClusterConfig) *shippedCluster {
	t.Helper()
	a := newAuthority(t)
	s := &shippedCluster{t: t, authority: a, seeds: make(map[string]string)}
	cert, key := a.issue("server", run.Hosts...)
	s.cert, s.key = a.issue("client")
	run.Env = append(run.Env, "NATS_CA="+a.file, "NATS_CERT="+cert, "NATS_KEY="+key, "NATS_VERIFY_CLIENTS=true")
	for _, role := range brokerRoles {
		seed, public := newSeed(t)
		s.seeds[role] = seed
		run.Env = append(run.Env, "NATS_"+strings.ToUpper(role)+"="+public)
	}
	if run.File == "" {
		run.File = deployed + "cluster.conf"
	}
	s.Cluster = streamtest.StartCluster(t, run)
	return s
}

// shippedFor copies the shipped files for another dataset, as their README
// says, and returns the name of the first.
func shippedFor(t *testing.T, dataset string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"cluster.conf", "roles.conf"} {
		text := strings.ReplaceAll(readText(t, deployed+name), "leiden-networks", dataset)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "cluster.conf")
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
func (c *shippedCluster) config(role, rest string) string {
	c.t.Helper()
	text := fmt.Sprintf("http: {listen: '127.0.0.1:0'}\nlog: {format: json}\nnats:\n  url: %s\n  nkey: %s\n  ca: %s\n  cert: %s\n  key: %s\n%s",
		"tls://"+strings.ReplaceAll(c.Addresses(), ",", ",tls://"), c.seeds[role], c.authority.file, c.cert, c.key, rest)
	path := filepath.Join(c.t.TempDir(), "netsync.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		c.t.Fatal(err)
	}
	return path
}

// connect connects as a program that is not netsync does.
func (c *shippedCluster) connect(role string) (*nats.Conn, jetstream.JetStream) {
	c.t.Helper()
	login, err := nats.NkeyOptionFromSeed(c.seeds[role])
	if err != nil {
		c.t.Fatal(err)
	}
	nc, err := nats.Connect(c.Addresses(), login, nats.RootCAs(c.authority.file), nats.ClientCert(c.cert, c.key),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}))
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		c.t.Fatal(err)
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
	return startRunIn(t, nil, data, args...)
}

// startRunIn is startRun by way of another program, such as one that goes into
// a network namespace first.
func startRunIn(t *testing.T, way []string, data string, args ...string) *runningProcess {
	t.Helper()
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	p := &runningProcess{t: t, cmd: program(append([]string{"run"}, args...)...), log: log}
	p.cmd.Env = append(p.cmd.Env, "NETSYNC_DATA_DIR="+data)
	if len(way) > 0 {
		if p.cmd.Path, err = exec.LookPath(way[0]); err != nil {
			t.Fatal(err)
		}
		p.cmd.Args = append(way, p.cmd.Args...)
	}
	p.start()
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			lines := strings.Split(p.lines(), "\n")
			t.Logf("netsync run %v says at the end:\n%s", args, strings.Join(lines[max(0, len(lines)-40):], "\n"))
		}
		log.Close()
	})
	return p
}

// start starts the process, or once more after a kill.
func (p *runningProcess) start() {
	p.t.Helper()
	cmd, ended := &exec.Cmd{Path: p.cmd.Path, Args: p.cmd.Args, Env: p.cmd.Env, Stderr: p.log}, make(chan struct{})
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.cmd, p.ended = cmd, ended
	go func() {
		defer close(ended)
		_ = cmd.Wait() // a kill is no failure
	}()
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
