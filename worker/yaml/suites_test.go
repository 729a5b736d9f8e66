package yaml

import (
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"

	"netsync/schema/testkit/corpora"
)

// isAccepted reports whether a file was read without a problem.
func isAccepted(d *Document) bool { return d.Value != nil && len(d.Problems) == 0 }

func TestInvalidYAMLIsNeverAccepted(t *testing.T) {
	t.Parallel()
	var invalid, took int
	for _, c := range corpora.YAML(t) {
		d := Parse("networks/x.yaml", []byte(c.Input))
		if isAccepted(d) {
			took++
		}
		if c.Verdict != corpora.Invalid {
			continue
		}
		if invalid++; isAccepted(d) {
			t.Errorf("%s: %q is read as %v", c.Name, c.Input, d.Value)
		}
	}
	t.Logf("%d inputs accepted; all %d that are not YAML refused", took, invalid)
}

func TestTheSubsetReadsTheYAMLTestSuiteAsTheLibraryDoes(t *testing.T) {
	t.Parallel()
	read := 0
	for _, c := range corpora.YAML(t) {
		if compareWithLibrary(t, c.Input) {
			read++
		}
	}
	t.Logf("%d inputs were read by the subset", read)
}

func TestAcceptedYAMLHasTheValueThatTheSuiteGives(t *testing.T) {
	t.Parallel()
	for _, c := range corpora.YAML(t) {
		d := Parse("networks/x.yaml", []byte(c.Input))
		if !isAccepted(d) || c.JSON == "" {
			continue
		}
		if want := decodeAll(t, c.JSON); len(want) != 1 || !reflect.DeepEqual(any(d.Value), want[0]) {
			t.Errorf("%s: %q is read as %v, want %v", c.Name, c.Input, d.Value, want)
		}
	}
}

func decodeAll(t *testing.T, text string) (values []any) {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	for {
		var v any
		switch err := dec.Decode(&v); {
		case errors.Is(err, io.EOF):
			return values
		case err != nil:
			t.Fatal(err)
		}
		values = append(values, v)
	}
}

// TestJSONIsAcceptedAsItsTestSuiteSays reads every input as the value of a
// key: nearly all are arrays, which no record may be by itself.
func TestJSONIsAcceptedAsItsTestSuiteSays(t *testing.T) {
	t.Parallel()
	for _, c := range corpora.JSON(t) {
		for _, input := range []string{c.Input, `{"x":` + c.Input + `}`} {
			d := Parse("networks/x.json", []byte(input))
			switch {
			case c.Verdict == corpora.Invalid && isAccepted(d):
				t.Errorf("%s: %.80q is read as %v", c.Name, input, d.Value)
			case c.Verdict == corpora.Valid && strings.HasPrefix(input, "{") && !isAccepted(d) && !isStricter(d):
				t.Errorf("%s: %.80q is refused: %v", c.Name, input, d.Problems)
			}
		}
	}
}

// isStricter reports whether a file of good JSON is refused for a reason of the
// dataset format's own: its keys stand there once, and its numbers can be kept
// exactly.
func isStricter(d *Document) bool {
	return !slices.ContainsFunc(d.Problems, func(p Problem) bool { return p.Kind != DuplicateKey && p.Kind != Number })
}
