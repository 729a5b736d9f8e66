package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"netsync/cmd/internal/chaos"
	"netsync/cmd/internal/cli"
	"netsync/cmd/internal/process"
	"netsync/schema/stream/streamtest"
)

// The long forms of the tests that disturb netsync, and the way to repeat a
// run: go test ./cmd/netsync -run Kills -faults.n 1000 -faults.seed 42
var (
	faultsN    = flag.Int("faults.n", 0, "how many faults a test makes; 0 is its short form")
	faultsSeed = flag.Uint64("faults.seed", 0, "seed of a run to repeat; 0 is a new one")
)

// faults returns how many faults a test makes, and their source of chance.
func faults(t *testing.T, short int) (n int, random *rand.Rand) {
	t.Helper()
	seed := *faultsSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	if n = *faultsN; n == 0 {
		n = short
	}
	t.Logf("seed %d, %d faults: repeat with -run '^%s$' -faults.n %d -faults.seed %d", seed, n, t.Name(), n, seed)
	return n, rand.New(rand.NewPCG(seed, 0))
}

// A victim is a netsync run on a dataset that changes all the time.
type victim struct {
	t    *testing.T
	data *chaos.Dataset
	dir  string
	log  *os.File

	program string   // "" is the one under test
	env     []string // for the process besides ours
	cmd     *exec.Cmd
	done    chan struct{} // closed when the process has ended
}

// smallBatch makes imports go to the broker in several chunks.
const smallBatch = 50

func newVictim(t *testing.T, random *rand.Rand) *victim {
	t.Helper()
	dir := t.TempDir()
	data, err := chaos.New(filepath.Join(dir, "dataset"), random)
	if err != nil {
		t.Fatal(err)
	}
	return victimOn(t, dir, data)
}

// victimOn is newVictim on a dataset that lies in a folder.
func victimOn(t *testing.T, dir string, data *chaos.Dataset) *victim {
	t.Helper()
	config := fmt.Sprintf(`dataset: {repository: %s, schedule: "@every 1s"}
nats: {listen: "127.0.0.1:0", max_batch: %d}
http: {listen: "127.0.0.1:0", admin_listen: "127.0.0.1:0"}
data_dir: %s
`, data.Dir, smallBatch, filepath.Join(dir, "data"))
	if err := os.WriteFile(filepath.Join(dir, "netsync.yaml"), []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	v := &victim{t: t, data: data, dir: dir, log: log}
	t.Cleanup(func() {
		v.kill()
		if t.Failed() {
			v.showLog()
		}
		log.Close()
	})
	return v
}

func (v *victim) config() string  { return filepath.Join(v.dir, "netsync.yaml") }
func (v *victim) dataDir() string { return filepath.Join(v.dir, "data") }

// start starts the process, and does not wait for anything.
func (v *victim) start() {
	v.t.Helper()
	v.cmd = program("run", "-c", v.config())
	if v.program != "" {
		v.cmd.Path = v.program
	}
	v.cmd.Env = append(v.cmd.Env, v.env...)
	v.cmd.Stderr = v.log
	if err := v.cmd.Start(); err != nil {
		v.t.Fatal(err)
	}
	cmd, done := v.cmd, make(chan struct{})
	v.done = done
	go func() {
		_ = cmd.Wait() // a kill is no failure
		close(done)
	}()
}

// ended reports whether there is no process any more.
func (v *victim) ended() bool {
	if v.cmd == nil {
		return true
	}
	select {
	case <-v.done:
		return true
	default:
		return false
	}
}

// kill ends the process by SIGKILL, if there is one.
func (v *victim) kill() {
	if v.cmd == nil {
		return
	}
	_ = v.cmd.Process.Kill() // it may have ended
	<-v.done
	v.cmd = nil
}

// interrupt asks the process to end.
func (v *victim) interrupt() { _ = v.cmd.Process.Signal(syscall.SIGTERM) }

// makeCommits makes random commits.
func (v *victim) makeCommits(n int) {
	v.t.Helper()
	for range n {
		if what, err := v.data.Step(); err != nil {
			v.t.Fatalf("%s: %v", what, err)
		}
	}
}

// shows is the commit that readers of a channel see; "" before the first.
func (v *victim) shows(name string) string {
	v.t.Helper()
	shown, _, err := chaos.Channel(v.dataDir(), name)
	if err != nil {
		v.t.Fatal(err)
	}
	return shown.Commit
}

// checkChannels holds what readers see at this moment against P3.
func (v *victim) checkChannels() {
	v.t.Helper()
	wrong, err := chaos.Website(v.dataDir())
	if err != nil {
		v.t.Fatal(err)
	}
	if wrong != "" {
		v.t.Error(wrong)
	}
	site, _, err := chaos.Channel(v.dataDir(), "website")
	if err != nil {
		v.t.Fatal(err)
	}
	for _, name := range []string{"feed", "newsletter"} {
		shown, _, err := chaos.Channel(v.dataDir(), name)
		if err != nil {
			v.t.Fatal(err)
		}
		if shown.Sequence > site.Sequence {
			v.t.Errorf("the %s shows message %d, the website it links to %d", name, shown.Sequence, site.Sequence)
		}
	}
}

// settle lets the process come to rest, undisturbed.
func (v *victim) settle() {
	v.t.Helper()
	if err := v.data.Settle(); err != nil {
		v.t.Fatal(err)
	}
	tip := v.data.Tip().SHA
	for _, name := range process.ChannelNames() {
		streamtest.Eventually(v.t, name+" to show the last commit", func() bool {
			shown, _, err := chaos.Channel(v.dataDir(), name)
			return err == nil && shown.Commit == tip
		})
	}
}

// checkStream judges the whole stream.
func (v *victim) checkStream() chaos.Verdict {
	v.t.Helper()
	verdict, err := v.readStream()
	if err != nil {
		v.t.Fatal(err)
	}
	for _, problem := range verdict.Problems {
		v.t.Error(problem)
	}
	return verdict
}

// judgeStream lets the process come to rest and judges everything.
func (v *victim) judgeStream() chaos.Verdict {
	v.t.Helper()
	v.settle()
	v.checkChannels()
	verdict := v.checkStream()
	for _, name := range process.ChannelNames() {
		if shown, _, _ := chaos.Channel(v.dataDir(), name); shown.Changeset != verdict.Changeset || shown.StateDigest != verdict.StateDigest {
			v.t.Errorf("%s shows %+v, the stream %s", name, shown, verdict.Changeset)
		}
	}
	if out, code := netsync(v.t, "verify", "-c", v.config()); code != cli.ExitDone {
		v.t.Errorf("netsync verify: exit code %d\n%s", code, out)
	}
	return verdict
}

func (v *victim) readStream() (chaos.Verdict, error) {
	data, err := os.ReadFile(filepath.Join(v.dataDir(), "broker.json"))
	if err != nil {
		return chaos.Verdict{}, err
	}
	var broker struct{ URL string }
	if err := json.Unmarshal(data, &broker); err != nil {
		return chaos.Verdict{}, err
	}
	nc, err := nats.Connect(broker.URL)
	if err != nil {
		return chaos.Verdict{}, err
	}
	defer nc.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return chaos.Judge(ctx, nc, v.data)
}

// showLog prints the end of what the processes logged.
func (v *victim) showLog() {
	data, err := os.ReadFile(v.log.Name())
	if err != nil {
		v.t.Log(err)
	}
	lines := strings.Split(string(data), "\n")
	v.t.Logf("the last log lines:\n%s", strings.Join(lines[max(0, len(lines)-25):], "\n"))
}
