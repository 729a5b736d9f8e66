package website_test

import (
	"bytes"
	"io/fs"
	"net/url"
	"path"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"netsync/publishers/website/webtest"
)

// A document is a parsed page with its address.
type document struct {
	*html.Node
	name string
}

func parsePages(t testing.TB, files fs.FS) []document {
	t.Helper()
	var all []document
	for name, data := range readFiles(t, files) {
		if path.Ext(name) != ".html" || strings.HasPrefix(name, "fragments/") {
			continue
		}
		root, err := html.Parse(bytes.NewReader(data))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all = append(all, document{root, name})
	}
	return all
}

func (d document) findElements(names ...string) []*html.Node {
	var found []*html.Node
	for n := range d.Descendants() {
		for _, name := range names {
			if n.Type == html.ElementNode && n.Data == name && n.Namespace == "" {
				found = append(found, n)
			}
		}
	}
	return found
}

// visibleText returns the text of a node, with single spaces.
func visibleText(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode && c.Parent.Data != "script" {
			b.WriteString(c.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// checkPage checks the rules for all pages.
func checkPage(t testing.TB, d document, files fs.FS, base string) {
	t.Helper()
	if h1 := d.findElements("h1"); len(h1) != 1 {
		t.Errorf("%s has %d first headings", d.name, len(h1))
	}
	if webtest.Attribute(d.findElements("html")[0], "lang") == "" || len(d.findElements("main")) != 1 || len(d.findElements("title")) != 1 {
		t.Errorf("%s lacks a language, a title or a main part", d.name)
	}
	seen := make(map[string]bool)
	for n := range d.Descendants() {
		if id := webtest.Attribute(n, "id"); id != "" {
			if seen[id] {
				t.Errorf("%s has id %q twice", d.name, id)
			}
			seen[id] = true
		}
		for _, key := range []string{"href", "src"} {
			if link := webtest.Attribute(n, key); link != "" {
				checkLink(t, d, link, files, base)
			}
		}
	}
}

// checkLink checks that a link within the site leads to a file.
func checkLink(t testing.TB, d document, link string, files fs.FS, base string) {
	t.Helper()
	here := &url.URL{Path: base + d.name}
	u, err := here.Parse(link)
	if err != nil || (u.Scheme != "" && u.Scheme != "http" && u.Scheme != "https") {
		t.Errorf("%s links to %q", d.name, link)
		return
	}
	if u.Scheme != "" {
		return
	}
	name, ok := strings.CutPrefix(u.Path, base)
	if !ok {
		t.Errorf("%s links to %q, which is not below %s", d.name, link, base)
		return
	}
	if name == "" || strings.HasSuffix(name, "/") {
		name += "index.html"
	}
	if strings.HasPrefix(name, "feed.") || strings.HasPrefix(name, "feeds.") || strings.HasPrefix(name, "feeds/") {
		return // another channel's
	}
	if _, err := fs.Stat(files, name); err != nil {
		t.Errorf("%s links to %q: %v", d.name, link, err)
	}
}

func TestEveryPageIsWhole(t *testing.T) {
	s := sampleStory(t)
	s.addChangeset(false, s.editRecord(parseID("networks/lde-global"), map[string]any{"aliases": []any{"lde", "leru"}}),
		change{parseID("activities/inucost"), nil})
	files := publishStory(t, s, "https://www.example.org/int/networks/")
	for _, d := range parsePages(t, files) {
		checkPage(t, d, files, "/int/networks/")
	}
	old, err := fs.ReadFile(files, "nl/networks/lde/index.html")
	if err != nil || !bytes.Contains(old, []byte(`content="0; url=../../../nl/networks/lde-global/"`)) {
		t.Errorf("the old address does not lead on: %v\n%s", err, old)
	}
	leru, err := fs.ReadFile(files, "networks/leru/index.html")
	if err != nil || !bytes.Contains(leru, []byte("League of European")) {
		t.Errorf("an alias took a record's address: %v", err)
	}
}

func TestTextsInAnotherLanguageSaySo(t *testing.T) {
	for _, d := range parsePages(t, publishStory(t, sampleStory(t), "")) {
		if d.name != "nl/index.html" {
			continue
		}
		if lang := webtest.Attribute(d.findElements("html")[0], "lang"); lang != "nl" {
			t.Errorf("the Dutch overview is in %q", lang)
		}
		for n := range d.Descendants() {
			if n.Type == html.TextNode && strings.Contains(n.Data, "primary aim") && webtest.Attribute(n.Parent, "lang") != "en" {
				t.Errorf("English text in <%s %v>", n.Parent.Data, n.Parent.Attr)
			}
		}
		if !strings.Contains(visibleText(d.Node), "Meer over LERU") {
			t.Error("the labels are not Dutch")
		}
	}
}

const hostile = `"><script>alert(1)</script><img src=x onerror=alert(1)>'` + "`" + `</title></style><!--{{.}} [x](javascript:alert(1)) <h1>x</h1>` +
	"\u202e\u2028 &lt;b&gt; ]]>"

// TestHostileTextsDoNotBreakOut puts the same evil into every text of every
// record and of the manifest.
func TestHostileTextsDoNotBreakOut(t *testing.T) {
	s := sampleStory(t)
	evil := func(r change) change { return change{r.id, alterValue(r.value).(map[string]any)} }
	var all []change
	for _, r := range s.state.Sorted("") {
		all = append(all, evil(s.editRecord(r.ID, map[string]any{"summary": "x", "description": "x", "audience": "x",
			"x-note": "x", "city": "x", "acronym": "x"})))
	}
	keep := s.manifest
	s.manifest = alterValue(keep).(map[string]any)
	for _, key := range []string{"schema", "id", "languages", "time_zone", "institution"} {
		s.manifest[key] = keep[key]
	}
	s.addChangeset(false, all...)
	files := publishStory(t, s, "https://www.example.org/")
	for _, d := range parsePages(t, files) {
		checkPage(t, d, files, "/")
		for _, n := range d.findElements("script", "img", "style", "b", "iframe") {
			ours := webtest.Attribute(n, "type") == "application/ld+json" || strings.Contains(webtest.Attribute(n, "src"), "assets/site.")
			if n.Data != "script" || !ours {
				t.Errorf("%s has <%s %v>", d.name, n.Data, n.Attr)
			}
		}
		for n := range d.Descendants() {
			for _, a := range n.Attr {
				if strings.HasPrefix(a.Key, "on") || strings.HasPrefix(strings.ToLower(a.Val), "javascript:") {
					t.Errorf("%s has %s=%q", d.name, a.Key, a.Val)
				}
			}
			if n.Type == html.CommentNode {
				t.Errorf("%s has a comment %q", d.name, n.Data)
			}
		}
	}
}

// alterValue changes every free text. Ids, terms and dates stay, since the schema
// rejects hostile ones.
func alterValue(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any)
		for key, item := range v {
			out[key] = item
			if text, ok := item.(string); ok && !strings.Contains(" id url tier network with path starts ends founded since until as_of status country ", " "+key+" ") {
				out[key] = text + hostile
			} else if !ok && !strings.Contains(" partners organizations regions topics aliases ", " "+key+" ") {
				out[key] = alterValue(item)
			}
			if key == "url" {
				out[key] = "javascript:alert(1)//" + hostile
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for n, item := range v {
			out[n] = alterValue(item)
		}
		return out
	}
	return v
}
