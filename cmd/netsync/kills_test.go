package main

import (
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"netsync/cmd/internal/process"
	"netsync/schema/testkit/npmtest"
)

// calm is how often a process is let alone until it is done, which tells how
// long one needs on this machine at this moment.
const calm = 10

// oneHistory is how many kills a dataset meets: with each it grows, and with it
// what a start has to read.
const oneHistory = 100

func TestKillsLoseAndDoubleNothing(t *testing.T) {
	t.Parallel()
	n, random := faults(t, npmtest.Rounds(5, 50))
	for begun := 0; begun < n; begun += oneHistory {
		own := rand.New(rand.NewPCG(random.Uint64(), 0))
		t.Run(strconv.Itoa(begun), func(t *testing.T) {
			t.Parallel()
			killedTimes(t, min(oneHistory, n-begun), own)
		})
	}
}

// killedTimes tells a history in which the process is killed n times.
func killedTimes(t *testing.T, n int, random *rand.Rand) {
	v := newVictim(t, random)
	var needs time.Duration
	var met [3]int // kills before the website moved, between, and when all was shown
	for i := range n {
		v.makeCommits(random.IntN(4))
		before := v.shows(process.RoleWebsite)
		began := time.Now()
		v.start()
		if i%calm == 0 {
			v.settle()
			needs = time.Since(began)
		}
		// Chance puts the kill anywhere: before there is anything, in the
		// middle of it, and soon after all is done.
		deadline := time.Now().Add(time.Duration(random.Int64N(int64(needs * 5 / 4))))
		if random.IntN(3) == 0 {
			v.makeCommits(1) // while it is at work
		}
		time.Sleep(time.Until(deadline))
		if random.IntN(5) == 0 {
			v.interrupt()
			time.Sleep(time.Duration(random.Int64N(int64(needs / 10))))
		}
		v.kill()
		v.checkChannels()
		switch tip := v.data.Tip().SHA; {
		case v.shows(process.RoleNewsletter) == tip && v.shows(process.RoleFeed) == tip:
			met[2]++
		case v.shows(process.RoleWebsite) != before:
			met[1]++
		default:
			met[0]++
		}
		if t.Failed() {
			t.Fatalf("after kill %d", i+1)
		}
	}
	v.start()
	verdict := v.judgeStream()
	t.Logf("%d kills (%d before readers saw anything new, %d between channels, %d at rest), %d commits: %d events in %d changesets, %d problems",
		n, met[0], met[1], met[2], len(v.data.Commits), verdict.Events, verdict.Changesets, len(verdict.Problems))
}
