package yaml

import "testing"

func TestLinesThatGoOnAreIndented(t *testing.T) {
	t.Parallel()
	for data, good := range map[string]bool{
		"a: [b,\n  c]\n":                        true,
		"a: [\n  b,\n]\n":                       true,
		"a: {b: [\n  c\n]}\n":                   true,
		"a: [b, # c\n# d\n  e]\n":               true,
		"- a\n":                                 false,
		"a:\n  b: [c,\n   d]\n":                 true,
		"a:\n  b: [c,\n  d]\n":                  false,
		"a:\n  b: {c:\n d}\n":                   false,
		"a: [b,\nc]\n":                          false,
		"a: \"b\n  c\n\n  d\"\n":                true,
		"a: \"b\nc\"\n":                         false,
		"a: 'b\nc'\n":                           false,
		"a: 'b\n# c'\n":                         false,
		"a: \"b\n\tc\"\n":                       false,
		"a:\n- \"b\n  c\"\n":                    true,
		"a:\n- \"b\nc\"\n":                      false,
		"{a: [b,\nc], d: \"e\nf\"}\n":           true,
		"a: |\n\n  b\n":                         true,
		"a: |\n   \n  b\n":                      false,
		"a: |2\n   \n  b\n":                     true,
		"a: >  # 9 lines\n    \n  b\n":          false,
		"a: |\n   \nb: 1\n":                     true,
		"a:\n  b: >-\n     \n   c\n":            false,
		"a: [b,\r\n  c]\r\nd: |\r\n\r\n  e\r\n": true,
	} {
		if d := Parse("x.yaml", []byte(data)); isAccepted(d) != good {
			t.Errorf("%q: %v, %v", data, d.Value, d.Problems)
		}
	}
}
