package format

import (
	"strconv"
	"strings"

	"netsync/schema"
	"netsync/worker/yaml"
)

// addBrackets returns a collection in brackets.
func addBrackets(n *yaml.Node, content string) string {
	if n.Mapping {
		return "{" + content + "}"
	}
	return "[" + content + "]"
}

// inlineText returns a value on one line.
func (f *formatter) inlineText(n *yaml.Node, shape *schema.Shape) string {
	if n.IsCollection() {
		var parts []string
		for _, e := range sortedEntries(n, shape) {
			part := f.inlineText(e.value, e.shape)
			if e.key != nil {
				part = f.keyText(e.key) + ": " + part
			}
			parts = append(parts, part)
		}
		return addBrackets(n, strings.Join(parts, ", "))
	}
	switch text := f.scalarText(n, 0); {
	case text == "":
		return "null"
	case !strings.Contains(text, "\n"):
		return text
	case !strings.ContainsAny(text[:1], `"'`) && !strings.Contains(n.Value, "\n"):
		return n.Value // plain
	}
	return strconv.Quote(n.Value)
}

// jsonText returns a JSON value, with every value in it on a line of its own.
// Numbers and strings keep their notation. newline is a line feed and the
// indentation of the line that the value begins on.
func (f *formatter) jsonText(n *yaml.Node, shape *schema.Shape, newline string) string {
	switch {
	case !n.IsCollection():
		return f.text[n.Start:n.End]
	case len(n.Children) == 0:
		return addBrackets(n, "")
	}
	below := newline + makeSpaces(indentation)
	var parts []string
	for _, e := range sortedEntries(n, shape) {
		part := below
		if e.key != nil {
			part += f.text[e.key.Start:e.key.End] + ": "
		}
		parts = append(parts, part+f.jsonText(e.value, e.shape, below))
	}
	return addBrackets(n, strings.Join(parts, ",")+newline)
}
