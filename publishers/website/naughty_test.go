package website_test

import (
	"fmt"
	"testing"

	"netsync/publishers/website/webtest"
	"netsync/schema"
	"netsync/schema/event"
)

// naughtyStory has n records with naughty strings in every text, of which some
// have been changed, one after another, by people with naughty names.
func naughtyStory(t testing.TB, naughty webtest.Naughty, n int) *story {
	t.Helper()
	s := &story{t: t, state: &schema.State{}, manifest: naughty.Manifest(0)}
	if !schema.Valid("", s.manifest) {
		t.Fatal("the manifest is not valid")
	}
	var all []change
	for _, c := range schema.Collections() {
		for i := range (n + 2) / 3 {
			value := naughty.Record(c, i)
			if !schema.Valid(c, value) {
				t.Fatalf("%s is not valid: %v", naughty.ID(c, i), value)
			}
			all = append(all, change{naughty.ID(c, i), value})
		}
	}
	s.tell(true, all...)
	const rounds, each = 4, 80 // as much as the page of changes lists
	for round := range rounds {
		var some []change
		for k := range min(each, len(all)) {
			i := round*each + k
			at := all[i%len(all)]
			other := naughty.Record(at.id.Collection, i+100)
			some = append(some, s.edit(at.id, map[string]any{"name": other["name"], "summary": other["summary"], "links": other["links"]}))
		}
		s.tell(false, some...)
		for k, c := range s.entries[len(s.entries)-1].Changes {
			text := naughty.Record(schema.Networks, round*each+k)
			c.Commits = []event.Commit{{SHA: c.Commits[0].SHA, Time: c.Commits[0].Time, Author: fmt.Sprint(text["x-note"]), Subject: fmt.Sprint(text["acronym"])}}
		}
	}
	return s
}

func TestNaughtyStringsMakeValidHTML(t *testing.T) {
	t.Parallel()
	naughty := webtest.NewNaughty(webtest.NaughtyStrings(t))
	site := built(t, naughtyStory(t, naughty, naughtyRecords()), homes[0])
	t.Logf("%d pages", len(site.Pages))
	t.Run("links", func(t *testing.T) { webtest.Report(t, site.Links()) })
	t.Run("JSON-LD", func(t *testing.T) { webtest.Report(t, site.LinkedData(t)) })
	t.Run("Nu", func(t *testing.T) { webtest.Report(t, site.Nu(t)) })
	t.Run("html-validate", func(t *testing.T) { webtest.Report(t, site.HTMLValidate(t)) })
}
