package yaml_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"netsync/worker/yaml"
)

func TestEveryProblemHasItsPlace(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		data         string
		kind         yaml.Kind
		line, column int
	}{
		"syntax":        {"a: 1\n b: 2\n", yaml.Syntax, 2, 3},
		"empty":         {"", yaml.Syntax, 1, 1},
		"only comments": {"# nothing\n", yaml.Syntax, 1, 1},
		"a list":        {"- a\n", yaml.Syntax, 1, 1},
		"two documents": {"a: 1\n---\nb: 2\n", yaml.Syntax, 0, 0},
		"doubled key":   {"a: 1\nb: {c: 1, c: 2}\n", yaml.DuplicateKey, 2, 11},
		"anchor":        {"a: &x 1\n", yaml.Feature, 1, 4},
		"merge":         {"a: {<<: {b: 1}}\n", yaml.Feature, 1, 5},
		"tag":           {"a: !!str 5\n", yaml.Feature, 1, 4},
		"own tag":       {"a: !x 5\n", yaml.Feature, 1, 4},
		"not UTF-8":     {"a: \xff\n", yaml.Encoding, 1, 4},
		"NUL":           {"é: \x00\n", yaml.Encoding, 1, 4},
		"too large":     {strings.Repeat("#", yaml.MaxSize+1), yaml.TooLarge, 1, 1},
		"too deep":      {"a: " + strings.Repeat("[", 70) + strings.Repeat("]", 70), yaml.TooDeep, 1, 67},
		"huge number":   {"a: 99999999999999999999\n", yaml.Number, 1, 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := yaml.Parse("networks/x.yaml", []byte(test.data))
			if len(d.Problems) == 0 {
				t.Fatalf("no problem; value %v", d.Value)
			}
			p := d.Problems[0]
			if p.Kind != test.kind || (test.line > 0 && (p.Range.Line != test.line || p.Range.Column != test.column)) {
				t.Errorf("problem = %+v", p)
			}
		})
	}
}

func TestLocateFindsValuesAndKeys(t *testing.T) {
	t.Parallel()
	d := yaml.Parse("x.yaml", []byte("# c\nname: {en: \"Ünï \\\"q\\\"\", nl: 'it''s'}\nlist:\n  - a b\n  - c\n"))
	for pointer, want := range map[string]yaml.Range{
		"/name/en": {2, 12, 2, 23}, "/list/0": {4, 5, 4, 8}, "/list": {3, 1, 3, 5}, "/name/fr": {2, 1, 2, 5},
	} {
		if got := d.Locate(pointer); got != want {
			t.Errorf("Locate(%q) = %v, want %v", pointer, got, want)
		}
	}
	if got := d.LocateKey("/name/nl"); got != (yaml.Range{2, 25, 2, 27}) {
		t.Errorf("LocateKey = %v", got)
	}
}

func TestJSONErrorsStandWhereTheyAre(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]yaml.Range{
		"\r\n {\"a\": \"뿣\r\"}":             {2, 10, 2, 11},
		"{\"a\": 1,\n \"b\": tru}":          {2, 10, 2, 11},
		"{\"é\": [1, 2,\n\n  ]}":            {3, 3, 3, 4},
		"{\"a\": 1}\n x":                    {2, 2, 2, 3},
		"{\"a\": 1, \"a\" 2}":               {1, 14, 1, 15},
		"{\"a\": {\"b\": 1":                 {1, 14, 1, 14},
		"{\n\t\"a\": 99999999999999999999}": {2, 7, 2, 27},
	} {
		d := yaml.Parse("x.json", []byte(data))
		if len(d.Problems) != 1 || d.Problems[0].Range != want {
			t.Errorf("%q: %+v, want it at %v", data, d.Problems, want)
		}
	}
}

func TestScalarsAreReadAsTheyAreMeant(t *testing.T) {
	t.Parallel()
	d := yaml.Parse("x.yaml", []byte("country: NO\nyear: 1987\nhex: 0x1F\nunder: 1_000\ninf: .inf\nno: yes\nzero: 012\nnull: ~\nbool: true\n"))
	for key, want := range map[string]string{"country": "NO", "hex": "0x1F", "under": "1_000", "inf": ".inf", "no": "yes", "zero": "012"} {
		if d.Value[key] != want {
			t.Errorf("%s = %#v, want %q", key, d.Value[key], want)
		}
	}
	if d.Value["bool"] != true || len(d.Problems) > 0 {
		t.Errorf("value %v, problems %v", d.Value, d.Problems)
	}
	if d := yaml.Parse("x.json", []byte("{\n\t\"a\": [1,\t2]\n}")); len(d.Problems) > 0 || len(d.Value) != 1 {
		t.Errorf("JSON with tabs: %v, %v", d.Value, d.Problems)
	}
}

// FuzzParse: every file gives a value or a problem, and every problem has a
// place within the file.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"a: 1", "a: [x, {b: |\n  t\n}]", "? x\n: y", "{\"a\":\t1}", "a: *x", "%YAML 1.2\n---\na: 1", "\uFEFFa: &x 1", "a: 1\rb: x\u0085 y\n", "{\"a\": \"\\ud800\", \"a\": 1e999}",
		"a: \"b\n  c\"\nd: [e,\n  f # g\n]\n", "a: >2-\n   \n   b\n\n\n", "a: 1\n---\nb: 2\n...\n", "a:\xff", "- - a\n", "é: !x {ü: 1, ü: 2}",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		lines := strings.Split(in, "\n")
		within := func(line, column int) bool {
			return line >= 1 && line <= len(lines) && column >= 1 && column <= 1+utf8.RuneCountInString(lines[line-1])
		}
		for _, name := range []string{"x.yaml", "x.json"} {
			d := yaml.Parse(name, []byte(in))
			for _, p := range d.Problems {
				r := p.Range
				if !within(r.Line, r.Column) || !within(r.EndLine, r.EndColumn) || r.EndLine < r.Line || r.EndLine == r.Line && r.EndColumn < r.Column || p.Message == "" {
					t.Errorf("%q: problem without a place: %+v", in, p)
				}
			}
			if d.Value == nil && len(d.Problems) == 0 {
				t.Errorf("%q: neither a value nor a problem", in)
			}
		}
	})
}
