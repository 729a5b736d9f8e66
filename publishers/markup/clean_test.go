package markup

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestCleanFragmentsNeedNoPolicy holds the short way against the policy, with
// fragments that the renderer would not make among them.
func TestCleanFragmentsNeedNoPolicy(t *testing.T) {
	t.Parallel()
	pieces := rapid.SliceOf(rapid.SampledFrom([]string{
		"<p>", "</p>", "<em>", "</em>", "<strong>", "</strong>", "<ul>", "<ol>", "<li>", "</li>", "</ul>", "</ol>", "<h3>", "</h3>", "<h4>", "</h4>",
		"<blockquote>", "</blockquote>", "<br>", "<hr>", "<code>", "</code>", "<pre>", "<ol start=\"3\">", "</a>",
		`<a href="https://example.org/1">`, `<a href="https://example.org">`, `<a href="https://e.org//x/./../~y/">`, `<a href="https://-.">`,
		`<a href="https://">`, `<a href="https:///x">`, `<a href="https://e.org:80/">`, `<a href="https://e.org/%41">`, `<a href="javascript:x">`,
		`<a href="https://e.org/" title="t">`, "<script>", "</script>", "<style>", "<P>", "<p >", "<", ">", "&amp;", "&", "\"", "'", "\r", "\x00", "\n", "\xff",
		"a", "text, and more", "é", "日本語", "\u2028", "--", "<!--", "-->", "<x", "/",
	}))
	clean := 0
	rapid.Check(t, func(t *rapid.T) {
		for _, s := range []string{strings.Join(pieces.Draw(t, "pieces"), ""), rapid.String().Draw(t, "any")} {
			if got := policy().Sanitize(s); isClean(s) {
				clean++
				if got != s {
					t.Fatalf("%q is clean\n got %q", s, got)
				}
			}
		}
	})
	if clean == 0 {
		t.Fatal("nothing is clean")
	}
}

// TestCommonTextsAreClean keeps the short way from being lost without a sign.
func TestCommonTextsAreClean(t *testing.T) {
	t.Parallel()
	const source = "## What it does\n\nA *network* of **universities** (since 2002).\n\n- one [page](https://example.org/about)\n- another\n"
	if got := HTML(source); !isClean(got) {
		t.Errorf("not clean: %s", got)
	}
}
