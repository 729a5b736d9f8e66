package git_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"netsync/schema/shared/gitcommand"
	"netsync/worker/git"
)

func TestTipIsTheCommitThatARefStandsFor(t *testing.T) {
	t.Parallel()
	s := newSource(t)
	ids := s.commits(commit{files: files("a")}, commit{branch: "other", files: files("b")}, commit{branch: "clash", files: files("c")})
	s.git("tag", "light", string(ids[0]))
	s.git("tag", "--annotate", "--message=Version 1", "v1", string(ids[1]))
	s.git("tag", "--annotate", "--message=Twice", "v2", "v1")
	s.git("tag", "clash", string(ids[0]))
	s.git("update-ref", "refs/custom/x", string(ids[1]))
	s.git("update-ref", "refs/remotes/evil/refs/heads/main", string(ids[1]))
	for ref, want := range map[string]git.CommitID{
		"main": ids[0], "refs/heads/main": ids[0], "HEAD": ids[0], "other": ids[1], "light": ids[0], "v1": ids[1],
		"v2": ids[1], "refs/tags/v1": ids[1], "refs/custom/x": ids[1], "clash": ids[2], "refs/tags/clash": ids[0],
	} {
		for _, s := range []source{s, s.elsewhere()} {
			t.Run(strings.ReplaceAll(ref, "/", "-"), func(t *testing.T) {
				t.Parallel()
				m := mirror(t, s, ref)
				if tip := fetched(t, m); tip != want {
					t.Errorf("Tip() = %s, want %s", tip, want)
				}
				if has, err := m.Has(t.Context(), want); err != nil || !has {
					t.Errorf("Has() = %t, %v", has, err)
				}
			})
		}
	}
}

func TestARefThatIsNotThereIsToldApartFromARepositoryThatIsGone(t *testing.T) {
	t.Parallel()
	empty, gone := newSource(t), newSource(t)
	if err := os.RemoveAll(gone.dir); err != nil {
		t.Fatal(err)
	}
	for _, ref := range []string{"main", "HEAD", "refs/heads/main", "v1"} {
		if _, err := mirror(t, empty, ref).Tip(t.Context()); !errors.Is(err, git.ErrRefNotFound) {
			t.Errorf("Tip of %s in an empty repository: %v", ref, err)
		}
		_, err := mirror(t, gone, ref).Tip(t.Context())
		var failed *gitcommand.Error
		if errors.Is(err, git.ErrRefNotFound) || !errors.As(err, &failed) {
			t.Errorf("Tip of %s in no repository: %v", ref, err)
		}
	}
}

func TestHistoryThatWasRewrittenStaysReadable(t *testing.T) {
	t.Parallel()
	s := newSource(t)
	old := s.commits(commit{files: files("a")}, commit{parents: []int{1}, files: files("a", "b")})
	dir := filepath.Join(t.TempDir(), "mirror")
	m := mirrorAt(t, s.elsewhere(), "main", dir)
	fetched(t, m)
	now := s.commits(commit{files: files("c"), message: "Begin again"})
	s.git("reflog", "expire", "--expire=now", "--all")
	s.git("gc", "--quiet", "--prune=now")
	for _, m := range []*git.Mirror{m, mirrorAt(t, s.elsewhere(), "main", dir)} {
		if tip := fetched(t, m); tip != now[0] {
			t.Fatalf("Tip() = %s, want %s", tip, now[0])
		}
		changes, err := m.Diff(t.Context(), old[1], now[0], "")
		if err != nil || len(changes) != 3 {
			t.Errorf("Diff() = %v, %v", changes, err)
		}
		touches, err := m.Log(t.Context(), old[1], now[0], "")
		if err != nil || len(touches) != 1 || touches[0].Subject != "Begin again" {
			t.Errorf("Log() = %v, %v", touches, err)
		}
	}
}

func TestFetchSaysSoWhereTheCommitDoesNotComeAlong(t *testing.T) {
	t.Parallel()
	s := newSource(t)
	s.commits(commit{files: files("a")})
	m := mirror(t, s, "main")
	absent := git.CommitID(strings.Repeat("0123456789", 4))
	if err := m.Fetch(t.Context(), absent); err == nil || !strings.Contains(err.Error(), "moved") {
		t.Errorf("Fetch() = %v", err)
	}
	if has, err := m.Has(t.Context(), absent); err != nil || has {
		t.Errorf("Has() = %t, %v", has, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.Tip(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Tip() = %v", err)
	}
	if err := m.Fetch(ctx, absent); !errors.Is(err, context.Canceled) {
		t.Errorf("Fetch() = %v", err)
	}
	fetched(t, m)
}

func TestADamagedMirrorIsMadeAnew(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(t *testing.T, dir string){
		"not a folder": func(t *testing.T, dir string) { replaceBy(t, dir, "a file") },
		"empty folder": func(t *testing.T, dir string) { remove(t, dir); mkdir(t, dir) },
		"no HEAD":      func(t *testing.T, dir string) { remove(t, filepath.Join(dir, "HEAD")) },
		"no objects":   func(t *testing.T, dir string) { remove(t, filepath.Join(dir, "objects")) },
		"empty objects": func(t *testing.T, dir string) {
			remove(t, filepath.Join(dir, "objects"))
			mkdir(t, filepath.Join(dir, "objects"))
		},
		"config destroyed": func(t *testing.T, dir string) { replaceBy(t, filepath.Join(dir, "config"), "\x00[") },
		"tip destroyed":    func(t *testing.T, dir string) { replaceBy(t, filepath.Join(dir, "refs/netsync/tip"), "nonsense") },
		"objects cut off":  func(t *testing.T, dir string) { cutOff(t, filepath.Join(dir, "objects")) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSource(t)
			ids := s.commits(commit{files: files("a")}, commit{parents: []int{1}, files: files("a", "d/b")})
			dir := filepath.Join(t.TempDir(), "mirror")
			m, err := git.Open(t.Context(), git.Config{Repository: s.dir, Ref: "main", Dir: dir})
			if err != nil {
				t.Fatal(err)
			}
			fetched(t, m)
			if err := m.Close(); err != nil {
				t.Fatal(err)
			}
			damage(t, dir)
			m = mirrorAt(t, s, "main", dir)
			if tip := fetched(t, m); tip != ids[1] {
				t.Fatalf("Tip() = %s", tip)
			}
			if changes, err := m.Diff(t.Context(), ids[0], ids[1], ""); err != nil || len(changes) != 1 || changes[0].Path != "d/b" {
				t.Errorf("Diff() = %v, %v", changes, err)
			}
		})
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
}

func mkdir(t *testing.T, path string) {
	t.Helper()
	if err := os.Mkdir(path, 0o755); err != nil {
		t.Fatal(err)
	}
}

func replaceBy(t *testing.T, path, content string) {
	t.Helper()
	remove(t, path)
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// cutOff leaves ten bytes of every object.
func cutOff(t *testing.T, objects string) {
	t.Helper()
	err := filepath.WalkDir(objects, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		if err := os.Chmod(path, 0o644); err != nil {
			return err
		}
		return os.Truncate(path, 10)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// What only looks like damage must not cost the history that was kept.
func TestAMirrorIsKeptWhereGitCannotBeRun(t *testing.T) {
	s := newSource(t)
	s.commits(commit{files: files("a")})
	dir := filepath.Join(t.TempDir(), "mirror")
	fetched(t, mirrorAt(t, s, "main", dir))
	t.Setenv("PATH", "")
	if _, err := git.Open(t.Context(), git.Config{Repository: s.dir, Ref: "main", Dir: dir}); err == nil {
		t.Error("Open without git succeeds")
	}
	if _, err := os.Stat(filepath.Join(dir, "HEAD")); err != nil {
		t.Errorf("the mirror is gone: %v", err)
	}
}
