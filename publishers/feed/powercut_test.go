package feed_test

import (
	"context"
	"flag"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"netsync/publishers/release/releasetest"
	"netsync/schema/testkit/npmtest"
)

var (
	faultsN    = flag.Int("faults.n", npmtest.Rounds(8, 30), "how many power cuts")
	faultsSeed = flag.Uint64("faults.seed", 0, "seed of a run to repeat; 0 is a new one")
)

// After a power cut at any point, readers see the feed of a complete edition:
// the last one or the one that was being published. From there the feed catches
// up to the same bytes.
func TestPowerCutsLeaveAWholeFeed(t *testing.T) {
	t.Parallel()
	seed := *faultsSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("repeat with -run '^%s$' -faults.n %d -faults.seed %d", t.Name(), *faultsN, seed)
	random := rand.New(rand.NewPCG(seed, 0))
	h := story(t)
	root := t.TempDir()
	disk, err := releasetest.Follow(root)
	if err != nil {
		t.Fatal(err)
	}
	f := open(t, filepath.Join(t.TempDir(), "unused"), 0)
	f.Dir = filepath.Join(root, "feed")
	if err := f.Observe(disk.Observe); err != nil {
		t.Fatal(err)
	}
	// The files after each edition, and the number of disk operations.
	seen, steps := []map[string]string{nil}, []int{0}
	for n := range h.entries {
		publish(t, f, h.edition(n, n+1, n == 0))
		seen, steps = append(seen, shown(t, f.Dir)), append(steps, disk.Steps())
	}
	for i := range *faultsN {
		at := random.IntN(disk.Steps() + 1)
		cut, err := disk.CutAfter(at, random)
		if err != nil {
			t.Fatal(err)
		}
		dir := filepath.Join(root+"-cuts", strconv.Itoa(i))
		if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := cut.Write(dir); err != nil {
			t.Fatal(err)
		}
		done := 0
		for done+1 < len(steps) && steps[done+1] <= at {
			done++
		}
		survive(t, h, filepath.Join(dir, "feed"), seen, done)
		if t.Failed() {
			t.Fatalf("power cut %d, after operation %d of %d, with %d editions complete", i, at, disk.Steps(), done)
		}
	}
}

// survive opens a feed after a power cut that followed complete editions, and
// updates it.
func survive(t *testing.T, h *history, dir string, seen []map[string]string, done int) {
	t.Helper()
	f := open(t, dir, 0)
	p, err := f.Position(context.Background())
	if err != nil {
		t.Error(err)
		return
	}
	shows := 0
	for n, e := range h.entries {
		if p.Sequence == e.Sequence {
			shows = n + 1
		}
	}
	if shows != done && shows != done+1 {
		t.Errorf("shows %d editions", shows)
	}
	if shows > 0 && !maps.Equal(shown(t, dir), seen[shows]) {
		t.Errorf("edition %d is not whole", shows)
	}
	if shows < len(h.entries) {
		publish(t, f, h.edition(shows, len(h.entries), shows == 0))
	}
	if whole := seen[len(seen)-1]; !maps.Equal(shown(t, dir), whole) {
		t.Error("caught up, the feed differs")
	}
}
