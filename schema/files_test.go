package schema

import (
	"fmt"
	"regexp"
	"slices"
	"testing"
)

// knownKeywords are the keywords that the library checks, and annotations. The
// library ignores any other, such as a mistyped one, and format.
var knownKeywords = []string{
	"$ref", "$defs", "$id", "$schema",
	"type", "enum", "const", "anyOf",
	"pattern", "minLength", "maxLength", "minimum", "maximum",
	"items", "minItems", "uniqueItems",
	"properties", "patternProperties", "additionalProperties", "required", "propertyNames", "minProperties",
	"title", "description", "default", "examples", "deprecated", "$comment",
	"x-netsync-kind", "x-netsync-significance", "x-netsync-reference", "x-netsync-vocabulary", "x-netsync-past", "x-netsync-derived",
}

// TestKeywordsOfTheSchemaFilesAreKnown also checks unused definitions, which
// the library does not compile.
func TestKeywordsOfTheSchemaFilesAreKnown(t *testing.T) {
	t.Parallel()
	for name, doc := range documents() {
		checkKeywords(t, place{name, ""}, doc)
	}
}

func checkKeywords(t *testing.T, at place, node any) {
	t.Helper()
	if _, ok := node.(bool); ok {
		return
	}
	keywords, ok := node.(map[string]any)
	if !ok {
		t.Errorf("%v is not a schema", at)
	}
	for name, value := range keywords {
		if !slices.Contains(knownKeywords, name) {
			t.Errorf("%v has the keyword %q, which is not known", at, name)
		}
		checkKeyword(t, at.childPlace(name), at, name, value)
	}
}

func checkKeyword(t *testing.T, at, schema place, name string, value any) {
	t.Helper()
	switch name {
	case "$id": // below the root it would change what each $ref below it means
		if schema.pointer != "" || value != BaseURI+schema.file {
			t.Errorf("%v is not the address of the file", at)
		}
	case "$ref":
		if _, target := resolveReference(at.file, value.(string)); target == nil {
			t.Errorf("%v leads nowhere: %v", at, value)
		}
	case "pattern":
		checkPattern(t, at, value.(string))
	case "items", "additionalProperties", "propertyNames":
		checkKeywords(t, at, value)
	case "anyOf":
		for i, alternative := range value.([]any) {
			checkKeywords(t, at.childPlace(fmt.Sprint(i)), alternative)
		}
	case "properties", "patternProperties", "$defs", "x-netsync-derived":
		for key, property := range value.(map[string]any) {
			if name == "patternProperties" {
				checkPattern(t, at, key)
			}
			checkKeywords(t, at.childPlace(key), property)
		}
	}
}

func checkPattern(t *testing.T, at place, pattern string) {
	t.Helper()
	if _, err := regexp.Compile(pattern); err != nil {
		t.Errorf("%v: %v", at, err)
	}
}
