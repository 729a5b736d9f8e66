package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"sync"
)

// A Shape is what a JSON Schema file specifies about a place in a record
// besides its validity: its title, how to normalize it, what it refers to and
// how significant a change is.
type Shape struct {
	Title       string
	Description string
	// Examples are valid values of the field.
	Examples []any
	// Kind is "text" or "markdown" (a string or a map of languages), "edtf"
	// (a date), "url", "ror", "isni", "asset" (the path of an image), or "".
	Kind string
	// Past is set for a date that cannot be in the future.
	Past bool
	// Significance is "major", "minor" or "trivial", or "" if not specified.
	// Top-level properties have it.
	Significance string
	// Reference is the collection whose records a string names, or "".
	Reference Collection
	// Vocabulary names the manifest's vocabulary that a string is a term
	// of, or "".
	Vocabulary string
	// Default is the value of a missing field, or nil.
	Default any
	// Properties are the properties of an object, by name.
	Properties map[string]*Shape
	// Derived are the properties of an object that only the published form has:
	// they are computed from others.
	Derived map[string]*Shape
	// Keys are the names of Properties in the order of the schema file, which
	// is the order in which records are written.
	Keys []string
	// Required are the required keys of an object.
	Required []string
	// Enum are the valid values; nil if the schema lists none.
	Enum []any
	// Items is the shape of an array's items, or nil.
	Items *Shape
	// Values is the shape of an object's values whose keys are free, or nil.
	Values *Shape

	// leads is set if the value, or one within it, names a record, a term or an
	// image. leading are the Keys with such values.
	leads   bool
	leading []string
}

// Property returns the shape of an object's value, or nil.
func (s *Shape) Property(name string) *Shape {
	if property := s.Properties[name]; property != nil {
		return property
	}
	return s.Values
}

// ShapeOf returns the shape of a collection's records, or of the manifest if c
// is "". It must not be changed.
func ShapeOf(c Collection) *Shape { return shapes()[kindOf(c)] }

var shapes = sync.OnceValue(func() map[string]*Shape {
	all := make(map[string]*Shape)
	for name, doc := range documents() {
		all[strings.TrimSuffix(name, ".schema.json")] = readShape(place{name, ""}, doc)
	}
	return all
})

// readShape returns the shape of a node. It follows $ref; keywords beside the
// reference override those of its target.
func readShape(at place, node any) *Shape {
	m, ok := node.(map[string]any)
	if !ok {
		return &Shape{}
	}
	shape := &Shape{}
	if ref, ok := m["$ref"].(string); ok {
		target, doc := resolveReference(at.file, ref)
		*shape = *readShape(target, doc)
	}
	setString(&shape.Title, m["title"])
	setString(&shape.Description, m["description"])
	setString(&shape.Kind, m["x-netsync-kind"])
	setString(&shape.Significance, m["x-netsync-significance"])
	setString((*string)(&shape.Reference), m["x-netsync-reference"])
	setString(&shape.Vocabulary, m["x-netsync-vocabulary"])
	if past, ok := m["x-netsync-past"].(bool); ok {
		shape.Past = past
	}
	if examples, ok := m["examples"].([]any); ok {
		shape.Examples = examples
	}
	if def, ok := m["default"]; ok {
		shape.Default = def
	}
	if properties, ok := m["properties"].(map[string]any); ok {
		shape.Properties = make(map[string]*Shape, len(properties))
		for name, property := range properties {
			shape.Properties[name] = readShape(at.childPlace("properties").childPlace(name), property)
		}
		shape.Keys = keyOrder()[at.childPlace("properties")]
	}
	if derived, ok := m["x-netsync-derived"].(map[string]any); ok {
		shape.Derived = make(map[string]*Shape, len(derived))
		for name, property := range derived {
			shape.Derived[name] = readShape(at.childPlace("x-netsync-derived").childPlace(name), property)
		}
	}
	if required, ok := m["required"].([]any); ok {
		shape.Required = nil
		for _, key := range required {
			shape.Required = append(shape.Required, fmt.Sprint(key))
		}
	}
	if enum, ok := m["enum"].([]any); ok {
		shape.Enum = enum
	}
	if values, ok := m["additionalProperties"].(map[string]any); ok {
		shape.Values = readShape(at.childPlace("additionalProperties"), values)
	}
	if items, ok := m["items"]; ok {
		shape.Items = readShape(at.childPlace("items"), items)
	}
	shape.noteLeads()
	return shape
}

func (s *Shape) noteLeads() {
	s.leading = nil
	for _, key := range s.Keys {
		if s.Properties[key].leads {
			s.leading = append(s.leading, key)
		}
	}
	s.leads = s.isName() || len(s.leading) > 0 || s.Items != nil && s.Items.leads || s.Values != nil && s.Values.leads
}

// isName reports whether a string names a record, a term or an image.
func (s *Shape) isName() bool { return s.Reference != "" || s.Vocabulary != "" || s.Kind == "asset" }

// A place is a place in a schema file.
type place struct{ file, pointer string }

func (p place) childPlace(token string) place { return place{p.file, p.pointer + "/" + token} }

// keyOrder holds the keys of every object of the schema files, in file order.
var keyOrder = sync.OnceValue(func() map[place][]string {
	order := make(map[place][]string)
	for name := range documents() {
		data, err := fs.ReadFile(Files(), name)
		if err != nil {
			panic(err) // the file is embedded
		}
		readOrder(json.NewDecoder(bytes.NewReader(data)), place{name, ""}, order)
	}
	return order
})

// readOrder records the order of the keys of the next value.
func readOrder(dec *json.Decoder, at place, order map[place][]string) {
	switch token, _ := dec.Token(); token {
	case json.Delim('{'):
		for dec.More() {
			key, _ := dec.Token()
			order[at] = append(order[at], fmt.Sprint(key))
			readOrder(dec, at.childPlace(fmt.Sprint(key)), order)
		}
		_, _ = dec.Token() // the brace: the file was decoded before
	case json.Delim('['):
		for i := 0; dec.More(); i++ {
			readOrder(dec, at.childPlace(strconv.Itoa(i)), order)
		}
		_, _ = dec.Token()
	}
}

func setString(field *string, value any) {
	if s, ok := value.(string); ok {
		*field = s
	}
}

// resolveReference returns the schema at a reference such as
// "common.schema.json#/$defs/text".
func resolveReference(file, ref string) (place, any) {
	target, pointer, _ := strings.Cut(ref, "#")
	if target = strings.TrimPrefix(target, BaseURI); target == "" {
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
	return place{target, strings.TrimSuffix(pointer, "/")}, doc
}
