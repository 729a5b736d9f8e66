package main

import (
	"testing"
	"time"
)

// A killed process has about this long to come up and make its pass, so that
// a kill comes anywhere in it.
const longestLife = 1200 * time.Millisecond

func TestKillsLoseAndDoubleNothing(t *testing.T) {
	t.Parallel()
	short := 100
	if testing.Short() {
		short = 10
	}
	n, random := faults(t, short)
	v := newVictim(t, random)
	for i := range n {
		v.step(random.IntN(4))
		v.start()
		deadline := time.Now().Add(time.Duration(random.Int64N(int64(longestLife))))
		if random.IntN(3) == 0 {
			v.step(1) // while it is at work
		}
		time.Sleep(time.Until(deadline)) // chance puts the kill where it may hurt
		if random.IntN(5) == 0 {
			v.interrupt()
			time.Sleep(time.Duration(random.IntN(60)) * time.Millisecond)
		}
		v.kill()
		v.checkChannels()
		if t.Failed() {
			t.Fatalf("after kill %d", i+1)
		}
	}
	v.start()
	verdict := v.judge()
	t.Logf("%d kills, %d commits: %d events in %d changesets, %d problems",
		n, len(v.data.Commits), verdict.Events, verdict.Changesets, len(verdict.Problems))
}
