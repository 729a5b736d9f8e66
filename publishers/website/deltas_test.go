package website_test

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"netsync/publishers/snapshot"
)

// TestASnapshotAndDeltasGiveToday copies the data files of random releases and
// updates each copy with the deltas of the last release.
func TestASnapshotAndDeltasGiveToday(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		s := sampleStory(t, "networks/leru", "networks/lde-global", "organizations/tu-delft", "organizations/leiden-university")
		dir := t.TempDir()
		site := newSite(t, dir, "https://www.example.org/n/")
		publish(t, site, s.edition(0, true))
		copies := []string{copyData(t, dir)}
		shown := len(s.entries)
		for range rapid.IntRange(1, 6).Draw(rt, "changesets") {
			addRandomChangeset(rt, s)
			if rapid.Bool().Draw(rt, "publish") {
				publish(t, site, s.edition(shown, false))
				shown = len(s.entries)
				copies = append(copies, copyData(t, dir))
			}
		}
		publish(t, site, s.edition(shown, false))
		data, err := fs.Sub(current(dir), "data")
		if err != nil {
			t.Fatal(err)
		}
		source := func(_ context.Context, name string) ([]byte, error) { return fs.ReadFile(data, name) }
		for _, copied := range copies {
			report, err := snapshot.Update(t.Context(), copied, source)
			if err != nil {
				rt.Fatal(err)
			}
			if report.StateDigest != s.state.Digest() {
				rt.Fatalf("the copy has the state %s, not %s", report.StateDigest, s.state.Digest())
			}
			want := readFiles(t, os.DirFS(copyData(t, dir)))
			got := readFiles(t, os.DirFS(copied))
			for name := range want {
				if !bytes.Equal(got[name], want[name]) {
					rt.Fatalf("%s of a copy of %s is\n%s\nand of the site\n%s", name, report.From, got[name], want[name])
				}
			}
			if len(got) != len(want) {
				rt.Fatalf("the copy has %d files, the site %d", len(got), len(want))
			}
		}
	})
}

// copyData copies the data files that deltas start from.
func copyData(t *testing.T, dir string) string {
	t.Helper()
	to := t.TempDir()
	for name, data := range readFiles(t, current(dir)) {
		name, ok := strings.CutPrefix(name, "data/")
		first, _, _ := strings.Cut(name, "/")
		if !ok || filepath.Ext(name) != ".json" || !strings.Contains("manifest.json networks.json organizations.json activities.json networks organizations activities", first) {
			continue
		}
		if err := os.MkdirAll(filepath.Join(to, filepath.Dir(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(to, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

// TestASnapshotInPartsIsWhatTheSiteHas compares a snapshot with the files of a
// site with split data files.
func TestASnapshotInPartsIsWhatTheSiteHas(t *testing.T) {
	t.Parallel()
	s := sampleStory(t)
	dir := t.TempDir()
	site := newSite(t, dir, "https://www.example.org/")
	site.UseTinyLimits()
	publish(t, site, s.edition(0, true))
	data, err := fs.Sub(current(dir), "data")
	if err != nil {
		t.Fatal(err)
	}
	read, err := snapshot.Read(data)
	if err == nil {
		err = read.Whole()
	}
	if err != nil {
		t.Fatal(err)
	}
	files := read.Files(3)
	if len(files) < 2*snapshot.Buckets {
		t.Fatalf("%d files", len(files))
	}
	for name, want := range files {
		if got, err := fs.ReadFile(data, name); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s (%v):\n%s\nwant\n%s", name, err, got, want)
		}
	}
}

// TestALostDeltaIsMadeAgain deletes a delta and rebuilds.
func TestALostDeltaIsMadeAgain(t *testing.T) {
	t.Parallel()
	s := sampleStory(t, "networks/leru")
	dir := t.TempDir()
	site := newSite(t, dir, "https://www.example.org/")
	publish(t, site, s.edition(0, true))
	s.addChangeset(false, s.editRecord(parseID("networks/leru"), map[string]any{"summary": "One."}))
	publish(t, site, s.edition(1, false))
	all, err := filepath.Glob(filepath.Join(dir, "current", "data", "changes", "*..*.json"))
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	for _, damage := range []func() error{
		func() error { return os.Remove(all[0]) },
		func() error { return os.WriteFile(all[0], []byte("{}"), 0o644) },
	} {
		at, _ := os.Readlink(filepath.Join(dir, "current"))
		all[0] = filepath.Join(dir, at, "data", "changes", filepath.Base(all[0]))
		if err := damage(); err != nil {
			t.Fatal(err)
		}
		site = newSite(t, dir, "https://www.example.org/")
		if err := site.Publish(t.Context(), s.edition(len(s.entries), false)); err == nil {
			t.Error("it was not missed")
		}
		if p, err := site.Position(t.Context()); err != nil || p.Sequence != 0 {
			t.Errorf("the site shows %v (%v)", p, err)
		}
		publish(t, site, s.edition(0, true))
		if p, err := site.Position(t.Context()); err != nil || p.Sequence == 0 {
			t.Errorf("the site shows %v (%v)", p, err)
		}
	}
}
