package website_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/zap/zaptest"

	"netsync/publishers/snapshot"
	"netsync/publishers/website"
)

// TestWhatIsWrongDoesNotGoLive publishes a faulty site over a good one.
func TestWhatIsWrongDoesNotGoLive(t *testing.T) {
	t.Parallel()
	const iau = "networks/iau/index.html"
	for name, test := range map[string]struct {
		template string   // of a theme, for the page of a record
		only     []string // records; all if empty
		fresh    bool     // the site is built from scratch
		problem  string   // "" if it is published
	}{
		"nothing":                           {},
		"a link that leads nowhere":         {template: `{{template "top" .}}<p><a href="../nowhere/">Nowhere</a></p>{{template "bottom" .}}`, problem: "templates/record.html:1:33: the link leads to "},
		"hardly a page":                     {template: `<p>Hello</p>`, problem: "is not a whole page"},
		"a page that vanished":              {only: []string{"networks/leru"}, problem: "prove that "},
		"a page that the stream never knew": {only: []string{"networks/leru"}, fresh: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, theme := t.TempDir(), t.TempDir()
			publish(t, newSite(t, dir, ""), sampleStory(t).edition(0, true))
			before := readFiles(t, current(dir))
			if test.template != "" {
				must(t, os.Mkdir(filepath.Join(theme, "templates"), 0o755))
				must(t, os.WriteFile(filepath.Join(theme, "templates", "record.html"), []byte(test.template), 0o600))
			}
			site, err := website.New(website.Config{Dir: dir, Feeds: true, Theme: theme, Log: zaptest.NewLogger(t)})
			must(t, err)
			s := sampleStory(t, test.only...)
			s.addChangeset(false, s.editRecord(parseID("networks/leru"), map[string]any{"founded": "2001"}))
			shown := 1
			if test.fresh {
				shown = 0
			}
			err = site.Publish(t.Context(), s.edition(shown, test.fresh))
			var refused *website.GateError
			var mistaken *website.ThemeError  // if the theme is the cause
			var unproven *snapshot.ProofError // no event removed the record
			switch {
			case test.problem == "":
				must(t, err)
				if _, there := readFiles(t, current(dir))[iau]; there != (test.only == nil) {
					t.Errorf("%s is there: %t", iau, there)
				}
			case !errors.As(err, &refused) && !errors.As(err, &mistaken) && !errors.As(err, &unproven) || !strings.Contains(err.Error(), test.problem):
				t.Errorf("published with %v, want it refused with %q", err, test.problem)
			default:
				for name, data := range readFiles(t, current(dir)) {
					if string(before[name]) != string(data) {
						t.Errorf("%s changed", name)
					}
				}
			}
		})
	}
}
