package website_test

import (
	"flag"
	"path/filepath"
	"testing"

	"netsync/publishers/website/webtest"
)

// openBuilt publishes a story from its beginning and opens the site for
// checks.
func openBuilt(t testing.TB, s *story, base string) *webtest.Site {
	t.Helper()
	dir := t.TempDir()
	publish(t, newSite(t, dir, base), s.edition(0, true))
	return webtest.Open(t, filepath.Join(dir, "current"), base)
}

// eventfulStory returns the sample with updated, renamed and removed records.
func eventfulStory(t testing.TB) *story {
	t.Helper()
	s := sampleStory(t)
	s.addChangeset(false, s.editRecord(parseID("networks/iau"), map[string]any{"founded": "195X", "aliases": []any{"old-iau"}}),
		s.editRecord(parseID("networks/coimbra-group"), map[string]any{"membership": map[string]any{"role": "member", "since": "1985", "until": "2024"}}),
		change{parseID("activities/inucost"), nil})
	s.addChangeset(false, s.editRecord(parseID("networks/leru"), map[string]any{"founded": "2003"}))
	return s
}

// baseURLs are a folder of a host, the root of one, and an unknown host.
var baseURLs = []string{"https://www.example.org/int/networks/", "https://www.example.org/", ""}

func TestEveryAddressLeadsSomewhere(t *testing.T) {
	t.Parallel()
	for _, base := range baseURLs {
		t.Run(base, func(t *testing.T) {
			t.Parallel()
			webtest.Report(t, openBuilt(t, eventfulStory(t), base).Links())
		})
	}
}

func TestMachinesAreToldInSchemaOrgsWords(t *testing.T) {
	t.Parallel()
	for _, base := range baseURLs {
		t.Run(base, func(t *testing.T) {
			t.Parallel()
			webtest.Report(t, openBuilt(t, eventfulStory(t), base).LinkedData(t))
		})
	}
}

func TestTheSampleIsValidHTML(t *testing.T) {
	t.Parallel()
	site := openBuilt(t, eventfulStory(t), baseURLs[0])
	t.Run("Nu", func(t *testing.T) { webtest.Report(t, site.Nu(t)) })
	t.Run("html-validate", func(t *testing.T) { webtest.Report(t, site.HTMLValidate(t)) })
}

// longRun is set for checks that take too long for CI.
var longRun = flag.Bool("web.long", false, "judge every page of 1,000 records in every way")

// naughtyRecordCount returns how many records have naughty strings.
func naughtyRecordCount() int {
	if *longRun {
		return 1000
	}
	return 99
}
