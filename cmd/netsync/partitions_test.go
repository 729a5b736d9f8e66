package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"netsync/cmd/internal/chaos"
	"netsync/schema/stream/streamtest"
)

// resumeLimit is how long publishing may take to go on once a network is back.
const resumeLimit = 30 * time.Second

// A siege is a cluster of three brokers and two workers, each on a machine of
// its own, on a dataset that changes all the time.
type siege struct {
	*shippedCluster
	t       *testing.T
	random  *rand.Rand // of faults alone, so that a seed repeats them
	pace    *rand.Rand // of commits
	lab     *lab
	data    *chaos.Dataset
	workers []*runningProcess
	nc      *nats.Conn
	js      jetstream.JetStream
}

var (
	brokerMachines = []string{"n1", "n2", "n3"}
	workerMachines = []string{"w1", "w2"}
)

func newSiege(t *testing.T, random *rand.Rand) *siege {
	t.Helper()
	pace := rand.New(rand.NewPCG(random.Uint64(), 0))
	s := &siege{t: t, random: random, pace: pace, lab: newLab(t, append(brokerMachines, workerMachines...)...)}
	run := streamtest.ClusterConfig{
		File: shippedFor(t, chaos.ID),
		Wrap: func(node int, command []string) []string { return append(s.lab.way(brokerMachines[node]), command...) },
	}
	for _, m := range brokerMachines {
		run.Hosts = append(run.Hosts, s.lab.hostOf(m))
	}
	s.shippedCluster = startShipped(t, run)
	var err error
	if s.data, err = chaos.New(filepath.Join(t.TempDir(), "dataset"), pace); err != nil {
		t.Fatal(err)
	}
	config := s.config("worker", fmt.Sprintf("  replicas: 3\n  max_batch: %d\ndataset: {repository: %s, schedule: '@every 1s'}\n", smallBatch, s.data.Dir))
	for _, m := range workerMachines {
		s.workers = append(s.workers, startRunIn(t, s.lab.way(m), t.TempDir(), "--only", "worker", "-c", config))
	}
	s.nc, s.js = s.shippedCluster.connect("operator")
	return s
}

// A fault disturbs a siege until it is healed.
type fault struct {
	name   string
	weight int
	begin  func(s *siege) (end func())
}

var sieges = []fault{
	{"the leader is cut off", 3, func(s *siege) func() { return s.cut(s.leader().Name) }},
	{"a broker is cut off", 2, func(s *siege) func() { return s.cut(pick(s.random, brokerMachines)) }},
	{"a worker is cut off", 3, func(s *siege) func() { return s.cut(pick(s.random, workerMachines)) }},
	{"both workers are cut off", 1, func(s *siege) func() { return s.cut(workerMachines...) }},
	{"a broker and a worker are split from the rest", 3, func(s *siege) func() {
		s.lab.move(pick(s.random, brokerMachines), apart)
		s.lab.move(pick(s.random, workerMachines), apart)
		return s.lab.heal
	}},
	{"two brokers and a worker are split from the rest", 2, func(s *siege) func() {
		alone := s.random.IntN(len(brokerMachines))
		for i, m := range brokerMachines {
			if i != alone {
				s.lab.move(m, apart)
			}
		}
		s.lab.move(pick(s.random, workerMachines), apart)
		return s.lab.heal
	}},
	{"no broker hears another", 1, func(s *siege) func() { return s.cut(brokerMachines...) }},
	{"the leader is killed", 3, func(s *siege) func() {
		leader := s.leader()
		leader.Kill()
		return leader.Start
	}},
	{"the leader hangs", 1, func(s *siege) func() {
		leader := s.leader()
		leader.Pause()
		return leader.Resume
	}},
	{"a worker is killed", 1, func(s *siege) func() {
		worker := pick(s.random, s.workers)
		worker.kill()
		return worker.start
	}},
}

func pick[T any](random *rand.Rand, all []T) T { return all[random.IntN(len(all))] }

func (s *siege) cut(machines ...string) func() {
	s.t.Helper()
	for _, m := range machines {
		s.lab.move(m, nowhere)
	}
	return s.lab.heal
}

func (s *siege) leader() *streamtest.Node { return s.Leader(s.t, s.js, "netsync-"+chaos.ID) }

// fault chooses one, by weight.
func (s *siege) fault() fault {
	var all []fault
	for _, f := range sieges {
		all = append(all, slices.Repeat([]fault{f}, f.weight)...)
	}
	return pick(s.random, all)
}

// work makes commits for so long.
func (s *siege) work(d time.Duration) {
	s.t.Helper()
	for deadline := time.Now().Add(d); ; {
		if what, err := s.data.Step(); err != nil {
			s.t.Fatalf("%s: %v", what, err)
		}
		pause := time.Duration(50+s.pace.IntN(400)) * time.Millisecond
		if time.Now().Add(pause).After(deadline) {
			return
		}
		time.Sleep(pause)
	}
}

// length of a fault: most are shorter than anybody notices one in, some are
// longer than that, and a few outlast every patience.
func (s *siege) length() time.Duration {
	const short, long, outlasting = 4 * time.Second, 20 * time.Second, time.Minute
	switch n := s.random.IntN(40); {
	case n == 0:
		return outlasting
	case n < 10:
		return time.Duration(s.random.Int64N(int64(long)))
	}
	return time.Duration(s.random.Int64N(int64(short)))
}

// resumed makes a commit and waits until it is published; it returns how long
// that took.
func (s *siege) resumed(after string) time.Duration {
	s.t.Helper()
	began := time.Now()
	if err := s.data.Settle(); err != nil {
		s.t.Fatal(err)
	}
	for tip := s.data.Tip().SHA; s.published() != tip; time.Sleep(100 * time.Millisecond) {
		if time.Since(began) > resumeLimit {
			s.t.Fatalf("nothing was published for %s after %s", resumeLimit, after)
		}
	}
	return time.Since(began)
}

// published is the commit of the last changeset; "" where nobody says.
func (s *siege) published() string {
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Second)
	defer cancel()
	stream, err := s.js.Stream(ctx, "netsync-"+chaos.ID)
	if err != nil {
		return ""
	}
	m, err := stream.GetLastMsgForSubject(ctx, "netsync."+chaos.ID+".changeset")
	if err != nil {
		return ""
	}
	var e struct{ Data struct{ Commit string } }
	if err := json.Unmarshal(m.Data, &e); err != nil {
		s.t.Fatal(err)
	}
	return e.Data.Commit
}

func TestPartitionsLoseAndDoubleNothing(t *testing.T) {
	t.Parallel()
	n, random := faults(t, 5)
	s := newSiege(t, random)
	s.resumed("the start")
	var longest, sum time.Duration
	for i := range n {
		f, d := s.fault(), s.length()
		end := f.begin(s)
		s.work(d)
		end()
		took := s.resumed(f.name)
		longest, sum = max(longest, took), sum+took
		t.Logf("%d: %s for %.1f s: published %.1f s after it", i+1, f.name, d.Seconds(), took.Seconds())
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	verdict, err := chaos.Judge(ctx, s.nc, s.data)
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range verdict.Problems {
		t.Error(problem)
	}
	t.Logf("%d faults, %d commits: %d events in %d changesets, %d problems; publishing went on after %.1f s on average, %.1f s at most",
		n, len(s.data.Commits), verdict.Events, verdict.Changesets, len(verdict.Problems), sum.Seconds()/float64(max(n, 1)), longest.Seconds())
}
