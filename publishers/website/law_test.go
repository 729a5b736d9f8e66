package website_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"netsync/publishers/website"
	"netsync/schema"
)

// TestIncrementalEqualsFresh publishes random stories in random steps and
// compares the site with one that is built at once. Every other site has tiny
// limits.
func TestIncrementalEqualsFresh(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		s := sampleStory(t, "networks/leru", "networks/lde-global", "organizations/tu-delft", "organizations/leiden-university")
		vocabularies := s.manifest["vocabularies"].(map[string]any)
		for _, name := range []string{"topics", "regions"} { // fewer pages
			terms := maps.Clone(vocabularies[name].(map[string]any))
			maps.DeleteFunc(terms, func(term string, _ any) bool { return term != "water" && term != "climate" && term != "africa" })
			vocabularies[name] = terms
		}
		cramped := rapid.Bool().Draw(rt, "cramped")
		open := func(dir string) *website.Site {
			site := newSite(t, dir, "https://www.example.org/n/")
			if cramped {
				site.UseTinyLimits()
			}
			return site
		}
		dir := t.TempDir()
		site := open(dir)
		publish(t, site, s.edition(0, true))
		shown := len(s.entries)
		for range rapid.IntRange(1, 6).Draw(rt, "changesets") {
			addRandomChangeset(rt, s)
			if rapid.IntRange(0, 2).Draw(rt, "publish") > 0 {
				publish(t, site, s.edition(shown, false))
				shown = len(s.entries)
			}
			if rapid.IntRange(0, 4).Draw(rt, "restart") == 0 {
				site = open(dir)
				if shown == len(s.entries) {
					publish(t, site, s.edition(shown, false)) // as after a restart
				}
			}
		}
		publish(t, site, s.edition(shown, false))
		whole := t.TempDir()
		publish(t, open(whole), s.edition(0, true))
		checkSameFiles(rt, t, current(dir), current(whole))
	})
}

// TestASiteIsCutUpWhenItGrows adds records one by one and removes them again.
// At each size the site equals one that is built at once.
func TestASiteIsCutUpWhenItGrows(t *testing.T) {
	t.Parallel()
	s := sampleStory(t, "networks/lde-global", "organizations/tu-delft")
	open := func(dir string) *website.Site {
		site := newSite(t, dir, "https://www.example.org/n/")
		site.UseTinyLimits()
		return site
	}
	dir := t.TempDir()
	site := open(dir)
	publish(t, site, s.edition(0, true))
	more := []schema.RecordID{parseID("networks/new"), parseID("organizations/unesco"), parseID("activities/hub"), parseID("networks/old"), parseID("organizations/new")}
	step := func(c change) {
		s.addChangeset(false, c)
		publish(t, site, s.edition(len(s.entries)-1, false))
		whole := t.TempDir()
		publish(t, open(whole), s.edition(0, true))
		checkSameFiles(t, t, current(dir), current(whole))
	}
	for _, at := range more {
		value := newValue(at)
		value["name"] = at.ID // words of its own, so the files are split one at a time
		step(change{at, value})
	}
	for _, at := range more {
		step(change{at, nil})
	}
}

// addRandomChangeset edits, adds, removes or republishes a few records.
func addRandomChangeset(rt *rapid.T, s *story) {
	ids := []string{"networks/leru", "networks/iau", "networks/new", "networks/old", "organizations/tu-delft",
		"organizations/leiden-university", "organizations/unesco", "activities/inucost", "activities/hub"}
	var changes []change
	for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom(ids), 1, 4, rapid.ID[string]).Draw(rt, "records") {
		at := parseID(name)
		_, there := s.state.Get(at)
		switch {
		case there && rapid.IntRange(0, 3).Draw(rt, "remove") == 0:
			changes = append(changes, change{at, nil})
		case there:
			changes = append(changes, s.editRecord(at, randomEdit(rt, at)))
		default:
			changes = append(changes, change{at, newValue(at)})
		}
	}
	s.addChangeset(rapid.IntRange(0, 4).Draw(rt, "bulk") == 0, changes...)
	last := s.entries[len(s.entries)-1].Changes
	last[0].Republished = rapid.IntRange(0, 5).Draw(rt, "republished") == 0
	if rapid.IntRange(0, 5).Draw(rt, "rename") == 0 {
		s.manifest["title"] = map[string]any{"en": fmt.Sprint("Title ", len(s.entries)), "nl": "Titel"}
	}
}

// randomEdit returns a random change of a record's value.
func randomEdit(rt *rapid.T, at schema.RecordID) map[string]any {
	one := func(what string, values ...any) any { return rapid.SampledFrom(values).Draw(rt, what) }
	edits := map[string]any{
		"name":    one("name", "A <b>", "B & C", "Ü", "The university", map[string]any{"en": "University", "nl": "Universiteit"}),
		"summary": one("summary", "One.", "Two."),
		"aliases": one("aliases", []any{}, []any{"former"}, []any{"iau", "former"}),
	}
	edits["logo"] = one("logo", newLogo("a", "image/svg+xml"), newLogo("b", "image/svg+xml"), newLogo("a", "image/png"))
	switch at.Collection {
	case schema.Networks:
		edits["membership"] = one("membership", map[string]any{"since": "1990"}, map[string]any{"until": "2001", "successor": "new"})
		edits["partners"] = one("partners", []any{}, []any{"tu-delft"}, []any{"tu-delft", "unesco"})
		edits["topics"] = one("topics", []any{}, []any{"water"}, []any{"water", "climate"})
		edits["tier"] = one("tier", "key", "member")
		edits["order"] = one("order", 1, 2, 3)
	case schema.Activities:
		edits["network"] = one("network", "lde-global", "new", "leru")
		edits["regions"] = one("regions", []any{}, []any{"africa"})
		edits["partners"] = one("partners", []any{}, []any{"unesco"})
		edits["status"] = one("status", "active", "ended")
	case schema.Organizations:
		edits["country"] = one("country", "NL", "FR")
	}
	keys := rapid.SliceOfNDistinct(rapid.SampledFrom(slices.Sorted(maps.Keys(edits))), 1, 3, rapid.ID[string]).Draw(rt, "keys")
	chosen := make(map[string]any)
	for _, key := range keys {
		chosen[key] = edits[key]
	}
	return chosen
}

func newLogo(name, mediaType string) map[string]any {
	return map[string]any{"path": "assets/" + name, "digest": string(schema.DigestOf([]byte(name))), "media_type": mediaType, "size": 3}
}

func newValue(at schema.RecordID) map[string]any {
	value := map[string]any{"id": at.ID, "name": "New " + at.ID, "summary": "New."}
	switch at.Collection {
	case schema.Networks:
		value["tier"], value["kind"], value["purposes"] = "member", "alliance", []any{"advocacy"}
	case schema.Organizations:
		value["kind"] = "university"
	case schema.Activities:
		value["kind"], value["network"] = "hub", "lde-global"
	}
	return value
}

// checkSameFiles compares two releases byte for byte.
func checkSameFiles(rt interface{ Fatalf(string, ...any) }, t testing.TB, a, b fs.FS) {
	left, right := readFiles(t, a), readFiles(t, b)
	for name, data := range left {
		if !bytes.Equal(data, right[name]) {
			rt.Fatalf("%s differs: %s", name, cmp.Diff(strings.Split(string(data), "\n"), strings.Split(string(right[name]), "\n")))
		}
	}
	for name := range right {
		if left[name] == nil {
			rt.Fatalf("%s is missing", name)
		}
	}
}
