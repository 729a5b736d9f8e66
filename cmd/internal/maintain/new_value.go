package maintain

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"netsync/schema"
	"netsync/worker/yaml"
)

// fieldText writes a field with the first example that the schema has for it.
func fieldText(key string, s *schema.Shape) string {
	var example any
	if len(s.Examples) > 0 {
		example = s.Examples[0]
	}
	return fieldLine(key, example, s)
}

// fieldLine writes a field: paragraphs as a block of text, lists of objects as
// a block, all else on one line.
func fieldLine(key string, value any, s *schema.Shape) string {
	switch value := value.(type) {
	case string:
		if strings.Contains(value, "\n") {
			return fmt.Sprintf("%s: |-\n%s\n", key, indentLines(value))
		}
		return fmt.Sprintf("%s: %s\n", key, plainText(value, "v: %s\n"))
	case []any:
		if s.Items != nil && len(s.Items.Keys) > 0 {
			var b strings.Builder
			fmt.Fprintf(&b, "%s:\n", key)
			for _, item := range value {
				fmt.Fprintf(&b, "  - %s\n", flowText(item, s.Items))
			}
			return b.String()
		}
	}
	return fmt.Sprintf("%s: %s\n", key, flowText(value, s))
}

func indentLines(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if line != "" {
			lines[i] = "  " + line
		}
	}
	return strings.Join(lines, "\n")
}

// flowText writes a value on one line, its keys in the order of the schema.
func flowText(value any, s *schema.Shape) string {
	switch value := value.(type) {
	case string:
		return plainText(value, "v: [%s]\n")
	case []any:
		parts := make([]string, len(value))
		for i, item := range value {
			parts[i] = flowText(item, s.Items)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case map[string]any:
		var parts []string
		for _, key := range keysOf(value, s) {
			parts = append(parts, key+": "+flowText(value[key], s.Property(key)))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return fmt.Sprint(value)
}

func keysOf(value map[string]any, s *schema.Shape) []string {
	if len(s.Keys) == 0 {
		return slices.Sorted(maps.Keys(value))
	}
	return slices.DeleteFunc(slices.Clone(s.Keys), func(key string) bool {
		_, ok := value[key]
		return !ok
	})
}

// plainText writes a text without quotes where it means the same without them
// in its place in a file, and with them elsewhere.
func plainText(text, file string) string {
	value := yaml.Parse("v.yaml", fmt.Appendf(nil, file, text)).Value["v"]
	if list, ok := value.([]any); ok && len(list) == 1 {
		value = list[0]
	}
	if value == text {
		return text
	}
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(err) // a text can be written
	}
	return string(quoted)
}
