package newsletter_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"netsync/publishers/website/webtest"
	"netsync/schema/testkit/npmtest"
)

// pages returns the HTML of a message of each kind, by kind.
func pages(t *testing.T) map[string]string {
	t.Helper()
	mail := startMail(t)
	tellEverything(t, mail.address)
	all := make(map[string]string)
	for _, r := range mail.all() {
		all[kindOf(r.to)] = bodies(t, r)["text/html"]
	}
	return all
}

// unsupported lists features of messages that not every mail program supports,
// with the reason for using them: what is missing without them, or that partial
// support concerns elements and values that no message has.
var unsupported = map[string]string{
	"<body> element":        "programs show what is in it; the outermost table has its colour, and the element in it its language",
	"role attribute":        "what does not know it reads tables as tables",
	"aria-label attribute":  "names the message to who listens; others have its heading",
	"lang attribute":        "it is missing on cells, and no cell needs one",
	"dir attribute":         "it is missing on tables and cells; the element around them has it",
	"Class selector":        "dark colours, and a font that the card has as well",
	"Type selector":         "the same",
	"@media":                "dark colours: without them a message is light, and can be read",
	"border-radius":         "corners are square without it",
	"word-break":            "words that are longer than a line: without it, they make a message wider than a phone",
	"white-space":           "dates stay on one line: without it, they may break behind a hyphen",
	"max-width":             "said of tables: a message is as wide as its window without it",
	"width attribute":       "said of images",
	"align attribute":       "said of images, and of left and right",
	"cellpadding attribute": "not tested everywhere; the styles of cells say it as well",
	"cellspacing attribute": "not tested everywhere; cells lie a little apart without it",
	"background-color":      "said of colours with a number, in one program that shows its own: white, below dark text",
	"margin":                "said of negative and automatic ones, and of <span> and <body>",
	"padding":               "said of what is no cell: cells hold everything apart",
	"border":                "said of those wider than 8 pixels, and below a heading, which stands out without it",
	"font-size":             "said of rem and relative ones; not tested everywhere",
	"font-weight":           "said of numbers; the text is the button's, which is one without it",
	"line-height":           "said of em, pixels and normal",
	"text-decoration":       "said of lines in other styles and colours; the button's text is underlined without it",
	"display":               "said of other values; without it the button has its text's height",
	"<ul>, <ol> and <dl>":   "said of reversed lists, and of items with numbers of their own",
	"<hr> element":          "not tested everywhere; an editor may have written one",
	"<blockquote> element":  "in one program it has to be opened; an editor may have written one",
	"mailto: links":         "said of copies; in one program they show who it is. An editor may have written one",
}

var statement = regexp.MustCompile("^`(.+)` is (not|only partially) supported by `(.+)`$")

func TestMailProgramsSupportWhatMessagesAreMadeOf(t *testing.T) {
	t.Parallel()
	folder := npmtest.Folder(t, "@jsx-email/doiuse-email", "doiuse")
	node := npmtest.Program(t, "doiuse", "node")
	messages, err := json.Marshal(pages(t))
	if err != nil {
		t.Fatal(err)
	}
	var complaints bytes.Buffer
	cmd := exec.CommandContext(t.Context(), node, filepath.Join("testdata", "doiuse.cjs"), folder)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(messages), &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, complaints.Bytes())
	}
	var found map[string][]string
	if err := json.Unmarshal(out, &found); err != nil {
		t.Fatal(err)
	}
	if len(found) != len(kinds()) {
		t.Errorf("%d messages were looked at", len(found))
	}
	seen := make(map[string]bool)
	for kind, findings := range found {
		for _, f := range findings {
			m := statement.FindStringSubmatch(f)
			if m == nil {
				t.Errorf("%s: %s", kind, f)
				continue
			}
			if unsupported[m[1]] == "" {
				t.Errorf("%s: %s", kind, f)
			}
			seen[m[1]] = true
		}
	}
	for feature := range unsupported {
		if !seen[feature] {
			t.Errorf("%s needs no reason any more", feature)
		}
	}
}

// aPage are rules for whole pages. A mail program shows a message within a page,
// which has a main element of its own.
var aPage = []string{"landmark-one-main", "region"}

func TestEverybodyCanReadMessages(t *testing.T) {
	t.Parallel()
	axe := webtest.Axe(t)
	browser := webtest.Start(t)
	all := pages(t)
	tab := browser.Tab(t, servePages(t, all))
	var findings []webtest.Finding
	for _, kind := range kinds() {
		tab.Open(kind)
		findings = append(findings, tab.Judge(kind, axe, true)...)
	}
	webtest.Report(t, slices.DeleteFunc(findings, func(f webtest.Finding) bool { return slices.Contains(aPage, f.Rule) }))
}

// servePages serves messages as pages, and returns the base URL.
func servePages(t *testing.T, all map[string]string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page, ok := all[strings.Trim(r.URL.Path, "/")]
		if !ok { // the icon of a page
			w.WriteHeader(http.StatusNoContent)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(page)) // the browser may have gone on
	}))
	t.Cleanup(s.Close)
	return s.URL + "/"
}

// picture takes screenshots of messages, in the sizes of a phone and a window.
func picture(t *testing.T, browser *webtest.Browser, dir string) {
	t.Helper()
	all := pages(t)
	tab := browser.Tab(t, servePages(t, all))
	for _, kind := range slices.Sorted(maps.Keys(all)) {
		tab.Open(kind)
		for _, width := range []int64{390, 700} {
			for _, scheme := range []string{"light", "dark"} {
				tab.Use(webtest.Screen{Name: scheme, Width: width, Height: 844, Media: map[string]string{"prefers-color-scheme": scheme}})
				name := filepath.Join(dir, fmt.Sprintf("mail-%s-%d-%s.png", kind, width, scheme))
				if err := os.WriteFile(name, tab.Picture(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}
