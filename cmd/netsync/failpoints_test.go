package main

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"netsync/schema/failpoint"
	"netsync/schema/stream/streamtest"
	"netsync/schema/testkit/npmtest"
)

// withFailpoints builds the program with the places where it can be made to
// fail.
func withFailpoints(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "netsync")
	if out, err := exec.Command("go", "build", "-tags", "failpoints", "-o", name, ".").CombinedOutput(); err != nil {
		t.Fatalf("build with failpoints: %v\n%s", err, out)
	}
	return name
}

var actions = []string{"kill", "error", "full"}

// A failure is a place where the program fails, how, and which time it comes
// by there.
type failure struct {
	point, action string
	at            int
}

// everyFailure is every place in every way, in random order.
func everyFailure(random *rand.Rand) []failure {
	var all []failure
	for _, point := range failpoint.Points {
		for _, action := range actions {
			at := 1 + random.IntN(3)
			if strings.HasPrefix(point, "broker:") { // once in a process
				at = 1
			}
			all = append(all, failure{point, action, at})
		}
	}
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// Every place where the program can fail, in every way. The short form takes a
// few by chance; -faults.n is the number of seeds for each of all, and each
// seed has a dataset of its own.
func TestFailuresAnywhereLoseAndDoubleNothing(t *testing.T) {
	t.Parallel()
	npmtest.Need(t, "long")
	seeds, random := faults(t, 1)
	program := withFailpoints(t)
	for n := range seeds {
		own := rand.New(rand.NewPCG(random.Uint64(), 0))
		t.Run(strconv.Itoa(n), func(t *testing.T) {
			t.Parallel()
			all := everyFailure(own)
			if *faultsN == 0 {
				all = all[:12]
			}
			v := newVictim(t, own)
			v.program = program
			for i, f := range all {
				v.meets(f, own, i%2 == 0) // every other time the process goes on with what it has
				if t.Failed() {
					t.Fatalf("after %+v", f)
				}
			}
			v.start()
			verdict := v.judgeStream()
			t.Logf("%d failures at %d places, %d commits: %d events in %d changesets, %d problems",
				len(all), len(failpoint.Points), len(v.data.Commits), verdict.Events, verdict.Changesets, len(verdict.Problems))
		})
	}
}

// meets makes the process fail while the dataset changes, and looks at what
// comes of it.
func (v *victim) meets(f failure, random *rand.Rand, restart bool) {
	hit := filepath.Join(v.t.TempDir(), "hit")
	at := func(n int) string {
		return "NETSYNC_TEST_FAILPOINT=" + f.point + "=" + f.action + "@" + strconv.Itoa(n)
	}
	v.env = []string{at(f.at), "NETSYNC_TEST_FAILPOINT_HIT=" + hit}
	v.start()
	streamtest.Eventually(v.t, f.point+" to be reached", func() bool {
		if _, err := os.Stat(hit); err == nil {
			return true
		}
		if v.ended() {
			v.env[0] = at(1)
			v.start()
		}
		v.makeCommits(1 + random.IntN(2))
		time.Sleep(time.Duration(random.IntN(500)) * time.Millisecond) // chance puts commits before, in and after a pass
		return false
	})
	v.env = nil
	if f.action == "kill" || strings.HasPrefix(f.point, "broker:") { // without a broker a process does not start
		streamtest.Eventually(v.t, "the process to end", v.ended)
	}
	if restart || v.ended() {
		v.kill()
		v.start()
	}
	v.settle()
	v.checkChannels()
	v.checkStream()
	v.kill()
}
