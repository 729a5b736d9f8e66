package validate_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"netsync/schema"
)

// A field is a place of a record that takes a text: the keys that lead there,
// and "0" for the first item of a list.
type field []string

// fieldsOf returns every field of a collection's records, of the manifest
// where it is "", as its schema has them.
func fieldsOf(c schema.Collection) []field {
	return append(fieldsBelow(schema.ShapeOf(c), nil), field{"x-note"})
}

func fieldsBelow(s *schema.Shape, at field) []field {
	var found []field
	for _, key := range slices.Sorted(maps.Keys(s.Properties)) {
		found = append(found, fieldsBelow(s.Properties[key], at.to(key))...)
	}
	switch {
	case s.Kind != "":
		return append(found, at)
	case s.Items != nil:
		found = append(found, fieldsBelow(s.Items, at.to("0"))...)
	case s.Values != nil:
		found = append(found, fieldsBelow(s.Values, at.to("climate"))...)
	case len(s.Examples) > 0:
		if _, ok := s.Examples[0].(string); ok {
			found = append(found, at)
		}
	}
	return found
}

func (f field) to(key string) field { return append(slices.Clone(f), key) }

// put puts a text there, and makes the maps and lists that lead to it.
func (f field) put(into any, text any) any {
	if len(f) == 0 {
		return text
	}
	if f[0] == "0" {
		list, _ := into.([]any)
		if len(list) == 0 {
			list = []any{nil}
		}
		list[0] = f[1:].put(list[0], text)
		return list
	}
	m, ok := into.(map[string]any)
	if !ok {
		m = map[string]any{}
	}
	m[f[0]] = f[1:].put(m[f[0]], text)
	return m
}

// clone copies a value's maps and lists.
func clone(value any) any {
	switch value := value.(type) {
	case map[string]any:
		out := make(map[string]any, len(value))
		for key, item := range value {
			out[key] = clone(item)
		}
		return out
	case []any:
		out := make([]any, len(value))
		for i, item := range value {
			out[i] = clone(item)
		}
		return out
	}
	return value
}

// yamlOf writes a value as blocks of YAML; write writes its texts.
func yamlOf(value any, write func(text string, indent int) string) string {
	var b strings.Builder
	writeYAML(&b, value, 0, write)
	return b.String()
}

func writeYAML(b *strings.Builder, value any, indent int, write func(text string, indent int) string) {
	pad := strings.Repeat("  ", indent)
	switch value := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			b.WriteString(pad + key + ":")
			writeBelow(b, value[key], indent+1, write)
		}
	case []any:
		for _, item := range value {
			b.WriteString(pad + "-")
			writeBelow(b, item, indent+1, write)
		}
	}
}

// writeBelow writes a value behind a key's colon or an item's hyphen.
func writeBelow(b *strings.Builder, value any, indent int, write func(text string, indent int) string) {
	switch value := value.(type) {
	case map[string]any, []any:
		b.WriteString("\n")
		writeYAML(b, value, indent, write)
	case string:
		b.WriteString(" " + write(value, indent) + "\n")
	default:
		fmt.Fprintf(b, " %v\n", value)
	}
}

// quoted writes a text so that no reader can take it for anything else.
func quoted(text string, _ int) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case r >= ' ' && r < 0x7f:
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	return `"` + b.String() + `"`
}

// pasted writes a text as somebody does who thinks of nothing.
func pasted(text string, _ int) string { return text }

// block writes a text as a block of lines.
func block(text string, indent int) string {
	pad := strings.Repeat("  ", indent)
	return "|\n" + pad + strings.ReplaceAll(text, "\n", "\n"+pad)
}

func jsonOf(value any) string {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return strconv.Quote(err.Error())
	}
	return string(text)
}
