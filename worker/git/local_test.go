package git_test

import (
	"os"
	"path/filepath"
	"testing"
)

func TestARepositoryOnThisMachineIsReadWithoutAFetch(t *testing.T) {
	t.Parallel()
	s := newSource(t)
	ids := s.commits(commit{files: files("a")})
	dir := filepath.Join(t.TempDir(), "mirror")
	m := mirrorAt(t, s, "main", dir)
	for range 3 {
		tip, err := m.Tip(t.Context())
		if err != nil || tip != ids[len(ids)-1] {
			t.Fatalf("Tip() = %s, %v, want %s", tip, err, ids[len(ids)-1])
		}
		if has, err := m.Has(t.Context(), tip); err != nil || !has {
			t.Fatalf("Has() = %t, %v", has, err)
		}
		if data, err := m.File(t.Context(), tip, "a", 100); err != nil || len(data) == 0 {
			t.Errorf("File() = %q, %v", data, err)
		}
		ids = s.commits(commit{files: files("a", "b")}) // seen by the readers that run already
		s.git("repack", "-a", "-d", "-q")
	}
	if packs, err := filepath.Glob(filepath.Join(dir, "objects", "pack", "*")); err != nil || len(packs) > 0 {
		t.Errorf("the mirror has objects of its own: %v, %v", packs, err)
	}
}

func TestAMirrorThatCannotBeReadIsRenewed(t *testing.T) {
	t.Parallel()
	s := newSource(t)
	ids := s.commits(commit{files: files("a")})
	for _, s := range []source{s, s.elsewhere()} {
		dir := filepath.Join(t.TempDir(), "mirror")
		m := mirrorAt(t, s, "main", dir)
		fetched(t, m)
		remove(t, filepath.Join(dir, "objects"))
		mkdir(t, filepath.Join(dir, "objects"))
		if err := m.Renew(t.Context(), ids[0]); err != nil {
			t.Fatal(err)
		}
		if data, err := m.File(t.Context(), ids[0], "a", 100); err != nil || len(data) == 0 {
			t.Errorf("File() = %q, %v", data, err)
		}
	}
}

func TestShallowRepositoriesAndMirrorsAreRead(t *testing.T) {
	t.Parallel()
	s := newSource(t)
	ids := s.commits(commit{files: files("a")}, commit{parents: []int{1}, files: files("b")}, commit{parents: []int{2}, files: files("c")})
	shallow := source{tb: t, dir: filepath.Join(t.TempDir(), "shallow.git")}
	s.run(nil, "clone", "--quiet", "--bare", "--depth=1", "file://"+s.dir, shallow.dir)
	for _, from := range []source{shallow, shallow.elsewhere()} {
		m := mirror(t, from, "main")
		tip := fetched(t, m)
		if data, err := m.File(t.Context(), tip, "c", 100); err != nil || len(data) == 0 {
			t.Errorf("File() = %q, %v", data, err)
		}
	}

	// A mirror that somebody made shallow becomes whole with the next fetch.
	dir := filepath.Join(t.TempDir(), "mirror")
	if err := os.CopyFS(dir, os.DirFS(shallow.dir)); err != nil {
		t.Fatal(err)
	}
	m := mirrorAt(t, s.elsewhere(), "main", dir)
	more := s.commits(commit{files: files("x")}, commit{branch: "old", files: files("y")})
	s.git("update-ref", "refs/heads/main", string(more[0]))
	fetched(t, m)
	s.git("update-ref", "refs/heads/main", string(ids[2]))
	fetched(t, m)
	if touches, err := m.Log(t.Context(), ids[0], ids[2], ""); err != nil || len(touches) != 2 {
		t.Errorf("Log() = %d commits, %v, want 2", len(touches), err)
	}
}

// What is damaged in a repository on this machine is told, and not read.
func TestADamagedLooseObjectIsTold(t *testing.T) {
	t.Parallel()
	s := newSource(t)
	s.commits(commit{files: files("a")})
	m := mirror(t, s, "main")
	tip := fetched(t, m)
	blob := s.git("rev-parse", "main:a")
	cutOff(t, filepath.Join(s.dir, "objects", blob[:2], blob[2:]))
	if data, err := m.File(t.Context(), tip, "a", 100); err == nil {
		t.Errorf("File() = %q", data)
	}
}
