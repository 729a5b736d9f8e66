package streamtest

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"netsync/schema/testkit/porttest"
)

// A Node is one server of a cluster.
type Node struct {
	Name    string
	Address string // host:port for clients

	tb             testing.TB
	route, monitor string
	command, env   []string
	log            *lockedBuffer
	cmd            *exec.Cmd
	ended          chan struct{}
}

func newNode(tb testing.TB, i int, dir, host, binary string) *Node {
	tb.Helper()
	n := &Node{Name: fmt.Sprintf("n%d", i+1), tb: tb, log: &lockedBuffer{}}
	port := func() string { return porttest.Port(tb, porttest.Free(tb)) }
	n.Address, n.route, n.monitor = join(host, port()), join(host, port()), join(host, port())
	n.env = append(os.Environ(), "NATS_NAME="+n.Name, "NATS_LISTEN="+n.Address, "NATS_CLUSTER_LISTEN="+n.route,
		"NATS_MONITOR="+n.monitor, "NATS_STORE="+filepath.Join(dir, n.Name))
	tb.Cleanup(func() {
		n.Kill()
		if tb.Failed() {
			tb.Logf("%s says at the end:\n%s", n.Name, n.log.tail(20))
		}
	})
	return n
}

func join(host, port string) string { return net.JoinHostPort(host, port) }

// Start starts the server; it does not wait until it is healthy.
func (n *Node) Start() {
	n.tb.Helper()
	n.cmd = exec.Command(n.command[0], n.command[1:]...)
	n.cmd.Env = n.env
	n.cmd.Stderr, n.cmd.Stdout = n.log, n.log
	n.cmd.SysProcAttr = dieWithTest()
	if err := n.cmd.Start(); err != nil {
		n.tb.Fatalf("start nats-server %s: %v", n.Name, err)
	}
	cmd, ended := n.cmd, make(chan struct{})
	n.ended = ended
	go func() {
		defer close(ended)
		_ = cmd.Wait() // a kill is no failure
	}()
}

// Kill ends the server by SIGKILL, if it runs, and waits for its end.
func (n *Node) Kill() { n.end(syscall.SIGKILL) }

// Stop ends the server in order, if it runs, and waits for its end.
func (n *Node) Stop() { n.end(syscall.SIGTERM) }

func (n *Node) end(signal os.Signal) {
	if n.cmd == nil {
		return
	}
	_ = n.cmd.Process.Signal(signal) // it may have ended
	<-n.ended
	n.cmd = nil
}

// Pause stops the server without telling anybody, as a machine does that
// hangs, until Resume.
func (n *Node) Pause() { n.signal(pause) }

// Resume lets a paused server go on.
func (n *Node) Resume() { n.signal(resume) }

func (n *Node) signal(s os.Signal) {
	n.tb.Helper()
	if err := n.cmd.Process.Signal(s); err != nil {
		n.tb.Fatalf("send %v to %s: %v", s, n.Name, err)
	}
}

// Wait waits until the server is healthy.
func (n *Node) Wait() {
	n.tb.Helper()
	Eventually(n.tb, n.Name+" to be healthy", func() bool {
		select {
		case <-n.ended:
			n.tb.Fatalf("%s ended", n.Name)
		default:
		}
		return n.healthy()
	})
}

func (n *Node) healthy() bool {
	client := http.Client{Timeout: time.Second}
	response, err := client.Get("http://" + n.monitor + "/healthz")
	if err != nil {
		return false
	}
	defer response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// serverBinary builds the nats-server that go.mod has as a tool; the build
// cache keeps it.
func serverBinary(tb testing.TB) string {
	tb.Helper()
	path, err := buildServer()
	if err != nil {
		tb.Fatalf("build nats-server: %v", err)
	}
	return path
}

var buildServer = sync.OnceValues(func() (string, error) {
	var errs bytes.Buffer
	cmd := exec.Command("go", "tool", "-n", "nats-server")
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, errs.String())
	}
	return strings.TrimSpace(string(out)), nil
})

// A lockedBuffer is written by a process and read by a test.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

// tail returns the last lines that were written.
func (b *lockedBuffer) tail(n int) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(b.b.String()), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
