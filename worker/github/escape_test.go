package github

import (
	"regexp"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extensions "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
	"golang.org/x/net/html"
	"pgregory.net/rapid"
)

// reader reads Markdown as GitHub does, as far as it is Markdown.
var reader = goldmark.New(goldmark.WithExtensions(extension.GFM))

// afterwards is what GitHub makes links and pictures of after that.
var afterwards = regexp.MustCompile(`(?i)@\w|#\d|\bGH-\d|\w:\w|:\w+:|://|\bwww\.\w|[0-9a-f]{7}`)

// shown returns the text that a reader sees of a cell of a table with an
// escaped text in it, and fails where anything else came of it.
func shown(t interface{ Fatalf(string, ...any) }, s string) string {
	source := []byte("| a | b |\n| --- | --- |\n| x " + escapeMarkdown(s) + " | y |\n")
	document := reader.Parser().Parse(text.NewReader(source))
	kinds := map[ast.NodeKind]bool{
		ast.KindDocument: true, extensions.KindTable: true, extensions.KindTableHeader: true, extensions.KindTableRow: true,
		extensions.KindTableCell: true, ast.KindText: true, ast.KindString: true,
	}
	cells := 0
	_ = ast.Walk(document, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if raw, ok := n.(*ast.RawHTML); ok {
			if tag := string(raw.Segments.Value(source)); tag != "<span>" && tag != "</span>" {
				t.Fatalf("%q came through as the tag %s", s, tag)
			}
		} else if !kinds[n.Kind()] {
			t.Fatalf("%q became a %s:\n%s", s, n.Kind(), source)
		}
		if entering && n.Kind() == extensions.KindTableCell {
			cells++
		}
		return ast.WalkContinue, nil
	})
	if cells != 4 {
		t.Fatalf("%q made a table of %d cells:\n%s", s, cells, source)
	}
	var page strings.Builder
	if err := reader.Renderer().Render(&page, source, document); err != nil {
		t.Fatalf("%v", err)
	}
	_, cell, _ := strings.Cut(page.String(), "<td>x ")
	cell, _, _ = strings.Cut(cell, "</td>")
	return html.UnescapeString(strings.ReplaceAll(cell, "<!-- raw HTML omitted -->", ""))
}

func TestATextIsShownAsItIsAndNoMore(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"Una Europa", "L'Université & partners", "5 < 6 > 4", "a_b_c *d* **e** ~~f~~ `g`", "<b>x</b>", "<!-- netsync:x -->", "<img src=x onerror=alert(1)>",
		"[a](https://evil.example)", "![a](https://evil.example/x.png)", "<https://evil.example>", "https://evil.example", "www.evil.example",
		"WWW.evil.example", "mail@evil.example", "mailto:mail@evil.example", "xmpp:a@b.c", "@octocat", "@github/security", "fixes #1", "octo/cat#1", "octo/cat@0123456789abcdef",
		"GH-12", "gh-12", ":+1: :tada:", "0123456789abcdef0123456789abcdef01234567", "$x$ and $$y$$", "a | b", `a \| b`, `a \\| b`, `\`, "[x]: y", "[^1]",
		"- [ ] task", "# heading", "1. one", "> quote", "&lt;script&gt; &amp;", "&#64;octocat", "a==b", "{{x}}",
	} {
		got := shown(t, s)
		if plain := strings.ReplaceAll(got, zeroWidthSpace, ""); plain != s {
			t.Errorf("%q is shown as %q", s, plain)
		}
		if found := afterwards.FindString(got); found != "" {
			t.Errorf("%q still holds %q", s, found)
		}
	}
}

func TestNoTextBringsMarkupAlong(t *testing.T) {
	t.Parallel()
	pieces := []string{"@", "#", "1", "a", "w", "www.", "http", ":", "/", "[", "]", "(", ")", "<", ">", "!", "*", "_", "~", "`", "|", "\\", "&", ";", "$", "-", "=", ".", " ", "\n", "\t", "\x00", "\u202e", "\u200b", "b>", "{", "^", "é", "GH-", "abcdef0"}
	rapid.Check(t, func(t *rapid.T) {
		s := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 12).Draw(t, "pieces"), "")
		if rapid.Bool().Draw(t, "wild") {
			s += rapid.String().Draw(t, "text")
		}
		got := shown(t, s)
		if found := afterwards.FindString(got); found != "" {
			t.Fatalf("%q still holds %q", s, found)
		}
		want := strings.Map(visibleRune, strings.Join(strings.Fields(s), " "))
		if plain := strings.ReplaceAll(got, zeroWidthSpace, ""); plain != strings.ReplaceAll(want, zeroWidthSpace, "") {
			t.Fatalf("%q is shown as %q", s, plain)
		}
	})
}

func FuzzEscape(f *testing.F) {
	f.Add("a|b")
	f.Fuzz(func(t *testing.T, s string) {
		if found := afterwards.FindString(shown(t, s)); found != "" {
			t.Errorf("%q still holds %q", s, found)
		}
	})
}
