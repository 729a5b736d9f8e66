package release

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
)

// tb holds the common methods of *testing.T and *rapid.T.
type tb interface {
	Helper()
	Fatalf(format string, args ...any)
}

// tree is a release: contents by file name.
type tree map[string]string

func mustOpen(t tb, dir string) *Dir {
	t.Helper()
	d, err := Open(dir)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	return d
}

func mustStage(t tb, d *Dir, label string, full bool, files tree) *Stage {
	t.Helper()
	s, err := d.Stage(label, full)
	if err != nil {
		t.Fatalf("Stage: %v", err)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := s.Write(name, []byte(files[name])); err != nil {
			t.Fatalf("Write(%q): %v", name, err)
		}
	}
	return s
}

func mustFlip(t tb, s *Stage) bool {
	t.Helper()
	changed, err := s.Flip()
	if err != nil {
		t.Fatalf("Flip: %v", err)
	}
	return changed
}

func publish(t tb, d *Dir, label string, files tree) bool {
	t.Helper()
	return mustFlip(t, mustStage(t, d, label, false, files))
}

// readCurrent reads the current release through a link that is resolved once.
func readCurrent(t tb, d *Dir) tree {
	t.Helper()
	r, ok := d.Current()
	if !ok {
		return nil
	}
	got := make(tree)
	err := fs.WalkDir(r.FS(), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := fs.ReadFile(r.FS(), name)
		got[name] = string(data)
		return err
	})
	if err != nil {
		t.Fatalf("read current: %v", err)
	}
	return got
}

func checkCurrentIs(t tb, d *Dir, want tree) {
	t.Helper()
	if got := readCurrent(t, d); !maps.Equal(got, want) {
		t.Fatalf("readers see %v, want %v", got, want)
	}
}

// listEntries lists a folder of the channel.
func listEntries(t testing.TB, d *Dir, sub string) []string {
	t.Helper()
	list, err := os.ReadDir(filepath.Join(d.Path(), sub))
	if err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}

// inCurrent returns the path of a file of the current release.
func inCurrent(t testing.TB, d *Dir, name string) string {
	t.Helper()
	r, ok := d.Current()
	if !ok {
		t.Fatal("no release")
	}
	return filepath.Join(r.Path, filepath.FromSlash(name))
}

// crash ends a stage as the end of the process would: nothing is removed, and
// the locks are released.
func crash(t testing.TB, s *Stage) {
	t.Helper()
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
}

// inode returns the inode of a folder.
func inode(t testing.TB, path string) uint64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return reflect.Indirect(reflect.ValueOf(info.Sys())).FieldByName("Ino").Uint()
}
