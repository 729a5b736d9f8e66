package worker_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"netsync/schema/event"
	"netsync/worker"
)

// clone copies the repository with git clone to a new folder.
func (r repo) clone(options ...string) string {
	r.t.Helper()
	dir := filepath.Join(r.t.TempDir(), "clone")
	args := append(append([]string{"clone", "--quiet", "--branch=main"}, options...), "file://"+r.dir, dir)
	if out, err := exec.CommandContext(r.t.Context(), "git", args...).CombinedOutput(); err != nil {
		r.t.Fatalf("git clone: %v\n%s", err, out)
	}
	return dir
}

// Whatever happens to a repository, published data remains. The worker logs one
// error, and one line when it works again.
func TestARepositoryInTroubleLeavesTheLastGood(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		hurt, mend func(r repo)
	}{
		"a branch that is deleted and made again": {
			func(r repo) { r.git("checkout", "--quiet", "--detach"); r.git("branch", "-D", "main") },
			func(r repo) { r.git("checkout", "--quiet", "-b", "main") },
		},
		"a branch that is renamed": {
			func(r repo) { r.git("branch", "-m", "main", "master") },
			func(r repo) { r.git("branch", "-m", "master", "main") },
		},
		"a repository that is moved away and back": {
			func(r repo) { rename(r.t, r.dir, r.dir+"-away") },
			func(r repo) { rename(r.t, r.dir+"-away", r.dir) },
		},
		"an empty repository in its place": {
			func(r repo) {
				rename(r.t, r.dir, r.dir+"-away")
				mkdir(r.t, r.dir)
				r.git("init", "--quiet", "--initial-branch=main")
			},
			func(r repo) { removeAll(r.t, r.dir); rename(r.t, r.dir+"-away", r.dir) },
		},
		"an empty folder in its place": {
			func(r repo) { rename(r.t, r.dir, r.dir+"-away"); mkdir(r.t, r.dir) },
			func(r repo) { removeAll(r.t, r.dir); rename(r.t, r.dir+"-away", r.dir) },
		},
		"its files without Git's": {
			func(r repo) { rename(r.t, filepath.Join(r.dir, ".git"), r.dir+"-git") },
			func(r repo) { rename(r.t, r.dir+"-git", filepath.Join(r.dir, ".git")) },
		},
	} {
		for _, scheme := range []string{"", "file://"} {
			t.Run(strings.ReplaceAll(name, " ", "-")+scheme, func(t *testing.T) {
				t.Parallel()
				f := newFixture(t)
				core, logs := observer.New(zap.InfoLevel)
				w := f.with(func(c *worker.Config) { c.Git.Repository, c.Log = scheme+f.repo.dir, zap.New(core) })
				w.mustSync(t)
				before := w.Status().Published
				c.hurt(f.repo)
				for range 3 {
					if _, err := w.Sync(t.Context()); err == nil {
						t.Fatal("the pass did not fail")
					}
				}
				if now := w.Status(); now.Published != before || now.Cause != worker.CauseRepository {
					t.Errorf("status = %+v", now)
				}
				c.mend(f.repo)
				if r := w.mustSync(t); len(r.Changes) != 0 || r.Position != before {
					t.Errorf("changes = %v at %v", r.Changes, r.Position)
				}
				f.repo.replace("networks/una-europa.yaml", "count: 11", "count: 12")
				f.repo.commit("Grow")
				if r := w.mustSync(t); len(r.Changes) != 1 {
					t.Errorf("changes = %v", r.Changes)
				}
				alerts, notices := logs.FilterLevelExact(zap.ErrorLevel).Len(), logs.FilterMessage("sync works again").Len()
				if alerts != 1 || notices != 1 {
					t.Errorf("%d alerts and %d notices of recovery: %v", alerts, notices, logs.All())
				}
			})
		}
	}
}

// A worker continues with another repository in the same place, without an
// error if that has the dataset.
func TestAWorkerGoesOnWithTheRepositoryInThePlaceOfItsOwn(t *testing.T) {
	t.Parallel()
	for name, replacement := range map[string]func(r repo) string{
		"a clone":            func(r repo) string { return r.clone() },
		"a bare clone":       func(r repo) string { return r.clone("--bare") },
		"a shallow clone":    func(r repo) string { return r.clone("--depth=1") },
		"a new history":      func(r repo) string { return newHistory(r) },
		"a SHA-256 history":  func(r repo) string { return newHistory(r, "--object-format=sha256") },
		"another's worktree": func(r repo) string { return worktreeOf(r) },
	} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			core, logs := observer.New(zap.InfoLevel)
			w := f.with(func(c *worker.Config) { c.Log = zap.New(core) })
			w.mustSync(t)
			f.repo.write("README.md", "Read me.\n")
			f.repo.commit("Add a file that is no record")
			before := w.mustSync(t).Position
			other := replacement(f.repo)
			rename(t, f.repo.dir, f.repo.dir+"-away")
			rename(t, other, f.repo.dir)
			if r := w.mustSync(t); len(r.Changes) != 0 || r.Position != before {
				t.Errorf("changes = %v at %v", r.Changes, r.Position)
			}
			grown := repo{t, f.repo.dir}
			if name == "a bare clone" {
				grown = repo{t, filepath.Join(t.TempDir(), "work")}
				rename(t, f.repo.clone(), grown.dir)
				grown.git("remote", "set-url", "origin", f.repo.dir)
			}
			grown.replace("networks/una-europa.yaml", "count: 11", "count: 12")
			grown.commit("Grow")
			if name == "a bare clone" {
				grown.git("push", "--quiet", "origin", "main")
			}
			if r := w.mustSync(t); len(r.Changes) != 1 || len(r.Changes[0].Commits) != 1 || r.Changes[0].Commits[0].Subject != "Grow" {
				t.Errorf("changes = %v", r.Changes)
			}
			if n := logs.FilterLevelExact(zap.ErrorLevel).Len(); n != 0 {
				t.Errorf("%d alerts: %v", n, logs.All())
			}
		})
	}
}

// newHistory creates a repository with the same files in one commit.
func newHistory(r repo, options ...string) string {
	r.t.Helper()
	dir := r.clone()
	removeAll(r.t, filepath.Join(dir, ".git"))
	now := repo{r.t, dir}
	now.git(append([]string{"init", "--quiet", "--initial-branch=main"}, options...)...)
	now.commit("Begin again")
	return dir
}

// worktreeOf adds a working tree to a clone.
func worktreeOf(r repo) string {
	r.t.Helper()
	home := repo{r.t, r.clone()}
	home.git("checkout", "--quiet", "--detach")
	dir := filepath.Join(r.t.TempDir(), "tree")
	home.git("worktree", "add", "--quiet", dir, "main")
	return dir
}

func mkdir(t *testing.T, dir string) {
	t.Helper()
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
}

func removeAll(t *testing.T, dir string) {
	t.Helper()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
}

// A path that differs from the record's only in case is a wrong name of the
// record, never its removal.
func TestAFileThatIsRenamedInCapitalsKeepsItsRecord(t *testing.T) {
	t.Parallel()
	for _, to := range []string{"networks/Una-Europa.yaml", "networks/una-europa.YAML", "Networks/una-europa.yaml", "networks/UNA-EUROPA.yml", "networks/Key/una-europa.yaml"} {
		t.Run(strings.ReplaceAll(to, "/", "-"), func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			w := f.with(func(*worker.Config) {})
			w.mustSync(t)
			if err := os.MkdirAll(filepath.Join(f.repo.dir, filepath.Dir(to)), 0o755); err != nil {
				t.Fatal(err)
			}
			f.repo.git("mv", "networks/una-europa.yaml", to)
			f.repo.commit("Rename")
			r := w.mustSync(t)
			if len(r.Changes) != 0 {
				t.Errorf("changes = %v", r.Changes[0])
			}
			if right := to == "networks/Key/una-europa.yaml"; right != (len(r.Quarantined) == 0) {
				t.Errorf("quarantined = %v, findings = %v", r.Quarantined, r.Findings)
			}
			f.repo.git("mv", to, "networks/una-europa.yaml")
			f.repo.commit("Rename back")
			if r := w.mustSync(t); len(r.Changes) != 0 || len(r.Quarantined) != 0 {
				t.Errorf("changes = %v, quarantined = %v", r.Changes, r.Quarantined)
			}
			f.repo.git("mv", "networks/una-europa.yaml", to)
			f.repo.commit("Rename again")
			w.mustSync(t)
			f.repo.git("rm", "--quiet", to)
			f.repo.commit("Remove")
			if r := w.mustSync(t); len(r.Changes) != 1 || r.Changes[0].Op != event.Removed {
				t.Errorf("changes after the removal = %v, quarantined = %v", r.Changes, r.Quarantined)
			}
		})
	}
}
