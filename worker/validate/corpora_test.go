package validate_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"netsync/schema"
	"netsync/schema/testkit/corpora"
	"netsync/worker/snapshot"
)

// kinds are the collections, and the manifest.
func kinds() []schema.Collection { return append([]schema.Collection{""}, schema.Collections()...) }

// example is a valid record of a kind, from its schema, and the name that its
// file has, without an ending.
func example(c schema.Collection) (record map[string]any, name string) {
	record = clone(schema.ShapeOf(c).Examples[0]).(map[string]any)
	if c == "" {
		return record, snapshot.ManifestBase
	}
	return record, fmt.Sprintf("%s/%v", c, record["id"])
}

// TestNothingInThePublicCorporaGoesUnanswered reads every input of the YAML
// and JSON test suites as a file of each kind, and puts every naughty string
// and every example of CommonMark into every field of each kind, quoted,
// pasted, as a block, and in JSON.
func TestNothingInThePublicCorporaGoesUnanswered(t *testing.T) {
	t.Parallel()
	every := corpora.Every()
	suites := append(corpora.YAML(t), corpora.JSON(t)...)
	texts := append(corpora.NaughtyStrings(t), corpora.CommonMark(t)...)
	all := &tally{}
	t.Run("all", func(t *testing.T) {
		for _, c := range kinds() {
			_, name := example(c)
			t.Run("suites as "+name, func(t *testing.T) {
				t.Parallel()
				for _, input := range suites {
					all.try(t, name+".yaml", input.Input)
					all.try(t, name+".json", input.Input)
				}
			})
			t.Run("texts in all fields of "+name, func(t *testing.T) {
				t.Parallel()
				for i := 0; i < len(texts); i += every {
					inAllFields(t, all, c, texts[i])
				}
			})
			t.Run("texts pasted into each field of "+name, func(t *testing.T) {
				t.Parallel()
				for i, f := range fieldsOf(c) {
					for j, text := range texts {
						if (i+j)%every == 0 {
							record, _ := example(c)
							all.try(t, name+".yaml", yamlOf(f.put(record, text), pasted))
						}
					}
				}
			})
		}
	})
	fmt.Printf("corpora: %v\n", all)
	if all.inputs < 2000 {
		t.Errorf("%d inputs are too few to show much", all.inputs)
	}
}

// inAllFields puts a text into all fields of a record at once. What it is read
// as is the same in YAML and JSON, and nothing but what was put there.
func inAllFields(t *testing.T, all *tally, c schema.Collection, text string) {
	t.Helper()
	for _, put := range []any{text, map[string]any{"en": text, "nl": text}} {
		record, name := example(c)
		for _, f := range fieldsOf(c) {
			f.put(record, put)
		}
		fromYAML, inYAML := all.try(t, name+".yaml", yamlOf(record, quoted))
		all.try(t, name+".yaml", yamlOf(record, block))
		fromJSON, inJSON := all.try(t, name+".json", jsonOf(record))
		if fromYAML == nil || fromJSON == nil {
			return
		}
		if !reflect.DeepEqual(fromYAML.Value, record) || !reflect.DeepEqual(fromJSON.Value, record) {
			t.Errorf("%s: %q is not read as what it is:\n%v\n%v", name, text, fromYAML.Value, fromJSON.Value)
		}
		if a, b := said(inYAML), said(inJSON); a != b {
			t.Errorf("%s: %q: findings differ between YAML and JSON:\n%s\n%s", name, text, a, b)
		}
	}
}

// said is what findings say, without where.
func said(findings []schema.Finding) string {
	lines := make([]string, len(findings))
	for i, f := range findings {
		lines[i] = f.Rule + " " + f.Pointer + ": " + f.Message + " " + f.Remedy
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
