package git_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"netsync/worker/git"
)

// read opens a mirror of a repository and brings its tip.
func read(t *testing.T, address string) (*git.Mirror, git.CommitID, error) {
	t.Helper()
	m := mirror(t, source{tb: t, address: address}, "main")
	tip, err := m.Tip(t.Context())
	if err != nil {
		return m, tip, err
	}
	has, err := m.Has(t.Context(), tip)
	if err == nil && !has {
		err = m.Fetch(t.Context(), tip)
	}
	return m, tip, err
}

// cloneOf clones a repository with options of git clone.
func cloneOf(t *testing.T, s source, options ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "clone")
	s.run(nil, append(append([]string{"clone", "--quiet"}, options...), "file://"+s.dir, dir)...)
	return dir
}

func TestARepositoryInTroubleIsDescribedInOneSentence(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		make func(t *testing.T, s source) string
		want []string
	}{
		"no folder": {
			func(_ *testing.T, s source) string { return s.dir + "-none" },
			[]string{"there is no such folder", "set dataset.repository"},
		},
		"an empty folder": {
			func(t *testing.T, _ source) string { return t.TempDir() },
			[]string{"the folder is empty", "netsync init"},
		},
		"no repository": {
			func(t *testing.T, _ source) string {
				dir := t.TempDir()
				replaceBy(t, filepath.Join(dir, "dataset.yaml"), "id: x\n")
				return dir
			},
			[]string{"not a Git repository", "git init"},
		},
		"a file": {
			func(_ *testing.T, s source) string { return filepath.Join(s.dir, "HEAD") },
			[]string{"it is a file", "set dataset.repository"},
		},
		"a folder within": {
			func(t *testing.T, s source) string { return filepath.Join(cloneOf(t, s), "d") },
			[]string{"a folder within the repository", "dataset.path to d"},
		},
		"an empty repository": {
			func(t *testing.T, _ source) string { return newSource(t).dir },
			[]string{"the repository is empty", "commit the dataset"},
		},
		"another branch": {
			func(_ *testing.T, s source) string { s.git("branch", "-m", "main", "master"); return s.dir },
			[]string{"no branch main; there is master: set dataset.ref"},
		},
		"many branches": {
			func(_ *testing.T, s source) string {
				for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
					s.git("branch", name, "main")
				}
				s.git("branch", "-m", "main", "z")
				return s.dir
			},
			[]string{"there are a, b, c, d, e and 2 more"},
		},
		"a partial clone": {
			func(t *testing.T, s source) string {
				s.git("config", "uploadpack.allowFilter", "true")
				return cloneOf(t, s, "--filter=blob:none", "--no-checkout")
			},
			[]string{"a partial clone", "without --filter"},
		},
		"a lender that is gone": {
			func(t *testing.T, s source) string {
				dir := filepath.Join(t.TempDir(), "clone")
				s.run(nil, "clone", "--quiet", "--shared", s.dir, dir)
				remove(t, s.dir)
				return dir
			},
			[]string{"cloned with --shared", "which is not there", "git repack"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSource(t)
			s.commits(commit{files: files("a", "d/b")})
			path := c.make(t, s)
			for _, address := range []string{path, "file://" + path} {
				_, _, err := read(t, address)
				if err == nil {
					t.Fatalf("%s can be read", address)
				}
				for _, want := range c.want {
					if !strings.Contains(err.Error(), want) {
						t.Errorf("%v\nwant %q in it", err, want)
					}
				}
				if strings.Contains(err.Error(), "access rights") || strings.Contains(err.Error(), "\n") {
					t.Errorf("%v", err)
				}
			}
		})
	}
}

func TestUnusualRepositoriesAreRead(t *testing.T) {
	t.Parallel()
	for name, make := range map[string]func(t *testing.T, s source) string{
		"shallow": func(t *testing.T, s source) string { return cloneOf(t, s, "--depth=1") },
		"shared": func(t *testing.T, s source) string {
			dir := filepath.Join(t.TempDir(), "clone")
			s.run(nil, "clone", "--quiet", "--shared", s.dir, dir)
			return dir
		},
		"worktree": func(t *testing.T, s source) string {
			dir := filepath.Join(t.TempDir(), "tree")
			s.git("worktree", "add", "--quiet", dir, "main")
			return dir
		},
		"another owner's":         func(t *testing.T, s source) string { return giveAway(t, cloneOf(t, s)) },
		"another owner's shallow": func(t *testing.T, s source) string { return giveAway(t, cloneOf(t, s, "--depth=1")) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSource(t)
			s.commits(commit{files: files("a")}, commit{parents: []int{1}, files: files("a", "b")})
			path := make(t, s)
			for _, address := range []string{path, "file://" + path} {
				m, tip, err := read(t, address)
				if err != nil {
					t.Fatal(err)
				}
				if data, err := m.File(t.Context(), tip, "b", 100); err != nil || len(data) == 0 {
					t.Errorf("File() = %q, %v", data, err)
				}
			}
		})
	}
}

// giveAway makes a folder another user's.
func giveAway(t *testing.T, dir string) string {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root can give a folder to another owner")
	}
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, 65534, 65534)
	})
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestRepositoriesInSHA256AreRead(t *testing.T) {
	t.Parallel()
	s := newSource(t, "--object-format=sha256")
	ids := s.commits(commit{files: files("a", "d/b")}, commit{parents: []int{1}, files: files("a", "d/b=changed"), message: "Change\n\nKey: value"})
	for _, s := range []source{s, s.elsewhere()} {
		m := mirror(t, s, "main")
		if tip := fetched(t, m); tip != ids[1] || len(tip) != 64 {
			t.Fatalf("Tip() = %s, want %s", tip, ids[1])
		}
		changes, err := m.Diff(t.Context(), ids[0], ids[1], "")
		if err != nil || len(changes) != 1 || changes[0].Path != "d/b" || len(changes[0].New.ID) != 64 {
			t.Errorf("Diff() = %v, %v", changes, err)
		}
		touches, err := m.Log(t.Context(), ids[0], ids[1], "d")
		if err != nil || len(touches) != 1 || touches[0].Trailers["Key"] == nil {
			t.Errorf("Log() = %v, %v", touches, err)
		}
		if data, err := m.File(t.Context(), ids[1], "d/b", 100); err != nil || string(data) != "changed" {
			t.Errorf("File() = %q, %v", data, err)
		}
	}
}

func TestARepositoryThatIsReplacedIsNoticed(t *testing.T) {
	t.Parallel()
	for name, options := range map[string][]string{
		"bare":    {"--bare"},
		"working": nil,
		"sha256":  {"--bare", "--object-format=sha256"},
	} {
		for _, elsewhere := range []bool{false, true} {
			t.Run(name+map[bool]string{true: " by URL"}[elsewhere], func(t *testing.T) {
				t.Parallel()
				s := newSource(t)
				s.commits(commit{files: files("a")})
				s.git("repack", "-a", "-d", "-q")
				if elsewhere {
					s = s.elsewhere()
				}
				m := mirror(t, s, "main")
				fetched(t, m)
				if _, err := m.Log(t.Context(), "", fetched(t, m), ""); err != nil {
					t.Fatal(err)
				}
				remove(t, s.dir)
				if _, err := m.Tip(t.Context()); err == nil {
					t.Fatal("a repository that is gone has a tip")
				}
				s.run(nil, append(append([]string{"init", "--quiet", "--initial-branch=main"}, options...), s.dir)...)
				now := s
				if options == nil {
					now.dir = filepath.Join(s.dir, ".git")
				}
				ids := now.commits(commit{files: files("c")}, commit{parents: []int{1}, files: files("c", "d")})
				if tip := fetched(t, m); tip != ids[1] {
					t.Fatalf("Tip() = %s, want %s", tip, ids[1])
				}
				if data, err := m.File(t.Context(), ids[1], "d", 100); err != nil || len(data) == 0 {
					t.Errorf("File() = %q, %v", data, err)
				}
				if touches, err := m.Log(t.Context(), ids[0], ids[1], ""); err != nil || len(touches) != 1 {
					t.Errorf("Log() = %v, %v", touches, err)
				}
			})
		}
	}
}
