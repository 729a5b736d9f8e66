package schema

import (
	"fmt"
	"strings"
	"sync"
)

// A Shape is what a JSON Schema file says about one place in a record beyond
// what makes it valid: what it is called, how it is normalized, what it
// refers to and how much a change of it matters.
type Shape struct {
	Title string
	// Examples are values that the field may have.
	Examples []any
	// Kind is "text" or "markdown" (a string or a map of languages), "edtf"
	// (a date), or "".
	Kind string
	// Significance is "major", "minor" or "trivial", or "" where the schema
	// does not say. Top-level properties say it.
	Significance string
	// Reference is the collection that a string names a record of, or "".
	Reference Collection
	// Vocabulary names the manifest's vocabulary that a string is a term
	// of, or "".
	Vocabulary string
	// Default is what stands for a missing value; nil where there is none.
	Default any
	// Properties are those of an object, by name.
	Properties map[string]*Shape
	// Items is the shape of an array's items, or nil.
	Items *Shape
	// Values is the shape of an object's values whose keys are free, or nil.
	Values *Shape
}

// Property returns the shape of an object's value, or nil.
func (s *Shape) Property(name string) *Shape {
	if property := s.Properties[name]; property != nil {
		return property
	}
	return s.Values
}

// ShapeOf returns the shape of a collection's records; of the manifest, where
// c is "". It must not be changed.
func ShapeOf(c Collection) *Shape { return shapes()[kindOf(c)] }

var shapes = sync.OnceValue(func() map[string]*Shape {
	all := make(map[string]*Shape)
	for name, doc := range documents() {
		all[strings.TrimSuffix(name, ".schema.json")] = readShape(name, doc)
	}
	return all
})

// readShape follows $ref, so that what a reference points to shows through,
// and what stands beside the reference wins.
func readShape(file string, node any) *Shape {
	m, ok := node.(map[string]any)
	if !ok {
		return &Shape{}
	}
	shape := &Shape{}
	if ref, ok := m["$ref"].(string); ok {
		target, doc := resolve(file, ref)
		*shape = *readShape(target, doc)
	}
	setString(&shape.Title, m["title"])
	setString(&shape.Kind, m["x-netsync-kind"])
	setString(&shape.Significance, m["x-netsync-significance"])
	setString((*string)(&shape.Reference), m["x-netsync-reference"])
	setString(&shape.Vocabulary, m["x-netsync-vocabulary"])
	if examples, ok := m["examples"].([]any); ok {
		shape.Examples = examples
	}
	if def, ok := m["default"]; ok {
		shape.Default = def
	}
	if properties, ok := m["properties"].(map[string]any); ok {
		shape.Properties = make(map[string]*Shape, len(properties))
		for name, property := range properties {
			shape.Properties[name] = readShape(file, property)
		}
	}
	if values, ok := m["additionalProperties"].(map[string]any); ok {
		shape.Values = readShape(file, values)
	}
	if items, ok := m["items"]; ok {
		shape.Items = readShape(file, items)
	}
	return shape
}

func setString(field *string, value any) {
	if s, ok := value.(string); ok {
		*field = s
	}
}

// resolve finds what "common.schema.json#/$defs/text" points to.
func resolve(file, ref string) (string, any) {
	target, pointer, _ := strings.Cut(ref, "#")
	if target = strings.TrimPrefix(target, baseURI); target == "" {
		target = file
	}
	doc := documents()[target]
	for part := range strings.SplitSeq(strings.Trim(pointer, "/"), "/") {
		if part == "" {
			continue
		}
		m, ok := doc.(map[string]any)
		if !ok {
			panic(fmt.Sprintf("embedded schema %s: $ref %s leads nowhere", file, ref))
		}
		doc = m[part]
	}
	return target, doc
}
