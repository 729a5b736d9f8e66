package format

import (
	"strings"

	"go.yaml.in/yaml/v4"
)

// A header tells how to read a block scalar (YAML 1.2.2 §8.1.1).
type header struct {
	style    byte // | or >
	indented bool // the first line begins with a space, so the header gives the indentation
	ending   int  // number of line feeds at the end of the text
}

func (h *header) String() string {
	out := string(h.style)
	if h.indented {
		out += "2"
	}
	switch {
	case h.ending == 0:
		out += "-"
	case h.ending > 1:
		out += "+"
	}
	return out
}

// blockText reads a block scalar of a map or list at a column.
func (r *reader) blockText(n *yaml.Node, start, column int) (*node, *line) {
	head, below := r.lineAt(start)
	var comment *line
	if found := r.scanGap(start, start+len(head)); len(found) > 0 {
		comment = &found[0]
	}
	lines, end := r.textLines(head, below, column)
	r.pos = end
	out := &node{kind: yaml.ScalarNode, value: n.Value, text: lines}
	if strings.TrimSpace(strings.Join(lines, "")) == "" || hasRareBreaks(r.s[start:end]) {
		out.text = []string{quoteText(n.Value)}
		return out, comment
	}
	first := strings.TrimLeft(strings.Join(lines, "\n"), "\n")
	out.block = &header{
		style:    r.s[start],
		indented: first[0] == ' ' || first[0] == '\t',
		ending:   len(n.Value) - len(strings.TrimRight(n.Value, "\n")),
	}
	if out.block.ending > 1 { // trailing empty lines belong to the text
		r.pos = r.skipEmpty(end)
	}
	return out, comment
}

// textLines returns the lines of a block scalar without their indentation, and
// the end of the last line that is not empty.
func (r *reader) textLines(head string, from, column int) (lines []string, end int) {
	indent := r.textIndent(head, from, column)
	end = from
	empty := 0
	for at := from; at < len(r.s); {
		text, next := r.lineAt(at)
		switch blanks := countLeading(text); {
		case blanks >= indent && len(text) > indent:
			lines = append(append(lines, make([]string, empty)...), text[indent:])
			empty, end = 0, next
		case blanks == len(text):
			empty++
		default:
			return lines, end
		}
		at = next
	}
	return lines, end
}

// textIndent returns the indentation of a block scalar, from its header or its
// first line.
func (r *reader) textIndent(head string, from, column int) int {
	if i := strings.IndexAny(head, "123456789 #"); i >= 0 && head[i] >= '1' {
		return column + int(head[i]-'0')
	}
	indent := column + 1
	for at := from; at < len(r.s); {
		text, next := r.lineAt(at)
		blanks := countLeading(text)
		if indent = max(indent, blanks); blanks < len(text) {
			break
		}
		at = next
	}
	return indent
}

// skipEmpty skips lines that hold only spaces.
func (r *reader) skipEmpty(at int) int {
	for at < len(r.s) {
		text, next := r.lineAt(at)
		if countLeading(text) < len(text) {
			return at
		}
		at = next
	}
	return at
}

// countLeading counts the leading spaces of a line.
func countLeading(text string) int { return len(text) - len(strings.TrimLeft(text, " ")) }
