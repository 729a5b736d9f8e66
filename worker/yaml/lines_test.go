package yaml

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// TestThePlaceOfAValueIsWhereItStands holds for files with line ends that only
// the library takes for such, with a byte order mark, and with long lines.
func TestThePlaceOfAValueIsWhereItStands(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 700)
	for _, data := range []string{
		"a: 1\r\nb: {c: WORD}\r\n", "a: 1\rb: WORD\r", "a: x\u0085  y\nb: WORD\n", "a: x\u2028  y\u2029  z\nb: [é, WORD]\n",
		"\uFEFFa: WORD\n", "\uFEFFa: 1\nb: WORD\n", "a: [" + long + ", {b: " + long + "}, WORD, " + long + "]\nb: c\n",
	} {
		d := Parse("x.yaml", []byte(data))
		if len(d.Problems) > 0 {
			t.Errorf("%.40q: %v", data, d.Problems)
			continue
		}
		at := strings.Index(data, "WORD")
		before := data[:at]
		line := 1 + strings.Count(before, "\n")
		column := 1 + utf8.RuneCountInString(before[strings.LastIndex(before, "\n")+1:])
		found := false
		for _, n := range d.tree.nodes {
			if n.value == "WORD" {
				found = true
				if got, want := d.tree.rangeOf(n.start, n.end), (Range{line, column, line, column + 4}); got != want {
					t.Errorf("%.40q: at %v, want %v", data, got, want)
				}
			}
		}
		if !found {
			t.Errorf("%.40q: not read", data)
		}
	}
}
