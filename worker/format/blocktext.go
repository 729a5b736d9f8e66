package format

import (
	"strings"

	"go.yaml.in/yaml/v4"
)

// A header says how a block of text is to be read (YAML 1.2.2 §8.1.1).
type header struct {
	style    byte // | or >
	indented bool // the first line begins with a blank: its indentation is told
	ending   int  // how many line feeds the text ends with
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

// blockText reads a block of text that belongs to a map or list at a column.
func (r *reader) blockText(n *yaml.Node, start, column int) (*node, *line) {
	head, below := r.lineAt(start)
	var comment *line
	if found := r.gap(start, start+len(head)); len(found) > 0 {
		comment = &found[0]
	}
	lines, end := r.textLines(head, below, column)
	r.pos = end
	out := &node{kind: yaml.ScalarNode, value: n.Value, text: lines}
	if strings.TrimSpace(strings.Join(lines, "")) == "" || rareBreaks(r.s[start:end]) {
		out.text = []string{quote(n.Value)}
		return out, comment
	}
	first := strings.TrimLeft(strings.Join(lines, "\n"), "\n")
	out.block = &header{
		style:    r.s[start],
		indented: first[0] == ' ' || first[0] == '\t',
		ending:   len(n.Value) - len(strings.TrimRight(n.Value, "\n")),
	}
	if out.block.ending > 1 { // the empty lines belong to the text
		r.pos = r.skipEmpty(end)
	}
	return out, comment
}

// textLines returns the lines of a block of text without their indentation, and
// where the last of them that is not empty ends.
func (r *reader) textLines(head string, from, column int) (lines []string, end int) {
	indent := r.textIndent(head, from, column)
	end = from
	empty := 0
	for at := from; at < len(r.s); {
		text, next := r.lineAt(at)
		switch blanks := leading(text); {
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

// textIndent finds how far a block of text is indented: as its head says, or as
// its first line is.
func (r *reader) textIndent(head string, from, column int) int {
	if i := strings.IndexAny(head, "123456789 #"); i >= 0 && head[i] >= '1' {
		return column + int(head[i]-'0')
	}
	indent := column + 1
	for at := from; at < len(r.s); {
		text, next := r.lineAt(at)
		blanks := leading(text)
		if indent = max(indent, blanks); blanks < len(text) {
			break
		}
		at = next
	}
	return indent
}

// skipEmpty goes over lines that hold nothing but blanks.
func (r *reader) skipEmpty(at int) int {
	for at < len(r.s) {
		text, next := r.lineAt(at)
		if leading(text) < len(text) {
			return at
		}
		at = next
	}
	return at
}

// leading counts the blanks that a line begins with.
func leading(text string) int { return len(text) - len(strings.TrimLeft(text, " ")) }
