package worker_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"netsync/worker"
	"netsync/worker/git"
)

func TestARepositoryThatIsGoneIsToldOnceAndComesBack(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	core, logs := observer.New(zap.InfoLevel)
	w := f.with(func(c *worker.Config) { c.Log = zap.New(core) })
	w.mustSync(t)
	before := w.Status()

	away := f.repo.dir + "-away"
	rename(t, f.repo.dir, away)
	for range 3 {
		if _, err := w.Sync(t.Context()); err == nil {
			t.Fatal("a pass without a repository did not fail")
		}
	}
	if now := w.Status(); now.Published != before.Published || now.Failing.IsZero() || now.Tries != 3 || now.Error == "" {
		t.Errorf("status = %+v", now)
	}
	rename(t, away, f.repo.dir)
	if r := w.mustSync(t); len(r.Changes) != 0 {
		t.Errorf("changes = %v", r.Changes)
	}
	if now := w.Status(); !now.Failing.IsZero() || now.Tries != 0 || now.Error != "" {
		t.Errorf("status = %+v", now)
	}
	alerts, notices := logs.FilterLevelExact(zap.ErrorLevel).Len(), logs.FilterMessage("sync works again").Len()
	if alerts != 1 || notices != 1 {
		t.Errorf("%d alerts and %d notices of recovery", alerts, notices)
	}
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

// While passes fail, ticks are ignored, but hints are not.
func TestTicksDoNotHurryARepositoryThatIsGone(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	rename(t, f.repo.dir, f.repo.dir+"-away")
	w := f.with(func(*worker.Config) {})
	ctx, stop := context.WithCancel(t.Context())
	var group sync.WaitGroup
	group.Go(func() { _ = w.Run(ctx) }) // it returns nil
	defer group.Wait()
	defer stop()
	tries := func(n int) func() bool { return func() bool { return w.Status().Tries >= n } }
	eventually(t, "a first try", tries(1))
	for range 1000 {
		w.Tick()
		time.Sleep(100 * time.Microsecond)
	}
	if n := w.Status().Tries; n > 2 { // the second by its own pause of a second, on a slow machine
		t.Errorf("%d tries", n)
	}
	now := w.Status().Tries
	w.Hint()
	eventually(t, "a try for the hint", tries(now+1))
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// Each case brings the worker to an unexpected commit. The result depends on the
// records only.
func TestWhereTheDatasetLiesDoesNotMatter(t *testing.T) {
	t.Parallel()
	grow := func(f *fixture) {
		f.repo.replace("networks/una-europa.yaml", "count: 11", "count: 12")
		f.repo.commit("Grow")
	}
	for name, move := range map[string]struct {
		prepare func(f *fixture)
		config  func(c *worker.Config)
		changes int
	}{
		"another folder": {
			prepare: func(f *fixture) {
				f.repo.write("data/.keep", "")
				for _, name := range []string{"dataset.yaml", "networks", "organizations", "activities"} {
					f.repo.git("mv", name, "data/"+name)
				}
				f.repo.commit("Move the dataset")
			},
			config: func(c *worker.Config) { c.Path = "data" },
		},
		"another folder, and a change": {
			prepare: func(f *fixture) {
				grow(f)
				f.repo.write("data/.keep", "")
				for _, name := range []string{"dataset.yaml", "networks", "organizations", "activities"} {
					f.repo.git("mv", name, "data/"+name)
				}
				f.repo.commit("Move the dataset")
			},
			config:  func(c *worker.Config) { c.Path = "data" },
			changes: 1,
		},
		"another branch": {
			prepare: func(f *fixture) {
				f.repo.git("checkout", "--quiet", "-b", "next")
				grow(f)
			},
			config:  func(c *worker.Config) { c.Git.Ref = "next" },
			changes: 1,
		},
		"another repository": {
			prepare: func(f *fixture) {
				elsewhere := newRepo(f.t)
				elsewhere.replace("networks/una-europa.yaml", "count: 11", "count: 12")
				elsewhere.commit("Begin anew")
				f.repo.dir = elsewhere.dir
			},
			config:  func(*worker.Config) {},
			changes: 1,
		},
		"history rewritten and the old one thrown away": {
			prepare: func(f *fixture) {
				f.repo.replace("networks/una-europa.yaml", "count: 11", "count: 12")
				f.repo.git("checkout", "--quiet", "--orphan", "fresh")
				f.repo.commit("Begin anew")
				f.repo.git("branch", "--quiet", "--force", "main", "fresh")
				f.repo.git("checkout", "--quiet", "main")
				f.repo.git("branch", "--quiet", "-D", "fresh")
				f.repo.git("reflog", "expire", "--expire=now", "--all")
				f.repo.git("gc", "--quiet", "--prune=now")
			},
			config:  func(*worker.Config) {},
			changes: 1,
		},
	} {
		for how, address := range map[string]string{"": "", "from elsewhere ": "file://"} {
			t.Run(how+name, func(t *testing.T) {
				t.Parallel()
				f := newFixture(t)
				mirror := filepath.Join(t.TempDir(), "mirror")
				with := func(adapt func(*worker.Config)) syncer {
					return f.with(func(c *worker.Config) {
						c.Git = git.Config{Repository: address + f.repo.dir, Ref: "main", Dir: mirror}
						adapt(c)
					})
				}
				running := with(func(*worker.Config) {})
				running.mustSync(t)
				move.prepare(f)
				for i, w := range []syncer{running, with(move.config)} { // before and after the configuration follows
					r, err := w.Sync(t.Context())
					if err != nil {
						t.Fatal(err)
					}
					if i == 1 && (r.Held || r.Live != move.changes && move.changes > 0) {
						t.Errorf("held %t, changed %d, want %d: %v", r.Held, r.Live, move.changes, r.Findings)
					}
				}
				removed := 0
				for _, m := range f.messages() {
					if m.Change != nil && m.Change.Op != "created" && !strings.HasPrefix(m.Change.RecordID().String(), "networks/una-europa") {
						removed++
					}
				}
				if removed > 0 {
					t.Errorf("%d events of records that did not change", removed)
				}
			})
		}
	}
}

func TestAMirrorWithAnObjectMissingIsMadeAnew(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	mirror := filepath.Join(t.TempDir(), "mirror")
	w := f.with(func(c *worker.Config) {
		c.Git = git.Config{Repository: "file://" + f.repo.dir, Ref: "main", Dir: mirror}
	})
	w.mustSync(t)
	f.repo.replace("networks/una-europa.yaml", "count: 11", "count: 12")
	f.repo.commit("Grow")
	if _, err := git.Open(t.Context(), git.Config{Repository: "file://" + f.repo.dir, Ref: "main", Dir: mirror}); err != nil {
		t.Fatal(err)
	}
	objects, err := filepath.Glob(filepath.Join(mirror, "objects", "*", "*"))
	if err != nil || len(objects) == 0 {
		t.Fatalf("objects = %v, %v", objects, err)
	}
	for _, object := range objects {
		if err := os.Remove(object); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
	if r := w.mustSync(t); len(r.Changes) != 1 {
		t.Errorf("changes = %v", r.Changes)
	}
}
