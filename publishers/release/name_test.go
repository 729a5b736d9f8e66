package release

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestHostileNamesAreRefused(t *testing.T) {
	d := mustOpen(t, filepath.Join(t.TempDir(), "deep", "er"))
	s := mustStage(t, d, "1", false, nil)
	defer s.Discard()
	for _, name := range []string{
		"", ".", "..", "/", "/etc/passwd", "../x", "a/../../x", "a/..", "./a", "a/", "a//b",
		"a\x00b", "a\nb", "a\x7fb", "a\\b", `..\x`, "\xff", strings.Repeat("a", 256), strings.Repeat("ab/", 800) + "c",
	} {
		var bad *NameError
		if err := s.Write(name, nil); !errors.As(err, &bad) {
			t.Errorf("Write(%q): %v", name, err)
		}
		if err := s.Keep(name); !errors.As(err, &bad) {
			t.Errorf("Keep(%q): %v", name, err)
		}
	}
	if got := listEntries(t, d, "stages/1/new"); len(got) > 0 {
		t.Fatalf("stage holds %v", got)
	}
}

func TestHostileLabelsAreRefused(t *testing.T) {
	d := mustOpen(t, t.TempDir())
	for _, label := range []string{"", ".", "..", "a/b", "../a", "1.index", "a b", "a\x00", "ü", strings.Repeat("a", 129)} {
		var bad *NameError
		if _, err := d.Stage(label, false); !errors.As(err, &bad) {
			t.Errorf("Stage(%q): %v", label, err)
		}
	}
}

func TestForeignLinkIsNoRelease(t *testing.T) {
	for _, target := range []string{"/etc", "../x", "releases/../..", "releases/", "releases/a/b", "elsewhere"} {
		d := mustOpen(t, t.TempDir())
		if err := os.Symlink(target, filepath.Join(d.Path(), "current")); err != nil {
			t.Fatal(err)
		}
		if r, ok := d.Current(); ok {
			t.Errorf("%q was taken for release %v", target, r)
		}
		publish(t, d, "1", tree{"a": "1"})
		checkCurrentIs(t, d, tree{"a": "1"})
	}
}

func TestPlantedLinkInAStageIsNotFollowedOutside(t *testing.T) {
	for _, sub := range []string{"new", "tree"} {
		outside := t.TempDir()
		d := mustOpen(t, t.TempDir())
		s := mustStage(t, d, "1", false, nil)
		planted := filepath.Join(d.Path(), "stages", "1", sub)
		if err := errors.Join(os.RemoveAll(planted), os.Symlink(outside, planted)); err != nil {
			t.Fatal(err)
		}
		err := s.Write("d/a", []byte("1"))
		if err == nil {
			_, err = s.Flip()
		}
		if err == nil {
			t.Fatal("written through a link")
		}
		if err := s.Discard(); err != nil {
			t.Fatal(err)
		}
		if list, _ := os.ReadDir(outside); len(list) > 0 {
			t.Fatal("a file outside of the stage")
		}
	}
}

// A log that is cut short or damaged lists the releases before that, and these
// as they were.
func TestIndexSurvivesEncoding(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var releases []*indexed
		for i := range rapid.IntRange(1, 3).Draw(t, "releases") {
			files := make(map[string]entry)
			for range rapid.IntRange(0, 20).Draw(t, "files") {
				name := rapid.String().Draw(t, "name")
				if checkName(name) != nil {
					continue
				}
				e := entry{size: rapid.Int64Min(0).Draw(t, "size"), mtime: rapid.Int64().Draw(t, "mtime")}
				copy(e.sum[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "sum"))
				files[name] = e
			}
			releases = append(releases, &indexed{name: strconv.Itoa(i), time: time.Unix(0, int64(i)), index: makeIndex(files)})
		}
		data := encodeLog(releases)
		if got := decodeLog(data); !isPrefix(got, releases) || len(got.releases) != len(releases) || got.size != int64(len(data)) {
			t.Fatalf("%v, want %v", got, releases)
		}
		cut := rapid.IntRange(0, len(data)-1).Draw(t, "cut")
		if got := decodeLog(data[:cut]); !isPrefix(got, releases) || got.size > int64(cut) {
			t.Fatalf("cut at %d of %d: %v", cut, len(data), got)
		}
		data[cut] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		if got := decodeLog(data); !isPrefix(got, releases) {
			t.Fatalf("damaged at %d of %d: %v", cut, len(data), got)
		}
	})
}

func decodeLog(data []byte) logState {
	var s logState
	s.decode(data)
	return s
}

// encodeLog returns the log of releases.
func encodeLog(releases []*indexed) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, logHeading, 0)
	var sum [sha256.Size]byte
	base := &indexed{}
	for _, r := range releases {
		sum = encodeBlock(&b, r, base.name, base.index.changesTo(r.index), sum)
		base = r
	}
	return b.Bytes()
}

// isPrefix reports whether a log lists the first releases as they are.
func isPrefix(s logState, releases []*indexed) bool {
	for i, r := range s.releases {
		if i >= len(releases) || r.name != releases[i].name || !r.time.Equal(releases[i].time) || !r.index.hasSameFiles(releases[i].index) {
			return false
		}
	}
	return true
}

func TestANameIsNotUsedAgain(t *testing.T) {
	d := mustOpen(t, t.TempDir())
	d.Keep = 1
	seen := make(map[string]bool)
	for round := range 12 { // with one label, as a theme that is changed again and again has
		publish(t, d, "7", tree{"a": strconv.Itoa(round)})
		now, ok := d.Current()
		if !ok || seen[now.Name] {
			t.Fatalf("release %d is %q, as one before", round, now.Name)
		}
		seen[now.Name] = true
	}
	publish(t, d, "8", tree{"a": "x"})
	if now, _ := d.Current(); now.Name != "8" {
		t.Errorf("the first release with the label 8 is %q", now.Name)
	}
}

// makeIndex returns an index of files.
func makeIndex(files map[string]entry) index {
	return index{}.withChanges(func(yield func(string, change) bool) {
		for name, e := range files {
			if !yield(name, change{entry: e}) {
				return
			}
		}
	})
}

// hasSameFiles reports whether two releases have the same names with the same
// content and time.
func (x index) hasSameFiles(o index) bool { return x.count == o.count && len(x.changesTo(o)) == 0 }
