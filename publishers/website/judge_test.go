package website_test

import (
	"flag"
	"path/filepath"
	"testing"

	"netsync/publishers/website/webtest"
)

// built publishes a story from its beginning and opens the site to be judged.
func built(t testing.TB, s *story, base string) *webtest.Site {
	t.Helper()
	dir := t.TempDir()
	publish(t, newSite(t, dir, base), s.edition(0, true))
	return webtest.Open(t, filepath.Join(dir, "current"), base)
}

// eventful is the sample with records that were edited, renamed and removed.
func eventful(t testing.TB) *story {
	t.Helper()
	s := sampleStory(t)
	s.tell(false, s.edit(id("networks/iau"), map[string]any{"founded": "195X", "aliases": []any{"old-iau"}}),
		s.edit(id("networks/coimbra-group"), map[string]any{"membership": map[string]any{"role": "member", "since": "1985", "until": "2024"}}),
		change{id("activities/inucost"), nil})
	s.tell(false, s.edit(id("networks/leru"), map[string]any{"founded": "2003"}))
	return s
}

// homes are the addresses that sites are built for: a folder of a host, the
// root of one, and none that is known.
var homes = []string{"https://www.example.org/int/networks/", "https://www.example.org/", ""}

func TestEveryAddressLeadsSomewhere(t *testing.T) {
	t.Parallel()
	for _, base := range homes {
		t.Run(base, func(t *testing.T) {
			t.Parallel()
			webtest.Report(t, built(t, eventful(t), base).Links())
		})
	}
}

func TestMachinesAreToldInSchemaOrgsWords(t *testing.T) {
	t.Parallel()
	for _, base := range homes {
		t.Run(base, func(t *testing.T) {
			t.Parallel()
			webtest.Report(t, built(t, eventful(t), base).LinkedData(t))
		})
	}
}

func TestTheSampleIsValidHTML(t *testing.T) {
	t.Parallel()
	site := built(t, eventful(t), homes[0])
	t.Run("Nu", func(t *testing.T) { webtest.Report(t, site.Nu(t)) })
	t.Run("html-validate", func(t *testing.T) { webtest.Report(t, site.HTMLValidate(t)) })
}

// long is for more than a run of CI has time for.
var long = flag.Bool("web.long", false, "judge every page of 1,000 records in every way")

// naughtyRecords is how many records have naughty strings.
func naughtyRecords() int {
	if *long {
		return 1000
	}
	return 99
}
