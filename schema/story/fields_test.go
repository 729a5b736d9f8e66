package story

import (
	"encoding/json"
	"io/fs"
	"testing"

	"netsync/schema"
	"netsync/schema/words"
)

// Every field of the format has a label in both languages.
func TestEveryFieldHasALabel(t *testing.T) {
	for _, c := range schema.Collections() {
		checkFields(t, c, "", schema.ShapeOf(c))
	}
}

func checkFields(t *testing.T, c schema.Collection, pointer string, s *schema.Shape) {
	for name, property := range s.Properties {
		if name == "approximate" {
			continue // shown with its count
		}
		f, order := fieldAt(c, pointer+"/"+name)
		if order == len(fields) || f.en == "" || f.nl == "" {
			t.Errorf("%s %s%s has no words", c, pointer+"/", name)
		}
		checkFields(t, c, pointer+"/"+name, property)
	}
}

// Every word of the format has a text in both languages.
func TestEveryCodeHasWords(t *testing.T) {
	for _, c := range schema.Collections() {
		data, err := fs.ReadFile(schema.Files(), c.Singular()+".schema.json")
		if err != nil {
			t.Fatal(err)
		}
		var node map[string]any
		if err := json.Unmarshal(data, &node); err != nil {
			t.Fatal(err)
		}
		checkCodes(t, c, "", node)
	}
}

func checkCodes(t *testing.T, c schema.Collection, pointer string, node map[string]any) {
	f, _ := fieldAt(c, pointer)
	terms, _ := node["enum"].([]any)
	for _, word := range terms {
		if f.format != code || words.In("en").Code(f.of, word.(string)) == "" || words.In("nl").Code(f.of, word.(string)) == "" {
			t.Errorf("%s %s: %q has no words", c, pointer, word)
		}
	}
	properties, _ := node["properties"].(map[string]any)
	for name, property := range properties {
		checkCodes(t, c, pointer+"/"+name, property.(map[string]any))
	}
}
