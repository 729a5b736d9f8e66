package yaml_test

import (
	"slices"
	"testing"

	"netsync/worker/yaml"
)

func TestNodesAreInTheOrderOfTheFileWithTheirText(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][]string{
		"a: 'x'\nb:\n  - [y, {c: z}]\n": {"a", "'x'", "b", "y", "c", "z"},
		"a: [b: c, d]\n":                {"a", "b", "c", "d"},
		"a: x\u2028  y # c\nb:\n":       {"a", "x\u2028  y", "b", ""},
		"a: | # c\r  x\rb: >\r\n  y\u0085  z\r\nc: 1": {
			"a", "| # c\r  x", "b", ">\r\n  y\u0085  z", "c", "1",
		},
		`{"a": [1, "\u00e9"]}`: {`"a"`, "1", `"\u00e9"`},
	} {
		d := yaml.Parse("networks/x.yaml", []byte(in))
		if len(d.Problems) > 0 {
			t.Fatalf("%q: %v", in, d.Problems)
		}
		var got []string
		for n := range d.Root().All() {
			if !n.IsCollection() {
				got = append(got, in[n.Start:n.End])
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q has %q, want %q", in, got, want)
		}
	}
}

func TestASingleKeyInAListEndsWithItsValue(t *testing.T) {
	t.Parallel()
	const in = "a: [b: c, d]\n"
	list := yaml.Parse("networks/x.yaml", []byte(in)).Root().Children[1]
	if pair := list.Children[0]; !pair.Flow || in[pair.Start:pair.End] != "b: c" || in[list.Start:list.End] != "[b: c, d]" {
		t.Errorf("the list %+v has the key %+v", list, pair)
	}
}
