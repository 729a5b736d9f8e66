package website_test

import (
	"fmt"
	"testing"

	"netsync/publishers/website/webtest"
	"netsync/schema"
	"netsync/schema/event"
)

// naughtyStory returns a dataset of n records with naughty strings in every
// text. Authors with naughty names have changed some of them.
func naughtyStory(t testing.TB, naughty webtest.Naughty, manifest, n int) *story {
	t.Helper()
	s := &story{t: t, state: &schema.State{}, manifest: naughty.Manifest(manifest)}
	if err := schema.Validator("").Validate(s.manifest); err != nil {
		t.Fatalf("the manifest is not valid: %v", err)
	}
	type numbered struct {
		change
		number int
	}
	var all []numbered
	var first []change
	for _, c := range schema.Collections() {
		for i := range (n + 2) / 3 {
			value := naughty.Record(c, i)
			if err := schema.Validator(c).Validate(value); err != nil {
				t.Fatalf("%s is not valid: %v", naughty.ID(c, i), err)
			}
			first = append(first, change{naughty.ID(c, i), value})
			all = append(all, numbered{first[len(first)-1], i})
		}
	}
	s.addChangeset(true, first...)
	const rounds, each = 4, 80 // as many as the page of changes lists
	for round := range rounds {
		there := round % 2 * 100 // and back
		var some []change
		for i := range min(each, len(all)) {
			at := all[(round/2*each+i)%len(all)]
			to := naughty.Record(at.id.Collection, at.number+100-there)
			some = append(some, s.editRecord(at.id, map[string]any{"name": to["name"], "summary": to["summary"], "links": to["links"]}))
		}
		s.addChangeset(false, some...)
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
	site := openBuilt(t, naughtyStory(t, naughty, 0, naughtyRecordCount()), baseURLs[0])
	t.Logf("%d pages", len(site.Pages))
	t.Run("links", func(t *testing.T) { webtest.Report(t, site.Links()) })
	t.Run("JSON-LD", func(t *testing.T) { webtest.Report(t, site.LinkedData(t)) })
	site.Pages = selectPages(site.Pages, false) // whose pages are checked one by one
	t.Run("Nu", func(t *testing.T) { webtest.Report(t, site.Nu(t)) })
	t.Run("html-validate", func(t *testing.T) { webtest.Report(t, site.HTMLValidate(t)) })
}

// naughtyManifests returns the numbers of the manifests to try: all strings in
// all texts, or the worst in some.
func naughtyManifests(naughty webtest.Naughty) []int {
	step, last := 10, 20
	if *longRun {
		step, last = 1, naughty.Half()
	}
	var all []int
	for i := 0; i <= last; i += step {
		all = append(all, i)
	}
	return all
}

// TestNaughtyManifests shows overviews of many small datasets, without a
// policy.
func TestNaughtyManifests(t *testing.T) {
	t.Parallel()
	naughty := webtest.NewNaughty(webtest.NaughtyStrings(t))
	browser := webtest.Start(t)
	for _, i := range naughtyManifests(naughty) {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			const records = 12
			site := openBuilt(t, naughtyStory(t, naughty, i, records), "")
			webtest.Report(t, site.Links())
			webtest.Report(t, site.LinkedData(t))
			tab := browser.Tab(t, site.Serve(t))
			tab.IgnorePolicy()
			for _, p := range site.Pages {
				if p.Kind == webtest.Overview {
					webtest.Report(t, tab.Contained(p, naughty.OnOverview(i, p.Language)))
				}
			}
		})
	}
}

// selectPages returns the pages to check: every tenth with a policy, which can
// only make strings harmless, else all, but in a short run only every eighth
// page of a term.
func selectPages(pages []*webtest.Page, policy bool) []*webtest.Page {
	var chosen []*webtest.Page
	for i, p := range pages {
		every := 1
		if policy {
			every = 10
		} else if !*longRun && (p.Kind == webtest.Topic || p.Kind == webtest.Region) {
			every = 8
		}
		if i%every == 0 {
			chosen = append(chosen, p)
		}
	}
	return chosen
}

// TestNaughtyStringsStayInTheirPlaces loads pages with naughty strings, first
// without a policy that would block them, then some with it. Nothing may run
// or load from elsewhere, and each text must be the whole text of its element.
func TestNaughtyStringsStayInTheirPlaces(t *testing.T) {
	t.Parallel()
	naughty := webtest.NewNaughty(webtest.NaughtyStrings(t))
	browser := webtest.Start(t)
	site := openBuilt(t, naughtyStory(t, naughty, 0, naughtyRecordCount()), "")
	origin := site.Serve(t)
	for _, policy := range []bool{false, true} {
		t.Run(fmt.Sprintf("policy=%v", policy), func(t *testing.T) {
			webtest.Report(t, runInTabs(t, browser, origin, selectPages(site.Pages, policy), func(tab *webtest.Tab, p *webtest.Page) []webtest.Finding {
				if !policy {
					tab.IgnorePolicy()
				}
				return tab.Contained(p, naughty.OnPage(p))
			}))
		})
	}
}
