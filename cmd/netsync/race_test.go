package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"netsync/cmd/internal/chaos"
	"netsync/schema/stream/streamtest"
	"netsync/schema/testkit/npmtest"
)

// TestWorkersThatRaceAreQuiet lets three workers look at the same moments, so
// that each finds what another is publishing: that is their work, and nothing
// that an operator needs to hear of.
func TestWorkersThatRaceAreQuiet(t *testing.T) {
	t.Parallel()
	npmtest.Need(t, "long")
	dir := t.TempDir()
	address := startBrokerWith(t, &server.Options{}, 0)
	data, err := chaos.New(filepath.Join(dir, "dataset"), rand.New(rand.NewPCG(1, 1)))
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "netsync.yaml")
	text := fmt.Sprintf("dataset: {repository: dataset, schedule: '@every 1s'}\nnats: {url: '%s', max_batch: %d}\nhttp: {listen: '127.0.0.1:0'}\nlog: {format: json}\n", address, smallBatch)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var workers []*runningProcess
	for range 3 {
		workers = append(workers, startRun(t, t.TempDir(), "--only", "worker", "-c", config))
	}
	for range 20 {
		if what, err := data.Step(); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		time.Sleep(200 * time.Millisecond) // commits come while workers look
	}
	if err := data.Settle(); err != nil {
		t.Fatal(err)
	}
	nc, err := nats.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	var verdict chaos.Verdict
	streamtest.Eventually(t, "the last commit to be published", func() bool {
		verdict, err = chaos.Judge(t.Context(), nc, data)
		return err == nil && strings.HasPrefix(verdict.Changeset, data.Tip().SHA)
	})
	for _, problem := range verdict.Problems {
		t.Error(problem)
	}
	for i, w := range workers {
		for line := range strings.Lines(w.lines()) {
			if !strings.HasPrefix(line, `{"level":"info"`) {
				t.Errorf("worker %d says %s", i+1, line)
			}
		}
	}
	t.Logf("%d events in %d changesets", verdict.Events, verdict.Changesets)
}
