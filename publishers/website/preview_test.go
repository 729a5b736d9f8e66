package website_test

import (
	"bytes"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"netsync/publishers/website"
	"netsync/schema"
)

// TestAnUpdatedPreviewEqualsANewOne updates a preview with random stories and
// compares every file with a new preview.
func TestAnUpdatedPreviewEqualsANewOne(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		s := sampleStory(t, "networks/leru", "networks/lde-global", "organizations/tu-delft", "organizations/leiden-university")
		updated := newPreview(t, s)
		for range rapid.IntRange(1, 4).Draw(rt, "changesets") {
			addRandomChangeset(rt, s)
			e := s.edition(0, true)
			if !updated.Shows(e.Changeset.ManifestDigest) {
				updated = newPreview(t, s)
				continue
			}
			var touched []schema.RecordID
			for _, c := range s.entries[len(s.entries)-1].Changes {
				touched = append(touched, c.RecordID())
			}
			if err := updated.Update(e, touched); err != nil {
				t.Fatal(err)
			}
		}
		checkSamePreviews(rt, updated, newPreview(t, s))
	})
}

// TestAPreviewIsTheSite compares a preview with the files of a release.
func TestAPreviewIsTheSite(t *testing.T) {
	t.Parallel()
	s := eventfulStory(t)
	dir := t.TempDir()
	publish(t, newSite(t, dir, ""), s.edition(0, true))
	preview, published := newPreview(t, s), readFiles(t, current(dir))
	for _, name := range preview.Names() {
		data := readFile(t, preview, name)
		if want, there := published[name]; !there || !bytes.Equal(want, data) {
			t.Errorf("%s is not as on the site", name)
		}
		delete(published, name)
	}
	for name := range published {
		t.Errorf("the preview lacks %s", name)
	}
}

func newPreview(t *testing.T, s *story) *website.Preview {
	t.Helper()
	p, err := website.NewPreview(website.Config{Feeds: true}, s.edition(0, true))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func readFile(t rapid.TB, p *website.Preview, name string) []byte {
	data, ok, err := p.Read(name)
	if !ok || err != nil {
		t.Fatalf("read %s: %t, %v", name, ok, err)
	}
	return data
}

func checkSamePreviews(t rapid.TB, a, b *website.Preview) {
	if !slices.Equal(a.Names(), b.Names()) {
		t.Fatalf("other files: %q and %q", a.Names(), b.Names())
	}
	for _, name := range a.Names() {
		if !bytes.Equal(readFile(t, a, name), readFile(t, b, name)) {
			t.Fatalf("%s differs", name)
		}
	}
}
