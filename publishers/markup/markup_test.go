package markup_test

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
	"pgregory.net/rapid"

	"netsync/publishers/markup"
)

func TestHTML(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"paragraphs", "One\ntwo.\n\nThree.", "<p>One\ntwo.</p>\n<p>Three.</p>\n"},
		{"emphasis", "*a* **b** `c`", "<p><em>a</em> <strong>b</strong> <code>c</code></p>\n"},
		{"link", "[LERU](https://www.leru.org/?a=1&b=2)", "<p><a href=\"https://www.leru.org/?a=1&amp;b=2\">LERU</a></p>\n"},
		{"headings fit below those of a page", "# A\n\n##### B", "<h3>A</h3>\n<h6>B</h6>\n"},
		{"numbered list", "3. a\n4. b", "<ol start=\"3\">\n<li>a</li>\n<li>b</li>\n</ol>\n"},
		{"an image is its description", "![A *fine* logo](https://example.org/x.png)", "<p>A <em>fine</em> logo</p>\n"},
		{"script address", "[x](javascript:alert(1)) [y](data:text/html,z)", "<p>x y</p>\n"},
		{"address of no host of ours", "[x](/networks/leru/)", "<p>x</p>\n"},
		{"address that only looks whole", "[x](http:networks) [y](https:///z) [z](HTTPS://e.org/)", "<p>x y <a href=\"https://e.org/\">z</a></p>\n"},
		{"raw HTML", "a <b onclick=x>b</b> <script>alert(1)</script>", "<p>a b alert(1)</p>\n"},
		{"HTML block", "<div>\nx\n</div>\n\ny", "\n<p>y</p>\n"},
		{"signs", `"a" < b & c`, "<p>&#34;a&#34; &lt; b &amp; c</p>\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := markup.HTML(c.in); got != c.want {
				t.Errorf("HTML(%q)\n got %q\nwant %q", c.in, got, c.want)
			}
		})
	}
}

func TestText(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"paragraphs", "One\ntwo.\n\n*Three* `x`.", "One\ntwo.\n\nThree x."},
		{"link", "See [LERU](https://www.leru.org/).", "See LERU (https://www.leru.org/)."},
		{"address", "<https://www.leru.org/>", "https://www.leru.org/"},
		{"lists", "- a\n- b\n\n  c\n\n1. x\n2. y", "- a\n\n- b\n\n  c\n\n1. x\n2. y"},
		{"quotation and code", "> a\n> b\n\n    x < y", "> a\n> b\n\nx < y"},
		{"heading", "# A\n\nb", "A\n\nb"},
		{"escapes", `\*a\* &amp; &eacute; 1 < 2`, "*a* & é 1 < 2"},
		{"raw HTML", "a <b>b</b>\n\n<div>x</div>", "a b"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := markup.Text(c.in); got != c.want {
				t.Errorf("Text(%q)\n got %q\nwant %q", c.in, got, c.want)
			}
		})
	}
	if got := markup.Line("One\ntwo.\n\nThree."); got != "One two." {
		t.Errorf("Line: %q", got)
	}
}

// TestHTMLIsSafe lets nothing through but the elements and attributes of the
// policy, and only addresses of the web.
func TestHTMLIsSafe(t *testing.T) {
	pieces := rapid.SampledFrom([]string{"<script>", "</p>", "<img src=x onerror=y>", "](", "[a", "javascript:x",
		"https://e.org", ")", "![", "*", "`", "\n", "\n\n", "> ", "- ", "# ", "<", ">", `"`, "'", "&lt;", "&#0;",
		"<!--", "-->", "<a href='j&#97;vascript:x'>", "data:text/html,", "<https://e.org>", "<style>", " ", "\x00", "é"})
	rapid.Check(t, func(t *rapid.T) {
		checkSafe(t, strings.Join(rapid.SliceOfN(pieces, 0, 20).Draw(t, "source"), ""))
	})
}

// checkSafe fails where anything of a text comes through that must not.
func checkSafe(t interface{ Fatalf(string, ...any) }, source string) {
	allowed := " p br strong em code pre blockquote hr h3 h4 h5 h6 ul ol li a "
	z := html.NewTokenizer(strings.NewReader(markup.HTML(source)))
	for z.Next() != html.ErrorToken {
		token := z.Token()
		if token.Type == html.CommentToken || token.Type == html.DoctypeToken {
			t.Fatalf("%q: %v", source, token)
		}
		if token.Type != html.TextToken && !strings.Contains(allowed, " "+token.Data+" ") {
			t.Fatalf("%q lets <%s> through", source, token.Data)
		}
		for _, a := range token.Attr {
			web := a.Key == "href" && (strings.HasPrefix(a.Val, "https://") || strings.HasPrefix(a.Val, "http://"))
			if !web && a.Key != "start" {
				t.Fatalf("%q lets %s=%q through", source, a.Key, a.Val)
			}
		}
	}
	markup.Text(source)
}

// FuzzMarkup: no text lets anything through that must not, or crashes what
// words it.
func FuzzMarkup(f *testing.F) {
	for _, s := range []string{
		"# A\n\n*a* **b** `c`\n\n1. x\n   - y\n\n> z\n\n```\ncode\n```", "![a](b) [c](https://e.org \"t\") <https://e.org>", "<script>alert(1)</script>",
		"[x](javascript:alert(1))", "[x]: data:text/html,y\n\n[x]", "<a href='j&#97;vascript:x'>", "a\\\nb  \nc", "&#0; &lt;b&gt;", "***\n---\n", "[a](http://%zz)",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, source string) { checkSafe(t, source) })
}
