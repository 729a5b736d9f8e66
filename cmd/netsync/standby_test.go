package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"netsync/cmd/internal/cli"
	"netsync/schema/stream/streamtest"
	"netsync/schema/testkit/npmtest"
)

// A pack is several workers on one cluster. Nothing but a first look, a
// command and the end of another worker makes them look: their schedule is an
// hour.
type pack struct {
	t       *testing.T
	repo    demoProcess // the dataset, in its dir
	config  string
	stream  jetstream.Stream
	workers map[int]*runningProcess // by process id
}

func newPack(t *testing.T, c *streamtest.Cluster) *pack {
	t.Helper()
	p := &pack{t: t, repo: demoProcess{t: t, dir: t.TempDir()}, workers: make(map[int]*runningProcess)}
	sampleRepository(t, p.repo.dir)
	p.config = filepath.Join(p.repo.dir, "netsync.yaml")
	text := fmt.Sprintf("dataset: {repository: dataset, schedule: '@every 1h'}\nnats: {url: '%s', replicas: 3}\nhttp: {listen: '127.0.0.1:0'}\nlog: {format: json}\n",
		c.Addresses())
	if err := os.WriteFile(p.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

// add starts a worker, which keeps its things in a folder of its own.
func (p *pack) add() *runningProcess {
	p.t.Helper()
	w := startRun(p.t, p.t.TempDir(), "--only", "worker", "-c", p.config)
	p.workers[w.cmd.Process.Pid] = w
	return w
}

// look returns what every worker says of itself.
func (p *pack) look() map[int]packStatus {
	p.t.Helper()
	out, code := netsync(p.t, "status", "--json", "-c", p.config)
	if code != cli.ExitDone {
		return nil
	}
	var all struct{ Processes []packStatus }
	if err := json.Unmarshal([]byte(out), &all); err != nil {
		p.t.Fatal(err)
	}
	found := make(map[int]packStatus)
	for _, s := range all.Processes {
		found[s.Process.PID] = s
	}
	return found
}

type packStatus struct {
	Process struct{ PID int }
	Standby string
	Stream  struct{ Last uint64 }
	Worker  struct {
		Commit, Error string
		Wrote         uint64
	}
}

// active waits until one worker is active and n stand by, and returns it.
func (p *pack) active(n int) *runningProcess {
	p.t.Helper()
	var active *runningProcess
	streamtest.Eventually(p.t, fmt.Sprintf("one active worker and %d on standby", n), func() bool {
		all, standing := p.look(), 0
		for pid, s := range all {
			if s.Standby != "" {
				standing++
			} else if s.Worker.Commit != "" {
				active = p.workers[pid]
			}
		}
		return len(all) == n+1 && standing == n
	})
	return active
}

// edit commits a change and waits until nothing but its publication lacks.
func (p *pack) edit(subject string) (before uint64) {
	p.t.Helper()
	path := filepath.Join(p.repo.dir, "dataset", "organizations", "tu-delft.yaml")
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := fmt.Fprintf(f, "x-%d: %q\n", time.Now().UnixNano(), subject); err != nil {
		p.t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		p.t.Fatal(err)
	}
	before = p.last()
	p.repo.commit(subject)
	return before
}

func (p *pack) last() uint64 {
	p.t.Helper()
	info, err := p.stream.Info(p.t.Context())
	if err != nil {
		return 0
	}
	return info.State.LastSeq
}

func TestAStandbyWorkerTakesOver(t *testing.T) {
	t.Parallel()
	npmtest.Need(t, "long")
	c := streamtest.StartCluster(t, streamtest.ClusterConfig{})
	p := newPack(t, c)
	const records = 2500
	p.grow(records)
	for range 3 {
		p.add()
	}
	active := p.active(2)
	p.stream = p.open(c)
	p.checkChunks(records)

	before := p.edit("Somebody would have published this")
	active.kill()
	p.published(before, "a kill")
	active = p.active(1)

	before = p.edit("Somebody would have published this as well")
	if err := active.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	p.published(before, "an end in order")
	p.active(0)

	p.add()
	p.active(1)
	before = p.last()
	if out, code := netsync(t, "republish", "organizations/tu-delft", "-c", p.config); code != cli.ExitDone {
		t.Fatalf("republish: exit code %d\n%s", code, out)
	}
	if n := p.last() - before; n != 2 {
		t.Errorf("a command to two workers made %d messages, not a record and a changeset", n)
	}
	for pid, w := range p.workers {
		for line := range strings.Lines(w.lines()) {
			if !strings.HasPrefix(line, `{"level":"info"`) {
				t.Errorf("worker %d says %s", pid, line)
			}
		}
	}
}

// published waits until a commit's two messages are in the stream.
func (p *pack) published(before uint64, after string) {
	p.t.Helper()
	began := time.Now()
	streamtest.Eventually(p.t, "the commit to be published after "+after, func() bool { return p.last() == before+2 })
	p.t.Logf("published %.1f s after %s", time.Since(began).Seconds(), after)
}

// grow commits so many organizations that there are n records.
func (p *pack) grow(n int) {
	p.t.Helper()
	const sample = 18
	for i := range n - sample {
		id := fmt.Sprintf("extra-%d", i)
		path := filepath.Join(p.repo.dir, "dataset", "organizations", id+".yaml")
		if err := os.WriteFile(path, fmt.Appendf(nil, "id: %s\nname: Extra %d\nkind: other\n", id, i), 0o600); err != nil {
			p.t.Fatal(err)
		}
	}
	p.repo.commit("Import many")
}

func (p *pack) open(c *streamtest.Cluster) jetstream.Stream {
	p.t.Helper()
	nc, err := nats.Connect(c.Addresses())
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		p.t.Fatal(err)
	}
	s, err := js.Stream(p.t.Context(), leiden)
	if err != nil {
		p.t.Fatal(err)
	}
	return s
}

// checkChunks proves that the first import is there once, in batches that
// the broker takes by default.
func (p *pack) checkChunks(records int) {
	p.t.Helper()
	const limit = 1000
	consumer, err := p.stream.OrderedConsumer(p.t.Context(), jetstream.OrderedConsumerConfig{})
	if err != nil {
		p.t.Fatal(err)
	}
	messages, err := consumer.Messages()
	if err != nil {
		p.t.Fatal(err)
	}
	defer messages.Stop()
	batches, total := make(map[string]int), 0
	for pending := uint64(1); pending > 0; total++ {
		m, err := messages.Next(jetstream.NextContext(p.t.Context()))
		if err != nil {
			p.t.Fatal(err)
		}
		meta, err := m.Metadata()
		if err != nil {
			p.t.Fatal(err)
		}
		pending = meta.NumPending
		batches[m.Headers().Get("Nats-Batch-Id")]++
	}
	for _, n := range batches {
		if n > limit {
			p.t.Errorf("a batch has %d messages", n)
		}
	}
	if total != records+1 || len(batches) != 3 {
		p.t.Errorf("%d records made %d messages in %d batches: %v", records, total, len(batches), batches)
	}
}
