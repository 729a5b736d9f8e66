package release

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// After a crash after any step, readers see the old release or the new one.
// Open removes the leftovers, and the next release goes live.
func TestCrashAfterAnyStep(t *testing.T) {
	before, after := tree{"a": "1", "d/b": "1"}, tree{"a": "1", "d/b": "2", "c": "1"}
	for _, first := range []bool{true, false} {
		for n := 0; ; n++ {
			d := mustOpen(t, t.TempDir())
			old := tree(nil)
			if !first {
				old = before
				publish(t, d, "1", before)
			}
			s := mustStage(t, d, "2", false, after)
			steps := slices.Concat(s.prepareSteps(), s.flipSteps())
			if n > len(steps) {
				crash(t, s)
				break
			}
			name := "nothing"
			if n > 0 {
				name = steps[n-1].name
			}
			t.Run(fmt.Sprintf("first=%v after %s", first, name), func(t *testing.T) {
				if err := runSteps(steps[:n]); err != nil {
					t.Fatal(err)
				}
				crash(t, s)
				seen := readCurrent(t, d)
				if !maps.Equal(seen, old) && !maps.Equal(seen, after) {
					t.Fatalf("readers see %v", seen)
				}
				d := mustOpen(t, d.Path())
				checkCurrentIs(t, d, seen)
				if got := listEntries(t, d, "stages"); len(got) > 0 {
					t.Fatalf("stages holds %v", got)
				}
				if got := listEntries(t, d, "."); slices.Contains(got, "current.tmp") {
					t.Fatalf("folder holds %v", got)
				}
				publish(t, d, "2", after)
				checkCurrentIs(t, d, after)
				if found, err := d.Check(); err != nil || len(found) > 0 {
					t.Fatalf("Check: %v, %v", found, err)
				}
			})
		}
	}
}

func TestErrorInAnyStepLeavesNothingBehind(t *testing.T) {
	d := mustOpen(t, t.TempDir())
	publish(t, d, "1", tree{"a": "1"})
	// A folder with the name of the temporary link fails the last step before the flip.
	if err := os.MkdirAll(filepath.Join(d.Path(), "current.tmp", "x"), 0o755); err != nil {
		t.Fatal(err)
	}
	if changed, err := mustStage(t, d, "2", false, tree{"a": "2"}).Flip(); changed || err == nil {
		t.Fatalf("Flip = %v, %v", changed, err)
	}
	checkCurrentIs(t, d, tree{"a": "1"})
	if got := listEntries(t, d, "releases"); !slices.Equal(got, []string{"1", "index.log"}) {
		t.Fatalf("releases holds %v", got)
	}
	if got := listEntries(t, d, "stages"); len(got) > 0 {
		t.Fatalf("stages holds %v", got)
	}
}

func TestOpenLeavesALiveStageAlone(t *testing.T) {
	d := mustOpen(t, t.TempDir())
	s := mustStage(t, d, "1", false, tree{"a": "1"})
	mustOpen(t, d.Path())
	mustFlip(t, s)
	checkCurrentIs(t, d, tree{"a": "1"})
}

func TestReadBackFindsWhatTheDiskDid(t *testing.T) {
	d := mustOpen(t, t.TempDir())
	publish(t, d, "1", tree{"a": "1"})
	s := mustStage(t, d, "2", false, tree{"a": "2"})
	if err := os.WriteFile(filepath.Join(d.Path(), "stages", "2", "new", "1"), []byte("3"), 0o644); err != nil {
		t.Fatal(err)
	}
	if changed, err := s.Flip(); changed || err == nil {
		t.Fatalf("Flip = %v, %v", changed, err)
	}
	checkCurrentIs(t, d, tree{"a": "1"})
}
