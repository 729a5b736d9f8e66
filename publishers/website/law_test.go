package website_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"testing"

	"pgregory.net/rapid"

	"netsync/schema"
)

// TestIncrementalEqualsFresh tells random stories, publishes them in random
// steps, and compares with a site that was built at once.
func TestIncrementalEqualsFresh(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := sampleStory(t, "networks/leru", "networks/lde-global", "organizations/tu-delft")
		dir := t.TempDir()
		site := newSite(t, dir, "https://www.example.org/n/")
		publish(t, site, s.edition(0, true))
		shown := len(s.entries)
		for range rapid.IntRange(1, 5).Draw(rt, "changesets") {
			tellSomething(rt, s)
			if rapid.Bool().Draw(rt, "publish") {
				publish(t, site, s.edition(shown, false))
				shown = len(s.entries)
			}
		}
		publish(t, site, s.edition(shown, false))
		same(rt, t, current(dir), build(t, s, "https://www.example.org/n/"))
	})
}

// tellSomething edits, adds, removes or says again a few records.
func tellSomething(rt *rapid.T, s *story) {
	ids := []string{"networks/leru", "networks/iau", "networks/new", "organizations/tu-delft", "activities/inucost"}
	var changes []change
	for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom(ids), 1, 3, rapid.ID[string]).Draw(rt, "records") {
		at := id(name)
		_, there := s.state.Get(at)
		switch {
		case there && rapid.IntRange(0, 3).Draw(rt, "remove") == 0:
			changes = append(changes, change{at, nil})
		case there:
			changes = append(changes, s.edit(at, map[string]any{"name": rapid.SampledFrom([]string{"A <b>", "B & C", "Ü"}).Draw(rt, "name")}))
		default:
			changes = append(changes, change{at, fresh(at)})
		}
	}
	s.tell(rapid.IntRange(0, 4).Draw(rt, "bulk") == 0, changes...)
	last := s.entries[len(s.entries)-1].Changes
	last[0].Republished = rapid.IntRange(0, 5).Draw(rt, "republished") == 0
	if rapid.IntRange(0, 5).Draw(rt, "rename") == 0 {
		s.manifest["title"] = map[string]any{"en": fmt.Sprint("Title ", len(s.entries)), "nl": "Titel"}
	}
}

func fresh(at schema.RecordID) map[string]any {
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

// same compares two releases byte for byte.
func same(rt *rapid.T, t testing.TB, a, b fs.FS) {
	left, right := content(t, a), content(t, b)
	for name, data := range left {
		if !bytes.Equal(data, right[name]) {
			rt.Fatalf("%s differs:\n%s\nagainst\n%s", name, data, right[name])
		}
	}
	if len(left) != len(right) {
		rt.Fatalf("%d files against %d", len(left), len(right))
	}
}
