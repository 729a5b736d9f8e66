package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"netsync/schema/failpoint"
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

// Every place where the program can fail, in every way. The short form takes a
// few by chance; -faults.n is the number of seeds for each of all.
func TestFailuresAnywhereLoseAndDoubleNothing(t *testing.T) {
	t.Parallel()
	seeds, random := faults(t, 1)
	type failure struct {
		point, action string
		at            int
	}
	var all []failure
	for range seeds {
		for _, point := range failpoint.Points {
			for _, action := range actions {
				at := 1 + random.IntN(3)
				if strings.HasPrefix(point, "broker:") { // once in a process
					at = 1
				}
				all = append(all, failure{point, action, at})
			}
		}
	}
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	if *faultsN == 0 {
		all = all[:12]
	}
	v := newVictim(t, random)
	v.program = withFailpoints(t)
	for i, f := range all {
		hit := filepath.Join(t.TempDir(), "hit")
		v.env = []string{"NETSYNC_TEST_FAILPOINT=" + f.point + "=" + f.action + "@" + strconv.Itoa(f.at), "NETSYNC_TEST_FAILPOINT_HIT=" + hit}
		v.start()
		await(t, f.point+" to be reached", func() bool {
			if _, err := os.Stat(hit); err == nil {
				return true
			}
			if v.ended() {
				v.env[0] = "NETSYNC_TEST_FAILPOINT=" + f.point + "=" + f.action + "@1"
				v.start()
			}
			v.step(1 + random.IntN(2))
			time.Sleep(time.Duration(random.IntN(500)) * time.Millisecond) // chance puts commits before, in and after a pass
			return false
		})
		v.env = nil
		if f.action == "kill" {
			await(t, "the process to end", v.ended)
		}
		// Every other time the process goes on with what it has.
		if i%2 == 0 || v.ended() {
			v.kill()
			v.start()
		}
		v.settle()
		v.checkChannels()
		v.checkStream()
		if t.Failed() {
			t.Fatalf("after %+v", f)
		}
		v.kill()
	}
	v.start()
	verdict := v.judge()
	t.Logf("%d failures at %d places, %d commits: %d events in %d changesets, %d problems",
		len(all), len(failpoint.Points), len(v.data.Commits), verdict.Events, verdict.Changesets, len(verdict.Problems))
}
