package format_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	yamlv4 "go.yaml.in/yaml/v4"

	"netsync/worker/format"
	"netsync/worker/yaml"
)

// holdLaw checks the guarantees of formatting for a file, and returns the
// result, or "" if the file cannot be read.
func holdLaw(t interface {
	Helper()
	Fatalf(string, ...any)
}, name, in string) string {
	t.Helper()
	before := yaml.Parse(name, []byte(in))
	out, err := format.Source(name, []byte(in))
	if len(before.Problems) > 0 {
		if unreadable := (*format.UnreadableError)(nil); !errors.As(err, &unreadable) {
			t.Fatalf("%q has problems and gives %v", in, err)
		}
		return ""
	}
	if err != nil && strings.HasSuffix(err.Error(), "a tag (!) stands here") {
		return "" // the one thing that can be read and not formatted
	}
	if err != nil {
		t.Fatalf("%v\n%q", err, in)
	}
	if after := yaml.Parse(name, out); len(after.Problems) > 0 || !reflect.DeepEqual(before.Value, after.Value) {
		t.Fatalf("it says something else\n%q\n%q\n%v\n%v %v", in, out, before.Value, after.Value, after.Problems)
	}
	for _, comment := range libraryComments(name, in) {
		if !strings.Contains(string(out), comment) {
			t.Fatalf("the comment %q is lost\n%q\n%q", comment, in, out)
		}
	}
	again, err := format.Source(name, out)
	if err != nil || string(again) != string(out) {
		t.Fatalf("twice is not once: %v\n%q\n%q\n%q", err, in, out, again)
	}
	return string(out)
}

// libraryComments returns the comments that the library finds. It misses some,
// but finds them in another way.
func libraryComments(name, in string) []string {
	if strings.HasSuffix(name, ".json") {
		return nil
	}
	var root yamlv4.Node
	if yamlv4.Unmarshal([]byte(in), &root) != nil {
		return nil
	}
	var all []string
	var walk func(n *yamlv4.Node)
	walk = func(n *yamlv4.Node) {
		for _, text := range []string{n.HeadComment, n.LineComment, n.FootComment} {
			for line := range strings.SplitSeq(text, "\n") {
				all = append(all, strings.TrimRight(line, " \t\r"))
			}
		}
		for _, child := range n.Content {
			walk(child)
		}
	}
	walk(&root)
	return all
}

func FuzzSource(f *testing.F) {
	for _, seed := range seeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		holdLaw(t, "networks/x.yaml", in)
		holdLaw(t, "networks/x.json", in)
	})
}

// seeds each use a corner of YAML.
var seeds = []string{
	"a: 1\n# c\nb: 2 # d\n\n# e\n", "name: x\nid: y\nx-b: 1\nx-a: 2\nfoo: 3\n",
	"links:\n- rel: a # c\n  # d\n  url: b\n  # e\n- {url: x, rel: y} # f\n", "a: # c\n  # d\n  b: 1\n\n\n\nc: 2\n",
	"a: |\n   x\n    y\n\n  # not a comment\nb: >+\n  x\n  y\n\n\nc: |2-\n   x\n", "a: |+\n  x\n\n\nid: 1\n", "a: |", "a: |\n  x", "a: >-\n\n  x\n",
	"a: x\n  y\n\n  z # c\n", "a: \"x \\\n  y\\ \n  z\"\n", "a: 'x\n\n  it''s'\n", "a: [1, # c\n  2]\n", "a: {b: [x,\n y], c: {}}\n",
	"{\"a\": 1, \"b\": [1, 2.0, \"x\\u00e9\"]}", "{a: 1, b, ? c : d}\n", "? a # c\n: b\n? |\n  x\n: y\n", "%YAML 1.2\n--- # c\na: 1\n... # d\n",
	"a:\n- - x\n  - y\n- # c\n  - z\n-\n", "# yaml-language-server: $schema=x\n# about\n\nname: 1\nid: 2\n", "\ufeffa: 1\r\nb: x\r\n  y\r\n",
	"a: \"x\u2028y\"\nb: |\n  x\u0085  y\n# c\u2029", "a: []\nb: [ # c\n]\n", "a: [b: c, {d: e}]\n", "a: ~\nb:\nc: null # d\n", "{}", "{} # c\n",
	"a:\n  b:\n    c: 1\n    # deep\n  # middle\n# top\n", "a:   1   # c\nbb:  22  # d\n", "\"a\" : 1\n'b': 2\n", "a:\t1\n", "a: >\n  x\n\n    y\n  z\n",
	"description: {en: |\n x\n}\n", "a: [" + strings.Repeat("word, ", 30) + "last]\n", "a: # c\n  [1, 2] # d\n", "a: # c\n  x\n", "- a\n", "", ": |\n 0\u2029", "a: 'x\ry'\rb: |\r  x\r\r\n  y\r# c\rid: [z, # d\r1]\r", "a: | # c\r# d\rb: 1\r", "?\n# > #", "{} \r", "a: [ # c\n]\r", "a:\n>- # c\n  ", "\n\ufeffa: 1 # b\ufeffc\ufeff\u2028",
}

func TestTheLawHoldsForEverySeed(t *testing.T) {
	t.Parallel()
	for _, seed := range seeds {
		holdLaw(t, "networks/x.yaml", seed)
		holdLaw(t, "networks/x.json", seed)
	}
}
