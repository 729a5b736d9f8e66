package release

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

func sameInode(t *testing.T, a, b string) bool {
	t.Helper()
	infoA, err := os.Lstat(a)
	if err != nil {
		t.Fatal(err)
	}
	infoB, err := os.Lstat(b)
	if err != nil {
		t.Fatal(err)
	}
	return os.SameFile(infoA, infoB)
}

func TestEqualFilesShareAnInode(t *testing.T) {
	d := mustOpen(t, t.TempDir())
	publish(t, d, "1", tree{"d/same": "1", "d/kept": "1", "other": "1"})
	same, kept, other := inCurrent(t, d, "d/same"), inCurrent(t, d, "d/kept"), inCurrent(t, d, "other")
	s := mustStage(t, d, "2", false, tree{"d/same": "1", "other": "2"})
	if err := s.Keep("d/kept"); err != nil {
		t.Fatal(err)
	}
	mustFlip(t, s)
	if !sameInode(t, same, inCurrent(t, d, "d/same")) || !sameInode(t, kept, inCurrent(t, d, "d/kept")) {
		t.Fatal("an equal file was not linked")
	}
	if sameInode(t, other, inCurrent(t, d, "other")) {
		t.Fatal("a changed file was linked")
	}
}

func TestFullStageHasNoLinks(t *testing.T) {
	d := mustOpen(t, t.TempDir())
	publish(t, d, "1", tree{"same": "1", "kept": "1"})
	same, kept := inCurrent(t, d, "same"), inCurrent(t, d, "kept")
	s := mustStage(t, d, "2", true, tree{"same": "1", "new": "1"})
	if err := s.Keep("kept"); err != nil {
		t.Fatal(err)
	}
	mustFlip(t, s)
	if sameInode(t, same, inCurrent(t, d, "same")) || sameInode(t, kept, inCurrent(t, d, "kept")) {
		t.Fatal("a file of a full stage was linked")
	}
}

func TestWritingOverALinkLeavesTheOldReleaseAlone(t *testing.T) {
	d := mustOpen(t, t.TempDir())
	publish(t, d, "1", tree{"a": "1"})
	old := inCurrent(t, d, "a")
	s := mustStage(t, d, "2", false, tree{"a": "1"})
	if err := s.Write("a", []byte("2")); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(old); err != nil || string(data) != "1" {
		t.Fatalf("old release holds %q, %v", data, err)
	}
	mustFlip(t, s)
	checkCurrentIs(t, d, tree{"a": "2"})
}

func TestKeepOfAnAbsentFile(t *testing.T) {
	d := mustOpen(t, t.TempDir())
	s := mustStage(t, d, "1", false, nil)
	defer s.Discard()
	if err := s.Keep("a"); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("Keep: %v", err)
	}
}

func TestWithoutLinksACopyLooksTheSame(t *testing.T) {
	d := mustOpen(t, t.TempDir())
	publish(t, d, "1", tree{"same": "1", "kept": "1", "other": "1"})
	past := time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, name := range []string{"same", "kept"} {
		if err := os.Chtimes(inCurrent(t, d, name), past, past); err != nil {
			t.Fatal(err)
		}
	}
	publish(t, d, "2", tree{"same": "1", "kept": "1"})
	for i, want := range []tree{{"same": "1", "kept": "1", "other": "2"}, {"same": "1", "kept": "1", "other": "2"}} {
		before := inCurrent(t, d, "same")
		s := mustStage(t, d, "3", false, nil)
		s.hardlink = func(string, string) error { return &os.LinkError{Op: "link", Err: syscall.EPERM} }
		for _, name := range []string{"same", "other"} {
			if err := s.Write(name, []byte(want[name])); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Keep("kept"); err != nil {
			t.Fatal(err)
		}
		if changed := mustFlip(t, s); changed != (i == 0) {
			t.Fatalf("round %d: changed = %v", i, changed)
		}
		checkCurrentIs(t, d, want)
		if i == 0 && sameInode(t, before, inCurrent(t, d, "same")) {
			t.Fatal("linked")
		}
		for _, name := range []string{"same", "kept"} {
			info, err := os.Stat(inCurrent(t, d, name))
			if err != nil || !info.ModTime().Equal(past) {
				t.Fatalf("%s modified %v, %v", name, info.ModTime(), err)
			}
		}
	}
}

// damages change a published file but not its index.
var damages = []struct {
	name string
	do   func(path string) error
	kind Kind
}{
	{"other content", func(p string) error { return os.WriteFile(p, []byte("x"), 0o644) }, Changed},
	{"longer", func(p string) error { return os.WriteFile(p, []byte("longer"), 0o644) }, Changed},
	{"removed", os.Remove, Missing},
	{"symbolic link", func(p string) error {
		return errors.Join(os.Remove(p), os.Symlink("/etc/passwd", p))
	}, Changed},
	{"folder", func(p string) error { return errors.Join(os.Remove(p), os.Mkdir(p, 0o755)) }, Missing},
}

func TestDamageIsFoundAndRepaired(t *testing.T) {
	for _, tt := range damages {
		for _, full := range []bool{false, true} {
			t.Run(tt.name, func(t *testing.T) {
				d := mustOpen(t, t.TempDir())
				files := tree{"a": "1", "b": "1"}
				publish(t, d, "1", files)
				if err := tt.do(inCurrent(t, d, "a")); err != nil {
					t.Fatal(err)
				}
				found, err := d.Check()
				if err != nil || len(found) != 1 || found[0] != (Difference{tt.kind, "a"}) {
					t.Fatalf("Check: %v, %v", found, err)
				}
				if !mustFlip(t, mustStage(t, d, "2", full, files)) {
					t.Fatal("the repaired release was dropped as equal")
				}
				checkCurrentIs(t, d, files)
			})
		}
	}
}

func TestDamagedFileIsNotKept(t *testing.T) {
	for _, tt := range damages {
		for _, full := range []bool{false, true} {
			t.Run(tt.name, func(t *testing.T) {
				d := mustOpen(t, t.TempDir())
				publish(t, d, "1", tree{"a": "1"})
				if err := tt.do(inCurrent(t, d, "a")); err != nil {
					t.Fatal(err)
				}
				s := mustStage(t, d, "2", full, nil)
				if err := s.Keep("a"); err == nil {
					t.Fatal("a damaged file was kept")
				}
				if err := s.Write("a", []byte("1")); err != nil {
					t.Fatal(err)
				}
				mustFlip(t, s)
				checkCurrentIs(t, d, tree{"a": "1"})
			})
		}
	}
}

func TestLostIndexIsRepaired(t *testing.T) {
	for _, content := range []string{"", "netsync release index 3, lines: 000000000002\n", "rubbish\n"} {
		d := mustOpen(t, t.TempDir())
		files := tree{"a": "1"}
		publish(t, d, "1", files)
		index := filepath.Join(d.Path(), "releases", "index.log")
		if err := os.Remove(index); err != nil {
			t.Fatal(err)
		}
		if content != "" {
			if err := os.WriteFile(index, []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		d = mustOpen(t, d.Path())
		checkCurrentIs(t, d, files)
		if _, err := d.Check(); !errors.Is(err, ErrNoIndex) {
			t.Fatalf("Check: %v", err)
		}
		if !publish(t, d, "2", files) {
			t.Fatal("a release without an index was taken for equal")
		}
		if found, err := d.Check(); err != nil || len(found) > 0 {
			t.Fatalf("Check: %v, %v", found, err)
		}
	}
}
