package release

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"netsync/schema/testkit/npmtest"
)

func TestFlipShowsExactlyWhatWasStaged(t *testing.T) {
	tests := []struct {
		name     string
		releases []tree
	}{
		{"first", []tree{{"index.html": "a"}}},
		{"empty", []tree{{}}},
		{"changed", []tree{{"a": "1", "b": "2"}, {"a": "1", "b": "3"}}},
		{"added and removed", []tree{{"a": "1", "d/b": "2"}, {"a": "1", "d/e/c": "3"}}},
		{"all removed", []tree{{"a": "1"}, {}}},
		{"file becomes folder", []tree{{"a": "1"}, {"a/b": "1"}, {"a": "1"}}},
		{"content moves", []tree{{"a": "1", "b": "2"}, {"a": "2", "b": "1"}}},
		{"empty file", []tree{{"a": ""}, {"a": "", "b": ""}}},
		{"names of the layout", []tree{{"current": "1", "x.index": "2", "releases/1": "3"}}},
		{"odd but fine", []tree{{".well-known/a b": "1", "ü/…": "2", "-rf": "3", "a..b": "4"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := mustOpen(t, t.TempDir())
			for i, files := range tt.releases {
				if !publish(t, d, fmt.Sprintf("%06d", i), files) {
					t.Fatalf("release %d was not flipped", i)
				}
				checkCurrentIs(t, d, files)
				if found, err := d.Check(); err != nil || len(found) > 0 {
					t.Fatalf("Check: %v, %v", found, err)
				}
			}
		})
	}
}

func TestCurrentIsARelativeLink(t *testing.T) {
	d := mustOpen(t, t.TempDir())
	if _, ok := d.Current(); ok {
		t.Fatal("a release before the first flip")
	}
	publish(t, d, "000007", tree{"a": "1"})
	target, err := os.Readlink(filepath.Join(d.Path(), "current"))
	if err != nil || target != "releases/000007" {
		t.Fatalf("current -> %q, %v", target, err)
	}
	if got := listEntries(t, d, "."); !slices.Equal(got, []string{"current", "releases", "stages"}) {
		t.Fatalf("folder holds %v", got)
	}
}

func TestReadFileReadsCurrent(t *testing.T) {
	d := mustOpen(t, t.TempDir())
	if _, err := d.ReadFile("a"); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("before the first release: %v", err)
	}
	publish(t, d, "1", tree{"a": "1"})
	if data, err := d.ReadFile("a"); err != nil || string(data) != "1" {
		t.Fatalf("ReadFile = %q, %v", data, err)
	}
	if _, err := d.ReadFile("b"); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("absent file: %v", err)
	}
	var bad *NameError
	if _, err := d.ReadFile("../000001.index"); !errors.As(err, &bad) {
		t.Fatalf("hostile name: %v", err)
	}
}

func TestEqualReleaseIsDropped(t *testing.T) {
	files := tree{"a": "1", "d/b": "2"}
	for _, full := range []bool{false, true} {
		d := mustOpen(t, t.TempDir())
		publish(t, d, "1", files)
		before, _ := d.Current()
		if mustFlip(t, mustStage(t, d, "2", full, files)) {
			t.Fatalf("full=%v: an equal release was flipped", full)
		}
		if now, _ := d.Current(); now != before {
			t.Fatalf("full=%v: current went from %v to %v", full, before, now)
		}
		if got := listEntries(t, d, "stages"); len(got) > 0 {
			t.Fatalf("full=%v: stages holds %v", full, got)
		}
		if got := listEntries(t, d, "releases"); !slices.Equal(got, []string{"1", "index.log"}) {
			t.Fatalf("full=%v: releases holds %v", full, got)
		}
	}
}

func TestTakenLabelGetsASuffix(t *testing.T) {
	d := mustOpen(t, t.TempDir())
	publish(t, d, "7", tree{"a": "1"})
	waiting := mustStage(t, d, "7", false, tree{"a": "2"})
	last := mustStage(t, d, "7", false, tree{"a": "3"})
	if waiting.Name() != "7-2" || last.Name() != "7-3" {
		t.Fatalf("names %q and %q", waiting.Name(), last.Name())
	}
	mustFlip(t, last)
	checkCurrentIs(t, d, tree{"a": "3"})
}

func TestOlderStageIsRefused(t *testing.T) {
	d := mustOpen(t, t.TempDir())
	slow := mustStage(t, d, "1", false, tree{"a": "old"})
	other := mustOpen(t, d.Path())
	publish(t, other, "2", tree{"a": "new"})
	if changed, err := slow.Flip(); changed || !errors.Is(err, ErrMoved) {
		t.Fatalf("Flip = %v, %v", changed, err)
	}
	checkCurrentIs(t, d, tree{"a": "new"})
	if got := listEntries(t, d, "stages"); len(got) > 0 {
		t.Fatalf("stages holds %v", got)
	}
}

func TestOldReleasesBeyondKeepGo(t *testing.T) {
	for _, tt := range []struct{ keep, want int }{{0, 4}, {1, 2}, {5, 6}, {-1, 1}} {
		d := mustOpen(t, t.TempDir())
		d.Keep = tt.keep
		for i := range 8 {
			publish(t, d, fmt.Sprintf("%06d", i), tree{"a": fmt.Sprint(i)})
		}
		var want []string
		for i := 8 - tt.want; i < 8; i++ {
			want = append(want, fmt.Sprintf("%06d", i))
		}
		want = append(want, "index.log")
		if got := listEntries(t, d, "releases"); !slices.Equal(got, want) {
			t.Fatalf("Keep %d: releases holds %v, want %v", tt.keep, got, want)
		}
	}
}

func TestStageIsOverAfterFlipAndDiscard(t *testing.T) {
	d := mustOpen(t, t.TempDir())
	flipped := mustStage(t, d, "1", false, tree{"a": "1"})
	mustFlip(t, flipped)
	dropped := mustStage(t, d, "2", false, tree{"a": "2"})
	if err := dropped.Discard(); err != nil {
		t.Fatal(err)
	}
	for _, s := range []*Stage{flipped, dropped} {
		if err := s.Write("b", nil); !errors.Is(err, ErrClosed) {
			t.Fatalf("Write: %v", err)
		}
		if err := s.Keep("a"); !errors.Is(err, ErrClosed) {
			t.Fatalf("Keep: %v", err)
		}
		if _, err := s.Flip(); !errors.Is(err, ErrClosed) {
			t.Fatalf("Flip: %v", err)
		}
		if err := s.Discard(); err != nil {
			t.Fatalf("Discard: %v", err)
		}
	}
	checkCurrentIs(t, d, tree{"a": "1"})
}

func TestFolderInPlaceOfTheLinkIsNotTouched(t *testing.T) {
	d := mustOpen(t, t.TempDir())
	mine := filepath.Join(d.Path(), "current")
	if err := os.MkdirAll(filepath.Join(mine, "x"), 0o755); err != nil {
		t.Fatal(err)
	}
	changed, err := mustStage(t, d, "1", false, tree{"a": "1"}).Flip()
	if changed || err == nil || !strings.Contains(err.Error(), "move it away") {
		t.Fatalf("Flip = %v, %v", changed, err)
	}
	if _, err := os.Stat(filepath.Join(mine, "x")); err != nil {
		t.Fatal(err)
	}
	if got := listEntries(t, d, "releases"); !slices.Equal(got, []string{"index.log"}) {
		t.Fatalf("releases holds %v", got)
	}
}

func TestFolderMayBeDeletedWhileOpen(t *testing.T) {
	d := mustOpen(t, t.TempDir())
	publish(t, d, "1", tree{"a": "1", "b": "1"})
	if err := os.RemoveAll(d.Path()); err != nil {
		t.Fatal(err)
	}
	publish(t, d, "1", tree{"a": "1"})
	checkCurrentIs(t, d, tree{"a": "1"})
	publish(t, d, "2", tree{"a": "1", "b": "2"})
	checkCurrentIs(t, d, tree{"a": "1", "b": "2"})
}

func TestManyFilesInParallel(t *testing.T) {
	d := mustOpen(t, t.TempDir())
	want := make(tree)
	for i := range 600 { // more than syncAllAbove
		want[fmt.Sprintf("data/%02d/%d.json", i%16, i)] = fmt.Sprint(i)
	}
	s := mustStage(t, d, "1", false, nil)
	var wg sync.WaitGroup
	for name, data := range want {
		wg.Go(func() {
			for _, content := range []string{"draft", data} {
				if err := s.Write(name, []byte(content)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	mustFlip(t, s)
	checkCurrentIs(t, d, want)
}

// Whatever was current, and in whatever order and how often files are written or
// kept, readers see the files that were staged last.
func TestAnySetOnTopOfAny(t *testing.T) {
	root := t.TempDir()
	segment := rapid.SampledFrom([]string{"a", "b", "c.json", "ü", ".x"})
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		d := mustOpen(rt, filepath.Join(root, fmt.Sprint(run)))
		current := tree{}
		for i := range rapid.IntRange(1, 5).Draw(rt, "releases") {
			full := rapid.Bool().Draw(rt, "full")
			s := mustStage(rt, d, fmt.Sprintf("%03d", i), full, nil)
			want := tree{}
			for range rapid.IntRange(0, 8).Draw(rt, "files") {
				depth := rapid.IntRange(1, 3).Draw(rt, "depth")
				var parts []string
				for range depth {
					parts = append(parts, segment.Draw(rt, "segment"))
				}
				name := strings.Join(parts, "/")
				content := rapid.SampledFrom([]string{"", "1", "2", "long content"}).Draw(rt, "content")
				err := s.Write(name, []byte(content))
				if err == nil {
					want[name] = content
				} else if !clashes(want, name) {
					rt.Fatalf("Write(%q): %v", name, err)
				}
			}
			for _, name := range s.Names() {
				if !rapid.Bool().Draw(rt, "keep") || clashes(want, name) {
					continue
				}
				if err := s.Keep(name); err != nil {
					rt.Fatalf("Keep(%q): %v", name, err)
				}
				want[name] = current[name]
			}
			changed := mustFlip(rt, s)
			if expected := i == 0 || !maps.Equal(want, current); changed != expected {
				rt.Fatalf("flip from %v to %v: changed = %v", current, want, changed)
			}
			checkCurrentIs(rt, d, want)
			if found, err := d.Check(); err != nil || len(found) > 0 {
				rt.Fatalf("Check: %v, %v", found, err)
			}
			current = want
		}
	})
}

// clashes reports whether a name needs a folder where a file is, or the other
// way round.
func clashes(files tree, name string) bool {
	for other := range files {
		if strings.HasPrefix(other, name+"/") || strings.HasPrefix(name, other+"/") {
			return true
		}
	}
	return false
}

// A reader that resolves current once sees one complete release during Keep
// flips.
func TestReadersNeverSeeAMixture(t *testing.T) {
	const files = 12
	flips := npmtest.Rounds(40, 200)
	d := mustOpen(t, t.TempDir())
	release := func(i int) tree {
		set := tree{"number": fmt.Sprint(i), "same": "never changes"}
		for f := range files {
			set[fmt.Sprintf("d%d/f%d", f%3, f)] = fmt.Sprint(i)
		}
		return set
	}
	publish(t, d, "000000", release(0))
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for last := 0; ; {
				select {
				case <-stop:
					return
				default:
				}
				r, ok := d.Current()
				if !ok {
					t.Error("no release during a flip")
					return
				}
				var number int
				if _, err := fmt.Sscanf(r.Name, "%06d", &number); err != nil || number < last {
					t.Errorf("release %q after %d: %v", r.Name, last, err)
					return
				}
				err := readWhole(r, release(number))
				now, _ := d.Current()
				var newest int
				fmt.Sscanf(now.Name, "%06d", &newest)
				if err != nil && newest-number <= defaultKeep {
					t.Errorf("release %d while %d is current: %v", number, newest, err)
					return
				}
				if data, err := d.ReadFile("number"); err != nil || len(data) == 0 {
					t.Errorf("ReadFile: %q, %v", data, err)
					return
				}
				last = number
			}
		})
	}
	for i := 1; i <= flips; i++ {
		publish(t, d, fmt.Sprintf("%06d", i), release(i))
	}
	close(stop)
	wg.Wait()
	checkCurrentIs(t, d, release(flips))
}

func readWhole(r Release, want tree) error {
	for name, content := range want {
		data, err := fs.ReadFile(r.FS(), name)
		if err != nil {
			return err
		}
		if string(data) != content {
			return fmt.Errorf("%s holds %q, want %q", name, data, content)
		}
	}
	return nil
}

func TestUnchangedFilesKeepTheirTime(t *testing.T) {
	d := mustOpen(t, t.TempDir())
	publish(t, d, "1", tree{"a": "1", "b": "1"})
	past := time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
	if err := os.Chtimes(inCurrent(t, d, "a"), past, past); err != nil {
		t.Fatal(err)
	}
	publish(t, d, "2", tree{"a": "1", "b": "2"})
	info, err := os.Stat(inCurrent(t, d, "a"))
	if err != nil || !info.ModTime().Equal(past) {
		t.Fatalf("modified %v, %v", info.ModTime(), err)
	}
}

func TestAFlipTellsHowLongItWaitedForTheDisk(t *testing.T) {
	d := mustOpen(t, t.TempDir())
	var flips []time.Duration
	d.Synced = func(took time.Duration) { flips = append(flips, took) }
	publish(t, d, "1", tree{"a": "1"})
	publish(t, d, "2", tree{"a": "1"}) // nothing changes
	publish(t, d, "3", tree{"a": "2"})
	if len(flips) != 2 || slices.Min(flips) <= 0 {
		t.Errorf("flips that waited: %v", flips)
	}
}

func TestReturnShowsAnOldReleaseAgain(t *testing.T) {
	t.Parallel()
	d := mustOpen(t, t.TempDir())
	for i, name := range []string{"1", "2", "3"} {
		publish(t, d, name, tree{"a": fmt.Sprint(i + 1), "same": "1"})
	}
	waiting := mustAmend(t, d, "4")
	if err := waiting.Write("a", []byte("4")); err != nil {
		t.Fatal(err)
	}
	if err := d.RollBack("1"); err != nil {
		t.Fatal(err)
	}
	checkCurrentIs(t, d, tree{"a": "1", "same": "1"})
	if changed, err := waiting.Flip(); changed || !errors.Is(err, ErrMoved) {
		t.Fatalf("a stage that was begun before: %v, %v", changed, err)
	}
	kept, err := d.Releases()
	if err != nil || len(kept) != 3 || kept[0].Name != "3" || !kept[2].Current {
		t.Fatalf("Releases: %v, %v", kept, err)
	}
	checkCurrentIs(t, mustOpen(t, d.Path()), tree{"a": "1", "same": "1"})
	amend(t, d, "5", tree{"b": "5"})
	checkCurrentIs(t, d, tree{"a": "1", "b": "5", "same": "1"})

	if err := os.WriteFile(filepath.Join(d.Path(), "releases", "2", "a"), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	var damaged *DamagedError
	if err := d.RollBack("2"); !errors.As(err, &damaged) {
		t.Errorf("to a damaged release: %v", err)
	}
	for _, name := range []string{"9", "../x", ""} {
		if err := d.RollBack(name); err == nil {
			t.Errorf("returned to %q", name)
		}
	}
	checkCurrentIs(t, d, tree{"a": "1", "b": "5", "same": "1"})
}

func TestANoteIsKeptBesideTheReleases(t *testing.T) {
	t.Parallel()
	d := mustOpen(t, t.TempDir())
	if _, err := d.ReadNote("hold.json"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("before: %v", err)
	}
	for _, text := range []string{"1", "two"} {
		if err := d.WriteNote("hold.json", []byte(text)); err != nil {
			t.Fatal(err)
		}
		if data, err := mustOpen(t, d.Path()).ReadNote("hold.json"); err != nil || string(data) != text {
			t.Errorf("%q, %v", data, err)
		}
	}
	for range 2 {
		if err := d.RemoveNote("hold.json"); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.WriteNote("../x", nil); err == nil {
		t.Error("a note outside the folder")
	}
}

// A viewer reads the index of a release once, in either form, and returns the
// files of the current release.
func TestAViewerFollowsTheReleases(t *testing.T) {
	t.Parallel()
	d := mustOpen(t, t.TempDir())
	d.RewriteOften()
	v := NewViewer(d.Path())
	if _, err := v.Current(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("before the first release: %v", err)
	}
	publish(t, d, "0", tree{"a": "0", "same": "1", "gone": "1"})
	for i := range 6 {
		amend(t, d, fmt.Sprint(i+1), tree{"a": fmt.Sprint(i + 1), "gone": ""})
		view, err := v.Current()
		if err != nil {
			t.Fatal(err)
		}
		if again, _ := v.Current(); again != view {
			t.Error("looked at twice")
		}
		f, ok := view.File("a")
		if !ok || f.Size != 1 || f.Sum != sha256.Sum256([]byte(fmt.Sprint(i+1))) {
			t.Errorf("a is %v, %v", f, ok)
		}
		if _, ok := view.File("gone"); ok || !view.HasIndex() {
			t.Error("what is gone is there")
		}
		if n := len(v.dir.log.releases); n > defaultKeep+2 {
			t.Errorf("%d indexes are remembered", n)
		}
	}
}
