package validate

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"netsync/schema"
	"netsync/schema/shared"
	"netsync/worker/yaml"
)

// checkSchema validates the document against its JSON Schema, and translates the errors of the
// library for maintainers.
func (c *check) checkSchema() {
	err := schema.Validator(c.id.Collection).Validate(any(c.d.Value))
	var invalid *jsonschema.ValidationError
	if errors.As(err, &invalid) {
		c.explainError(invalid)
	}
}

func (c *check) explainError(e *jsonschema.ValidationError) {
	pointer := pointerOf(e.InstanceLocation)
	shape := shapeAt(c.id.Collection, e.InstanceLocation)
	switch k := e.ErrorKind.(type) {
	case *kind.AdditionalProperties:
		c.addUnknown(k.Properties, pointer, shape)
	case *kind.Required:
		c.addMissing(k.Missing, pointer)
	case *kind.AnyOf, *kind.OneOf:
		if _, isDate := dateText(c.d.Lookup(pointer)); isDate && shape.Kind == "edtf" {
			return // checkDate says more
		}
		c.add(wrongValue, c.d.Locate(pointer), pointer, exampleRemedy(shape), "%s %s", formatSubject(pointer), expectedValue(shape))
	case *kind.PropertyNames:
		c.wrongTerm(k.Property)
	default:
		if len(e.Causes) == 0 {
			c.addBadValue(e, pointer, shape)
		}
		for _, cause := range e.Causes {
			c.explainError(cause)
		}
	}
}

func (c *check) addUnknown(keys []string, pointer string, shape *schema.Shape) {
	known := keysOf(shape)
	for _, key := range keys {
		at := yaml.PointerTo(pointer, key)
		if shape.Derived[key] != nil {
			c.add(unknownKey, c.d.LocateKey(at), at, "Delete it: it follows from what the record says otherwise.",
				"%s is worked out by netsync and not written by hand", formatSubject(at))
			continue
		}
		remedy := ""
		if near := shared.Nearest(key, known, 1); near != "" {
			remedy = fmt.Sprintf("Did you mean %q?", near)
		}
		c.add(unknownKey, c.d.LocateKey(at), at, remedy, "the key %q is not known here", key)
	}
}

// wrongTerm finds the vocabularies with a malformed key, as the place that the library gives
// (v6.0.3) is not reliable.
func (c *check) wrongTerm(key string) {
	for _, vocabulary := range []string{"purposes", "regions", "topics"} {
		at := yaml.PointerTo("/vocabularies/"+vocabulary, key)
		if c.d.Lookup(at) != nil {
			c.add(wrongValue, c.d.LocateKey(at), at, "Use lower-case letters, digits and single hyphens; purposes are advocacy, collaboration and knowledge-sharing.",
				"the term %q does not have the form that is asked for", key)
		}
	}
}

func (c *check) addMissing(keys []string, pointer string) {
	above := shapeAt(c.id.Collection, tokensOf(pointer))
	for _, key := range keys {
		at := yaml.PointerTo(pointer, key)
		shape := shapeAt(c.id.Collection, tokensOf(at))
		remedy := fmt.Sprintf("Add %s.", key)
		if value := exampleOf(shape); value != "" {
			remedy = fmt.Sprintf("Add a line such as %s: %s", key, value)
		}
		c.add(missingKey, c.d.LocateMissing(pointer, keysBefore(above, key)), at, remedy, "the key %q is missing", key)
	}
}

// keysBefore returns the keys before one in the canonical order.
func keysBefore(shape *schema.Shape, key string) []string {
	if i := slices.Index(shape.Keys, key); i >= 0 {
		return shape.Keys[:i]
	}
	return nil
}

func tokensOf(pointer string) []string {
	if pointer == "" {
		return nil
	}
	return strings.Split(pointer[1:], "/")
}

var english = message.NewPrinter(language.English)

func (c *check) addBadValue(e *jsonschema.ValidationError, pointer string, shape *schema.Shape) {
	remedy := exampleRemedy(shape)
	var says string
	switch k := e.ErrorKind.(type) {
	case *kind.Type:
		says = fmt.Sprintf("is %s, not %s", typeName(k.Got), typeNames(k.Want))
	case *kind.Enum:
		says = fmt.Sprintf("is %v, which is none of %s", quoteValue(k.Got), list(k.Want))
		if near := shared.Nearest(fmt.Sprint(k.Got), toTexts(k.Want), 1); near != "" {
			remedy = fmt.Sprintf("Did you mean %q?", near)
		}
	case *kind.Const:
		says = fmt.Sprintf("is %s, not %s", quoteValue(k.Got), quoteValue(k.Want))
	case *kind.Pattern:
		if shape.Kind == "url" && badAddress(k.Got) != "" {
			return // checkLink says more
		}
		says = fmt.Sprintf("is %s, which does not have the form that is asked for", quoteValue(k.Got))
	case *kind.MinItems, *kind.MinLength:
		says = "is empty or too short"
	case *kind.UniqueItems:
		says = "holds the same item twice"
	default:
		says = e.ErrorKind.LocalizedString(english)
	}
	c.add(wrongValue, c.d.Locate(pointer), pointer, remedy, "%s %s", formatSubject(pointer), says)
}

func pointerOf(location []string) string {
	var pointer string
	for _, token := range location {
		pointer = yaml.PointerTo(pointer, token)
	}
	return pointer
}

// shapeAt returns the shape at a location of the schema; it is never nil.
func shapeAt(c schema.Collection, location []string) *schema.Shape {
	shape := schema.ShapeOf(c)
	for _, token := range location {
		next := shape.Property(token)
		if next == nil {
			next = shape.Items
		}
		if next == nil {
			return &schema.Shape{}
		}
		shape = next
	}
	return shape
}

// formatSubject returns the keys of a value: membership.since.
func formatSubject(pointer string) string {
	if pointer == "" {
		return "the file"
	}
	return strings.ReplaceAll(pointer[1:], "/", ".")
}

func expectedValue(shape *schema.Shape) string {
	switch shape.Kind {
	case "text", "markdown":
		return "is neither a text nor texts by language"
	case "edtf":
		return "is not a date"
	}
	return "does not have any of the forms that are asked for"
}

// exampleRemedy returns a remedy with an example; "" if the schema has none.
func exampleRemedy(shape *schema.Shape) string {
	value := exampleOf(shape)
	if value == "" {
		return ""
	}
	return fmt.Sprintf("Write, for example, %s.", value)
}

// exampleOf returns an example of a value, as it is written in a file; "" if the schema has
// none.
func exampleOf(shape *schema.Shape) string {
	if len(shape.Examples) == 0 {
		return ""
	}
	text, err := schema.Canonical(shape.Examples[0])
	if err != nil {
		return ""
	}
	return strings.Trim(string(text), `"`)
}

func typeNames(types []string) string {
	names := make([]string, len(types))
	for i, t := range types {
		names[i] = typeName(t)
	}
	return strings.Join(names, " or ")
}

func typeName(jsonType string) string {
	switch jsonType {
	case "object":
		return "a map"
	case "array":
		return "a list"
	case "string":
		return "a text"
	case "integer":
		return "a whole number"
	case "boolean":
		return "true or false"
	case "null":
		return "empty"
	}
	return "a " + jsonType
}

func quoteValue(v any) string {
	if s, ok := v.(string); ok {
		return fmt.Sprintf("%q", s)
	}
	return fmt.Sprint(v)
}

func toTexts(values []any) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = fmt.Sprint(v)
	}
	return out
}

func list(values []any) string { return strings.Join(toTexts(values), ", ") }

func keysOf(shape *schema.Shape) []string {
	keys := make([]string, 0, len(shape.Properties))
	for key := range shape.Properties {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
