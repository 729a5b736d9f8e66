package release

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func mustAmend(t tb, d *Dir, label string) *Stage {
	t.Helper()
	s, err := d.Amend(label)
	if err != nil {
		t.Fatalf("Amend: %v", err)
	}
	return s
}

// amend publishes changes; "" removes a file.
func amend(t tb, d *Dir, label string, changes tree) bool {
	t.Helper()
	s := mustAmend(t, d, label)
	for _, name := range slices.Sorted(maps.Keys(changes)) {
		do := func() error { return s.Write(name, []byte(changes[name])) }
		if changes[name] == "" {
			do = func() error { return s.Remove(name) }
		}
		if err := do(); err != nil {
			t.Fatalf("%q: %v", name, err)
		}
	}
	return mustFlip(t, s)
}

func mustCheck(t tb, d *Dir) {
	t.Helper()
	if found, err := d.Check(); err != nil || len(found) > 0 {
		t.Fatalf("Check: %v, %v", found, err)
	}
}

func TestAnAmendedReleaseIsTheOldOneWithItsChanges(t *testing.T) {
	t.Parallel()
	d := mustOpen(t, t.TempDir())
	d.Keep = 1
	want := tree{"a": "1", "d/b": "1", "d/c": "1", "e/f/g": "1"}
	publish(t, d, "0", want)
	for i, changes := range []tree{
		{"a": "2"},
		{"d/b": "", "new/file": "1"},
		{"a": "1", "d/c": ""}, // a folder is empty now
		{"d": "a file in its place"},
		{"e/f/g": "", "e": "a file in place of two folders"},
		{"d": "", "d/b/c": "and back"},
		{"a": "3"}, {"a": "4"}, {"a": "5"},
	} {
		if !amend(t, d, fmt.Sprint(i+1), changes) {
			t.Fatalf("amendment %d was dropped", i)
		}
		maps.Copy(want, changes)
		maps.DeleteFunc(want, func(_, content string) bool { return content == "" })
		checkCurrentIs(t, d, want)
		mustCheck(t, d)
		mustCheck(t, mustOpen(t, d.Path()))
	}
	var folders []string
	r, _ := d.Current()
	filepath.WalkDir(r.Path, func(path string, e os.DirEntry, err error) error {
		if err == nil && e.IsDir() {
			folders = append(folders, strings.TrimPrefix(path, r.Path))
		}
		return err
	})
	if !slices.Equal(folders, []string{"", "/d", "/d/b", "/new"}) {
		t.Errorf("folders %v", folders)
	}
}

// From the second amendment on, the folder of an old release becomes the new
// release.
func TestAnAmendmentUsesAnOldReleaseAgain(t *testing.T) {
	t.Parallel()
	d := mustOpen(t, t.TempDir())
	d.Keep = 1
	publish(t, d, "0", tree{"a": "0", "same": "1"})
	folders := make(map[uint64]bool)
	for i := range 8 {
		amend(t, d, fmt.Sprint(i+1), tree{"a": fmt.Sprint(i + 1)})
		r, _ := d.Current()
		folders[inode(t, r.Path)] = true
	}
	if len(folders) > 3 { // current, one that is kept, the spare
		t.Errorf("%d folders were made for 8 releases", len(folders))
	}
	if got := listEntries(t, d, "releases"); !slices.Equal(got, []string{"7", "8", "index.log"}) {
		t.Errorf("releases holds %v", got)
	}
	if got := listEntries(t, d, "stages"); len(got) > 0 {
		t.Errorf("stages holds %v", got)
	}
}

func TestAnEqualAmendmentIsDropped(t *testing.T) {
	t.Parallel()
	d := mustOpen(t, t.TempDir())
	publish(t, d, "1", tree{"a": "1", "b": "1"})
	s := mustAmend(t, d, "2")
	for _, err := range []error{
		s.Write("a", []byte("2")), s.Write("a", []byte("1")), // and back
		s.Remove("b"), s.Keep("b"),
		s.Remove("absent"),
		s.Write("new", []byte("1")), s.Remove("new"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if mustFlip(t, s) {
		t.Error("an equal release was flipped")
	}
	if got := listEntries(t, d, "stages"); len(got) > 0 {
		t.Errorf("stages holds %v", got)
	}
}

func TestAnAmendmentOfNothing(t *testing.T) {
	t.Parallel()
	d := mustOpen(t, t.TempDir())
	amend(t, d, "1", tree{"a": "1", "d/b": "1"})
	checkCurrentIs(t, d, tree{"a": "1", "d/b": "1"})
	mustCheck(t, d)
}

// Invalid changes are refused before the spare is changed.
func TestAClashIsRefused(t *testing.T) {
	t.Parallel()
	for _, changes := range []tree{{"a/b": "1"}, {"d": "1"}, {"x": "1", "x/y": "1"}} {
		d := mustOpen(t, t.TempDir())
		files := tree{"a": "1", "d/b": "1"}
		publish(t, d, "1", files)
		s := mustAmend(t, d, "2")
		for name, data := range changes {
			if err := s.Write(name, []byte(data)); err != nil {
				t.Fatal(err)
			}
		}
		var bad *NameError
		if changed, err := s.Flip(); changed || !errors.As(err, &bad) {
			t.Errorf("%v: Flip = %v, %v", changes, changed, err)
		}
		checkCurrentIs(t, d, files)
	}
}

func TestAnAmendmentMeetsDamage(t *testing.T) {
	t.Parallel()
	files := tree{"a": "1", "b": "1", "c": "1"}
	for _, tt := range damages {
		for _, when := range []string{"before the process began", "found by Check", "of a file that is written"} {
			t.Run(tt.name+" "+when, func(t *testing.T) {
				d := mustOpen(t, t.TempDir())
				publish(t, d, "1", files)
				if err := tt.do(inCurrent(t, d, "a")); err != nil {
					t.Fatal(err)
				}
				if when == "found by Check" {
					if found, err := d.Check(); err != nil || len(found) != 1 {
						t.Fatalf("Check: %v, %v", found, err)
					}
				} else if when != "of a file that is written" {
					d = mustOpen(t, d.Path())
				}
				if when != "of a file that is written" {
					s := mustAmend(t, d, "2")
					if got := s.Damaged(); !slices.Equal(got, []string{"a"}) {
						t.Errorf("damaged: %v", got)
					}
					if err := s.Write("b", []byte("2")); err != nil {
						t.Fatal(err)
					}
					var damaged *DamagedError
					if changed, err := s.Flip(); changed || !errors.As(err, &damaged) || damaged.Name != "a" {
						t.Errorf("Flip = %v, %v", changed, err)
					}
				}
				if !amend(t, d, "2", tree{"a": "1"}) {
					t.Error("a repaired release was dropped as equal")
				}
				checkCurrentIs(t, d, files)
				mustCheck(t, d)
			})
		}
	}
}

// A spare that was changed while no process ran is not used.
func TestADamagedSpareIsNotUsed(t *testing.T) {
	t.Parallel()
	for _, tt := range damages {
		t.Run(tt.name, func(t *testing.T) {
			d := mustOpen(t, t.TempDir())
			d.Keep = -1
			publish(t, d, "1", tree{"a": "1", "b": "1"})
			amend(t, d, "2", tree{"b": "2"})
			spare := filepath.Join(d.Path(), "spare", "1", "a")
			// A file of its own, not a link to the current one's.
			if err := errors.Join(os.Remove(spare), os.WriteFile(spare, []byte("1"), 0o644), tt.do(spare)); err != nil {
				t.Fatal(err)
			}
			d = mustOpen(t, d.Path())
			amend(t, d, "3", tree{"b": "3"})
			checkCurrentIs(t, d, tree{"a": "1", "b": "3"})
			mustCheck(t, d)
		})
	}
}

func TestSpareIsMadeAheadOfTime(t *testing.T) {
	t.Parallel()
	d := mustOpen(t, t.TempDir())
	publish(t, d, "1", tree{"a": "1", "d/b": "1"})
	for range 2 {
		if err := d.Spare(); err != nil {
			t.Fatal(err)
		}
	}
	if got := listEntries(t, d, "spare"); len(got) != 1 {
		t.Fatalf("spare holds %v", got)
	}
	links := 0
	d.observe = func(op Op) {
		if op.Kind == OpLink && strings.Contains(op.Path, "/tree/") {
			links++
		}
	}
	amend(t, d, "2", tree{"a": "2"})
	checkCurrentIs(t, d, tree{"a": "2", "d/b": "1"})
	mustCheck(t, d)
	if links > 0 {
		t.Errorf("%d files were linked", links)
	}
}

func TestALookMayRefuse(t *testing.T) {
	t.Parallel()
	d := mustOpen(t, t.TempDir())
	var before, after []Look
	refuse := errors.New("not like this")
	d.Before = func(l Look) error {
		before = append(before, l)
		if data, err := os.ReadFile(filepath.Join(d.Path(), "stages", l.Name, "tree", "a")); err == nil && string(data) == "bad" {
			return refuse
		}
		return nil
	}
	d.After = func(l Look) error { after = append(after, l); return nil }
	publish(t, d, "1", tree{"a": "1", "b": "1", "same": "1"})
	s := mustAmend(t, d, "2")
	if err := errors.Join(s.Write("a", []byte("bad")), s.Remove("b"), s.Write("c", nil)); err != nil {
		t.Fatal(err)
	}
	if changed, err := s.Flip(); changed || !errors.Is(err, refuse) {
		t.Fatalf("Flip = %v, %v", changed, err)
	}
	checkCurrentIs(t, d, tree{"a": "1", "b": "1", "same": "1"})
	l := before[1]
	if !slices.Equal(l.Added, []string{"c"}) || !slices.Equal(l.Changed, []string{"a"}) || !slices.Equal(l.Removed, []string{"b"}) {
		t.Errorf("look: %+v", l)
	}
	if len(after) != 1 || after[0].Name != "1" || len(after[0].Added) != 3 {
		t.Errorf("after: %+v", after)
	}
	amend(t, d, "3", tree{"a": "good"})
	checkCurrentIs(t, d, tree{"a": "good", "b": "1", "same": "1"})
	mustCheck(t, d)
}

// After any sequence of releases and restarts, the files on the disk, the index
// and a stage of all files equal the model.
func TestAnyAmendmentOnTopOfAny(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		d := mustOpen(rt, filepath.Join(root, fmt.Sprint(run)))
		current := tree{}
		for i := range rapid.IntRange(1, 6).Draw(rt, "releases") {
			d.Keep = rapid.SampledFrom([]int{-1, 1, 2}).Draw(rt, "keep")
			if short := rapid.Bool().Draw(rt, "short"); short {
				d.RewriteOften()
			}
			label := fmt.Sprintf("%03d", i)
			want := maps.Clone(current)
			changes := drawChanges(rt, want)
			var s *Stage
			switch rapid.SampledFrom([]string{"amend", "amend", "amend", "stage", "full"}).Draw(rt, "how") {
			case "amend":
				if s = mustAmend(rt, d, label); rapid.Bool().Draw(rt, "second thoughts") {
					for _, c := range drawChanges(rt, maps.Clone(current)) {
						_ = s.Write(c.name, []byte("draft"))
						if err := errors.Join(s.Remove(c.name), takeBack(s, current, c.name)); err != nil {
							rt.Fatal(err)
						}
					}
				}
				for _, c := range changes {
					do := func() error { return s.Remove(c.name) }
					if !c.gone {
						do = func() error { return s.Write(c.name, []byte(c.content)) }
					}
					if err := do(); err != nil {
						rt.Fatal(err)
					}
				}
			case "stage":
				s = mustStage(rt, d, label, false, want)
			default:
				s = mustStage(rt, d, label, true, want)
			}
			changed := mustFlip(rt, s)
			if expected := i == 0 || !maps.Equal(want, current); changed != expected {
				rt.Fatalf("flip from %v to %v: changed = %v", current, want, changed)
			}
			checkCurrentIs(rt, d, want)
			mustCheck(rt, d)
			again := mustOpen(rt, d.Path())
			mustCheck(rt, again)
			if rapid.Bool().Draw(rt, "restart") {
				d = again
			}
			if rapid.IntRange(0, 3).Draw(rt, "spare") == 0 {
				if err := d.Spare(); err != nil {
					rt.Fatal(err)
				}
			}
			current = want
		}
	})
}

func takeBack(s *Stage, current tree, name string) error {
	if _, ok := current[name]; ok {
		return s.Keep(name)
	}
	return nil
}

type edit struct {
	name, content string
	gone          bool
}

// drawChanges draws changes, and applies them to the model.
func drawChanges(rt *rapid.T, files tree) (changes []edit) {
	segment := rapid.SampledFrom([]string{"a", "b", "c.json", "ü", ".x"})
	for range rapid.IntRange(0, 5).Draw(rt, "changes") {
		if names := slices.Sorted(maps.Keys(files)); len(names) > 0 && rapid.IntRange(0, 2).Draw(rt, "remove") == 0 {
			name := rapid.SampledFrom(names).Draw(rt, "name")
			delete(files, name)
			changes = append(changes, edit{name: name, gone: true})
			continue
		}
		name := strings.Join(rapid.SliceOfN(segment, 1, 3).Draw(rt, "segments"), "/")
		if clashes(files, name) {
			continue
		}
		files[name] = rapid.SampledFrom([]string{"", "1", "2", "long content"}).Draw(rt, "content")
		changes = append(changes, edit{name: name, content: files[name]})
	}
	return changes
}
