package website_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/zap/zaptest"

	"netsync/publishers/website"
)

// newTheme writes a theme's files: pairs of name and content.
func newTheme(t *testing.T, files ...string) string {
	t.Helper()
	dir := t.TempDir()
	for n := 0; n < len(files); n += 2 {
		writeTheme(t, dir, files[n], files[n+1])
	}
	return dir
}

func writeTheme(t *testing.T, dir, name, content string) {
	t.Helper()
	file := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestMistakesInAThemeAreToldWithTheirPlace(t *testing.T) {
	t.Parallel()
	own, err := os.ReadFile("templates/message.html")
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		files []string
		want  []string // the beginning of "place: message" of each mistake, and a part of its remedy after |
	}{
		"nothing":              {nil, nil},
		"an asset and a block": {[]string{"templates/head.html", `{{define "head"}}<link rel="stylesheet" href="{{.Site.Root}}{{asset "theme.css"}}">{{end}}`, "assets/theme.css", "a{}"}, nil},
		"a label":              {[]string{"labels/en.json", `{"overview": "Our networks"}`}, nil},
		"another language":     {[]string{"labels/fr.json", `{"overview": "Nos réseaux"}`}, nil},
		"broken syntax":        {[]string{"templates/head.html", "{{define \"head\"}}\n{{if}}{{end}}\n{{end}}"}, []string{"templates/head.html:2: missing value for if"}},
		"an unknown field":     {[]string{"templates/head.html", "{{define \"head\"}}\n  {{.Titel}}{{end}}"}, []string{"templates/head.html:2:5: there is no field .Titel here|.Title"}},
		"two unknown fields":   {[]string{"templates/head.html", "{{define \"head\"}}{{.Titel}}{{end}}", "templates/footer.html", "{{define \"footer\"}}\n{{.Site.Rot}}{{end}}"}, []string{"templates/footer.html:2:8: there is no field .Rot here|.Root", "templates/head.html:1:20: there is no field .Titel here|.Title"}},
		"an unknown template":  {[]string{"templates/head.html", `{{define "head"}}{{template "haed" .}}{{end}}`}, []string{`templates/head.html:1:29: there is no template "haed"`}},
		"an unknown asset":     {[]string{"templates/head.html", `{{define "head"}}{{asset "logo.svg"}}{{end}}`}, []string{`templates/head.html:1:20: there is no asset "logo.svg"`}},
		"a mistyped name":      {[]string{"templates/mesage.html", string(own)}, []string{`templates/mesage.html: nothing shows this template|"message.html"`}},
		"an unknown label":     {[]string{"labels/en.json", "{\n  \"overveiw\": \"Our networks\"\n}"}, []string{`labels/en.json:2: there is no label "overveiw"|"overview"`}},
		"no JSON":              {[]string{"labels/en.json", "{\n  \"overview\": \"Our networks\",\n}"}, []string{"labels/en.json:3: "}},
		"a dead link":          {[]string{"templates/head.html", "{{define \"head\"}}{{end}}{{define \"footer\"}}\n<a href=\"{{.Site.Root}}imprint/\">Imprint</a>{{end}}"}, []string{"templates/head.html:2:10: the link leads to imprint/index.html|{{.Site.Root}}"}},
		"no frame":             {[]string{"templates/message.html", "<p>Nothing</p>"}, []string{"page "}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := sampleStory(t, "networks/leru", "organizations/leiden-university")
			pages, err := website.CheckTheme(newTheme(t, tc.files...), s.edition(0, true))
			mistakes := website.FindThemeErrors(err)
			if err != nil && mistakes == nil {
				t.Fatal(err)
			}
			if pages == 0 && mistakes == nil {
				t.Error("no page was made")
			}
			for n, m := range mistakes {
				said := fmt.Sprintf("%s: %v", m.Place(), m.Err)
				if n >= len(tc.want) {
					if !strings.HasPrefix(said, "page ") { // one for each kind of page
						t.Errorf("%s (%s)", said, m.Remedy)
					}
					continue
				}
				want, remedy, _ := strings.Cut(tc.want[n], "|")
				if !strings.HasPrefix(said, want) || !strings.Contains(m.Remedy, remedy) {
					t.Errorf("%s (%s), want %s (%s)", said, m.Remedy, want, remedy)
				}
			}
			if len(mistakes) < len(tc.want) {
				t.Errorf("told %v, want %q", mistakes, tc.want)
			}
		})
	}
}

func themedSite(t *testing.T, dir, theme string) *website.Site {
	t.Helper()
	site, err := website.New(website.Config{Dir: dir, Theme: theme, Log: zaptest.NewLogger(t)})
	if err != nil {
		t.Fatal(err)
	}
	return site
}

// TestAThemeWithMistakesNeverReachesReaders breaks the theme of a site between
// two editions and corrects it. The published site does not change until then.
func TestAThemeWithMistakesNeverReachesReaders(t *testing.T) {
	t.Parallel()
	const head = `{{define "head"}}<link rel="stylesheet" href="{{.Site.Root}}{{asset "theme.css"}}">{{end}}`
	look := newTheme(t, "templates/head.html", head, "assets/theme.css", "a { color: teal; }")
	dir := t.TempDir()
	s := sampleStory(t, "networks/leru", "organizations/leiden-university")
	site := themedSite(t, dir, look)
	publish(t, site, s.edition(0, true))
	before := readFiles(t, current(dir))

	writeTheme(t, look, "templates/head.html", strings.Replace(head, "Root", "Route", 1))
	site = themedSite(t, dir, look) // as after a restart
	s.addChangeset(false, s.editRecord(parseID("networks/leru"), map[string]any{"name": "LERU"}))
	err := site.Publish(t.Context(), s.edition(1, false))
	mistakes := website.FindThemeErrors(err)
	if len(mistakes) != 1 || mistakes[0].Line != 1 || !strings.Contains(err.Error(), "templates/head.html:1:") {
		t.Fatalf("published with a mistake: %v", err)
	}
	if after := readFiles(t, current(dir)); len(after) != len(before) || string(after["index.html"]) != string(before["index.html"]) {
		t.Error("readers see something else")
	}

	writeTheme(t, look, "templates/head.html", head)
	writeTheme(t, look, "assets/theme.css", "a { color: navy; }")
	publish(t, site, s.edition(1, false))
	if after := readFiles(t, current(dir)); string(after["networks/leru/index.html"]) == string(before["networks/leru/index.html"]) {
		t.Error("the mended theme is not shown")
	}
}
