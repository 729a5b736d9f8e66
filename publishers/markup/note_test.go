package markup_test

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
	"pgregory.net/rapid"

	"netsync/publishers/markup"
)

func TestNote(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"headings begin below the first", "# A\n\n## B\n\n###### C", "<h2>A</h2>\n<h3>B</h3>\n<h3>C</h3>\n"},
		{"equals stay equal", "### A\n\n### B", "<h2>A</h2>\n<h2>B</h2>\n"},
		{"no level is left out", "### A\n\n### B\n\n# C", "<h2>A</h2>\n<h3>B</h3>\n<h2>C</h2>\n"},
		{"mail address", "<ada@example.org> [b](mailto:b@example.org?subject=Hi)",
			"<p><a href=\"mailto:ada@example.org\">ada@example.org</a> <a href=\"mailto:b@example.org?subject=Hi\">b</a></p>\n"},
		{"mail with more to it", "[a](mailto:a@example.org?bcc=eve@example.org) [b](mailto:b@example.org?subject=x&body=y) [c](mailto:)", "<p>a b c</p>\n"},
		{"page", "[LERU](https://www.leru.org/)", "<p><a href=\"https://www.leru.org/\">LERU</a></p>\n"},
		{"address of no host", "[x](/networks/) [y](javascript:alert(1)) [z](data:text/html,z)", "<p>x y z</p>\n"},
		{"an image is its description", "![A logo](https://example.org/x.png)", "<p>A logo</p>\n"},
		{"raw HTML", "a <b onclick=x>b</b> <script>alert(1)</script>", "<p>a b alert(1)</p>\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := markup.Note(c.in); got != c.want {
				t.Errorf("Note(%q)\n got %q\nwant %q", c.in, got, c.want)
			}
		})
	}
}

func TestNoteIsSafe(t *testing.T) {
	pieces := rapid.SampledFrom([]string{"<script>", "</p>", "<img src=x onerror=y>", "](", "[a", "javascript:x", "mailto:a@b", "?bcc=",
		"https://e.org", ")", "![", "*", "`", "\n", "\n\n", "> ", "- ", "# ", "### ", "<", ">", `"`, "'", "&lt;", "&#0;",
		"<!--", "-->", "<a href='j&#97;vascript:x'>", "data:text/html,", "<https://e.org>", "<a@b.org>", "<style>", " ", "\x00", "é"})
	rapid.Check(t, func(t *rapid.T) {
		source := strings.Join(rapid.SliceOfN(pieces, 0, 20).Draw(t, "source"), "")
		allowed := " p br strong em code pre blockquote hr h2 h3 ul ol li a "
		z := html.NewTokenizer(strings.NewReader(markup.Note(source)))
		for z.Next() != html.ErrorToken {
			token := z.Token()
			if token.Type != html.TextToken && !strings.Contains(allowed, " "+token.Data+" ") {
				t.Fatalf("%q lets <%s> through", source, token.Data)
			}
			for _, a := range token.Attr {
				known := strings.HasPrefix(a.Val, "https://") || strings.HasPrefix(a.Val, "http://") || strings.HasPrefix(a.Val, "mailto:")
				if a.Key != "start" && (a.Key != "href" || !known || strings.Contains(a.Val, "bcc")) {
					t.Fatalf("%q lets %s=%q through", source, a.Key, a.Val)
				}
			}
		}
	})
}
