package website_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"netsync/publishers"
	"netsync/schema"
)

func current(dir string) fs.FS { return os.DirFS(filepath.Join(dir, "current")) }

// readFiles returns all files below a folder.
func readFiles(t testing.TB, files fs.FS) map[string][]byte {
	t.Helper()
	all := make(map[string][]byte)
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			all[name], err = fs.ReadFile(files, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestTheLogShowsWhatHappened(t *testing.T) {
	s := sampleStory(t)
	s.addChangeset(false, s.editRecord(parseID("networks/iau"), map[string]any{"founded": "195X"}), change{parseID("activities/inucost"), nil})
	s.addChangeset(false, s.editRecord(parseID("networks/leru"), map[string]any{"acronym": "LERU"}))
	s.entries[2].Changes[0].Republished = true
	for _, d := range parsePages(t, publishStory(t, s, "")) {
		if d.name != "changes/index.html" {
			continue
		}
		shown := visibleText(d.findElements("main")[0])
		for _, part := range []string{"1950 1950s", "INUcost", "Edit networks/iau Noor de Vries", "8 networks", s.entries[1].Changeset.Commit[:8]} {
			if !strings.Contains(shown, part) {
				t.Errorf("the changes lack %q:\n%s", part, shown)
			}
		}
		if strings.Contains(shown, "Edit networks/leru") {
			t.Error("what was republished is shown as a change")
		}
	}
}

// parseID parses "networks/leru".
func parseID(s string) schema.RecordID {
	r, err := schema.ParseRecordID(s)
	if err != nil {
		panic(err)
	}
	return r
}

func TestTheSiteHasItsFiles(t *testing.T) {
	all := readFiles(t, publishStory(t, sampleStory(t), "https://www.example.org/"))
	for _, name := range []string{
		"index.html", "nl/index.html", "changes/index.html", "nl/changes/index.html", "404.html", "sitemap.xml",
		"networks/una-europa/index.html", "nl/networks/una-europa/index.html",
		"organizations/tu-delft/index.html", "activities/icfi-nairobi/index.html",
		"data/manifest.json", "data/networks.json", "data/organizations.json", "data/activities.json",
		"data/changes.json", "data/networks/leru.json", "channel.json",
	} {
		if all[name] == nil {
			t.Errorf("%s is missing", name)
		}
	}
	if t.Failed() {
		t.Logf("there are %q", slices.Sorted(maps.Keys(all)))
	}
}

func TestDataFilesHoldTheRecordsVerbatim(t *testing.T) {
	s := sampleStory(t)
	files := publishStory(t, s, "")
	for r := range s.state.All() {
		data, err := fs.ReadFile(files, "data/"+r.ID.String()+".json")
		if err != nil || !bytes.Equal(data, r.JSON) {
			t.Errorf("%s: %v, not the canonical JSON", r.ID, err)
		}
	}
	data, err := fs.ReadFile(files, "data/networks.json")
	if err != nil {
		t.Fatal(err)
	}
	var list struct {
		Dataset, Changeset string
		StateDigest        schema.Digest `json:"state_digest"`
		Networks           []json.RawMessage
	}
	if err := json.Unmarshal(data, &list); err != nil {
		t.Fatal(err)
	}
	want := s.state.Sorted(schema.Networks)
	if list.Dataset != "leiden-networks" || list.StateDigest != s.state.Digest() || len(list.Networks) != len(want) {
		t.Errorf("networks.json says %s, %s, %d records", list.Dataset, list.StateDigest, len(list.Networks))
	}
	for n, r := range want {
		if !bytes.Equal(list.Networks[n], r.JSON) {
			t.Errorf("record %d is not %s, verbatim", n, r.ID)
		}
	}
}

func TestPublishingTwiceChangesNothing(t *testing.T) {
	s, dir := sampleStory(t), t.TempDir()
	site := newSite(t, dir, "")
	publish(t, site, s.edition(0, true))
	before, err := os.Readlink(filepath.Join(dir, "current"))
	if err != nil {
		t.Fatal(err)
	}
	for _, again := range []publishers.Edition{s.edition(0, true), s.edition(0, false), s.edition(1, false)} {
		publish(t, site, again)
		if after, err := os.Readlink(filepath.Join(dir, "current")); err != nil || after != before {
			t.Errorf("current moved from %s to %s (%v)", before, after, err)
		}
	}
}

func TestPositionIsWhatTheReleaseShows(t *testing.T) {
	s, dir := sampleStory(t), t.TempDir()
	site := newSite(t, dir, "")
	if p, err := site.Position(t.Context()); err != nil || p.Sequence != 0 {
		t.Errorf("an empty folder shows %v, %v", p, err)
	}
	publish(t, site, s.edition(0, true))
	if p, err := site.Position(t.Context()); err != nil || p != s.edition(0, true).Position {
		t.Errorf("after a publication it shows %v, %v", p, err)
	}
	if err := os.Remove(filepath.Join(dir, "current", "data", "changes.json")); err != nil {
		t.Fatal(err)
	}
	if p, err := newSite(t, dir, "").Position(t.Context()); err != nil || p.Sequence != 0 {
		t.Errorf("without its log it shows %v, %v; want to be built anew", p, err)
	}
}

func TestAChangeRewritesOnlyThePagesThatShowIt(t *testing.T) {
	s, dir := sampleStory(t), t.TempDir()
	site := newSite(t, dir, "")
	publish(t, site, s.edition(0, true))
	before := readFiles(t, current(dir))
	s.addChangeset(false, s.editRecord(parseID("networks/iau"), map[string]any{"founded": "1951"}))
	publish(t, site, s.edition(1, false))
	var changed []string
	for name, data := range readFiles(t, current(dir)) {
		if !bytes.Equal(before[name], data) {
			changed = append(changed, name)
		}
	}
	slices.Sort(changed)
	want := []string{"about/index.html", "changes/index.html", "channel.json", "data/activities.json", "data/changes.json",
		"data/changes/19..21.json", "data/changes/index.json",
		"data/index.json", "data/leiden-networks.zip", "data/modified.csv", "data/networks.csv", "data/networks.json",
		"data/networks.jsonld", "data/networks/iau.json", "data/organizations.json", "fragments/changes.html",
		"fragments/nl/changes.html", "index.html", "networks/iau/index.html",
		"nl/about/index.html", "nl/changes/index.html", "nl/index.html", "nl/networks/iau/index.html"}
	if !slices.Equal(changed, want) {
		t.Errorf("changed\n%q, want\n%q", changed, want)
	}
}
