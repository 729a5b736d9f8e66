package release_test

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"netsync/publishers/release"
	"netsync/publishers/release/releasetest"
	"netsync/schema/testkit/npmtest"
)

// Flags for longer runs and to repeat one.
var (
	faultsN    = flag.Int("faults.n", npmtest.Rounds(15, 60), "how many power cuts")
	faultsSeed = flag.Uint64("faults.seed", 0, "seed of a run to repeat; 0 is a new one")
)

func faults(t *testing.T) *rand.Rand {
	seed := *faultsSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("repeat with -run '^%s$' -faults.n %d -faults.seed %d", t.Name(), *faultsN, seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// After a power cut, whatever the disk loses of unsynced data, readers see a
// complete release: the last one that was published or the one that was being
// published. The next one goes live.
func TestPowerCutsLeaveAWholeRelease(t *testing.T) {
	t.Parallel()
	random := faults(t)
	for cuts := 0; cuts < *faultsN; {
		n, err := lives(t.TempDir(), random, min(10, *faultsN-cuts), nil)
		if err != nil {
			t.Fatalf("after %d power cuts: %v", cuts+n, err)
		}
		cuts += n
	}
}

// Every sync is needed: power cuts reveal one that is omitted.
func TestPowerCutsShowThatASyncIsMissing(t *testing.T) {
	t.Parallel()
	random := faults(t)
	syncs := map[string]func(path string) bool{
		"a file":            func(p string) bool { return strings.Contains(p, "/stages/") && filepath.Ext(p) == ".html" },
		"a folder of files": func(p string) bool { return strings.Contains(p, "/stages/") && filepath.Ext(p) == "" },
		"an amended file": func(p string) bool {
			return strings.Contains(p, "/tree/") && filepath.Ext(p) == ".html"
		},
		"an amended folder": func(p string) bool {
			return strings.Contains(p, "/tree") && filepath.Ext(p) == ""
		},
		"the index":            func(p string) bool { return filepath.Base(p) == "index.log" },
		"the releases":         func(p string) bool { return strings.HasSuffix(p, "/channel/releases") },
		"the link":             func(p string) bool { return strings.HasSuffix(p, "/channel") },
		"the channel's folder": func(p string) bool { return strings.HasSuffix(p, "/data") },
	}
	for name, forgotten := range syncs {
		t.Run(name, func(t *testing.T) {
			deaf := func(op release.Op) bool { return op.Kind == release.OpSync && forgotten(op.Path) }
			processes := 10
			if name == "the channel's folder" {
				processes = 1 // only the first one makes it
			}
			for range 1000 / processes {
				if _, err := lives(t.TempDir(), random, processes, deaf); err != nil {
					t.Log(err)
					return
				}
			}
			t.Error("nothing showed in 1,000 power cuts")
		})
	}
}

// lives runs n processes on a folder, one after another; each ends with a power
// cut. It returns how many there were.
func lives(dir string, random *rand.Rand, n int, deaf func(release.Op) bool) (int, error) {
	at := filepath.Join(dir, "0", "data")
	if err := os.MkdirAll(at, 0o755); err != nil {
		return 0, err
	}
	var shown files
	for i := range n {
		l := life{path: filepath.Join(at, "channel"), random: random, keep: []int{-1, 1, 3}[random.IntN(3)], seen: []moment{{0, shown}}}
		next := filepath.Join(dir, fmt.Sprint(i+1))
		if err := l.live(filepath.Dir(at), deaf); err != nil {
			return i, err
		}
		var err error
		if shown, err = l.cut(next); err != nil {
			return i, err
		}
		at = filepath.Join(next, "data")
	}
	return n, nil
}

// files is the expected content of a release.
type files map[string]string

// A life is a process that publishes to a channel.
type life struct {
	path   string
	random *rand.Rand
	keep   int
	disk   *releasetest.Disk
	seen   []moment // what readers saw, and since which operation
}

type moment struct {
	step  int
	files files
}

// live opens the folder, as after a power cut, and publishes some releases.
func (l *life) live(root string, deaf func(release.Op) bool) error {
	var err error
	if l.disk, err = releasetest.Follow(root); err != nil {
		return err
	}
	l.disk.Ignore(deaf)
	d, err := release.OpenObserved(l.path, l.disk.Observe)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	d.Keep = l.keep
	if l.random.IntN(2) == 0 {
		d.RewriteOften()
	}
	for range 1 + l.random.IntN(4) {
		want := l.draw()
		if err := l.publish(d, want); err != nil {
			return err
		}
		if err := check(d, want); err != nil {
			return fmt.Errorf("after publishing: %w", err)
		}
		l.seen = append(l.seen, moment{l.disk.Steps(), want})
	}
	return nil
}

// draw draws a release, most of it unchanged.
func (l *life) draw() files {
	next := maps.Clone(l.seen[len(l.seen)-1].files)
	if next == nil {
		next = make(files)
	}
	many := 3
	if l.random.IntN(10) == 0 {
		many = 300 // so many are synced all at once
	}
	for range 1 + l.random.IntN(many) {
		name := fmt.Sprintf("%c/%d.html", 'a'+rune(l.random.IntN(4)), l.random.IntN(2*many))
		if delete(next, name); l.random.IntN(3) > 0 {
			next[name] = strings.Repeat(fmt.Sprint(l.random.Uint32()), 1+l.random.IntN(50))
		}
	}
	next["channel.html"] = fmt.Sprint(l.random.Uint64())
	return next
}

// cut cuts the power, and checks what remains of the channel.
func (l *life) cut(path string) (files, error) {
	steps := l.random.IntN(l.disk.Steps() + 1)
	cut, err := l.disk.CutAfter(steps, l.random)
	if err == nil {
		err = cut.Write(path)
	}
	if err != nil {
		return nil, err
	}
	d, err := release.Open(filepath.Join(path, "data", "channel"))
	if err != nil {
		return nil, fmt.Errorf("open after a power cut: %w", err)
	}
	var problem error
	for i, m := range l.seen {
		// The last that was complete, and the one that was under way.
		if last := i == len(l.seen)-1 || l.seen[i+1].step > steps; m.step > steps || last {
			if err := check(d, m.files); err == nil {
				return m.files, nil
			} else if problem == nil {
				problem = err
			}
		}
		if m.step > steps {
			break
		}
	}
	return nil, fmt.Errorf("power cut after operation %d of %d: %w", steps, l.disk.Steps(), problem)
}

// publish creates a release in one of the possible ways.
func (l *life) publish(d *release.Dir, want files) error {
	switch l.random.IntN(6) {
	case 0:
		return publish(d, want, true)
	case 1:
		return publish(d, want, false)
	case 2:
		if err := d.Spare(); err != nil {
			return err
		}
	}
	return amend(d, l.seen[len(l.seen)-1].files, want)
}

func publish(d *release.Dir, want files, full bool) error {
	s, err := d.Stage("1", full)
	if err != nil {
		return err
	}
	for name, data := range want {
		if err := s.Write(name, []byte(data)); err != nil {
			return err
		}
	}
	_, err = s.Flip()
	return err
}

// amend publishes changes; "" removes a file.
func amend(d *release.Dir, old, want files) error {
	s, err := d.Amend("1")
	if err != nil {
		return err
	}
	for name := range old {
		if _, ok := want[name]; !ok {
			err = errors.Join(err, s.Remove(name))
		}
	}
	for name, data := range want {
		if old[name] != data {
			err = errors.Join(err, s.Write(name, []byte(data)))
		}
	}
	_, flipErr := s.Flip()
	return errors.Join(err, flipErr)
}

// check compares the current release with want.
func check(d *release.Dir, want files) error {
	if _, ok := d.Current(); !ok {
		if want == nil {
			return nil
		}
		return fmt.Errorf("there is no release")
	}
	if want == nil {
		return fmt.Errorf("there is a release")
	}
	for name, data := range want {
		if got, err := d.ReadFile(name); err != nil || string(got) != data {
			return fmt.Errorf("%s: %w: %d bytes, want %d", name, err, len(got), len(data))
		}
	}
	found, err := d.Check()
	if err == nil && len(found) > 0 {
		err = fmt.Errorf("%v", found)
	}
	return err
}
