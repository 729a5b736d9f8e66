package markup

import (
	"testing"

	"pgregory.net/rapid"
)

// TestPlainTextsNeedNoParser holds the short way against the parser.
func TestPlainTextsNeedNoParser(t *testing.T) {
	t.Parallel()
	words := rapid.SliceOf(rapid.SampledFrom([]string{
		"a", "Universities", "work", " ", " ", " ", ".", ", ", "1.", "2)", "(", ")", "-", "--", "---", "é", "日本語", "ß", "\u00a0", "\u2028",
		"%20", "/", ":", "http:", "www.example.org", "'", "\"", "!", "?", ";", "\n", "\t", "*", "_", "`", "#", "&", "<", ">", "[", "]", "\\", "\x00", "\xff", "=", "~", "|", "+",
		"\n\n", "\n- ", "\n\n- ", "*a*", "**é**", "*a b*", "*", "**", "[page](https://example.org/a-b)", "[", "](https://example.org)", "](", "!", "\n", " \n",
	}))
	rapid.Check(t, func(t *rapid.T) {
		s := ""
		for _, word := range words.Draw(t, "words") {
			s += word
		}
		check(t, s)
		check(t, rapid.String().Draw(t, "any"))
	})
}

func FuzzPlain(f *testing.F) {
	for _, s := range []string{"", "A network of universities, founded (2002) by 23.", "a  b", "a\n---", "é", "Setext: it's \"quoted\"",
		"A *b* **c**.\n\nd\ne\n\n- one [page](https://example.org/1)\n- another\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { check(t, s) })
}

type tb interface {
	Errorf(string, ...any)
}

func check(t tb, s string) {
	if got, want := HTML(s), parsedHTML(s); got != want {
		t.Errorf("HTML(%q)\n got %q\nwant %q", s, got, want)
	}
	if got, want := Text(s), parsedText(s); got != want {
		t.Errorf("Text(%q)\n got %q\nwant %q", s, got, want)
	}
}
