package format

import (
	"strings"
	"unicode/utf8"

	"netsync/schema"
)

// formatYAML formats a YAML file.
func formatYAML(data []byte, shape *schema.Shape) ([]byte, error) {
	root, err := read(data)
	if err != nil {
		return nil, err
	}
	w := &writer{suppressEmpty: true}
	if len(root.entries) == 0 {
		w.writeComments(append(root.lead, root.foot...), 0)
		w.put("{}", nil)
		return []byte(w.b.String()), nil
	}
	mode, rest, apart := takeModeline(root.lead)
	root.lead = rest
	root.arrangeBlock(shape, 0)
	if mode != nil {
		w.put(mode.text, nil)
	}
	if apart {
		w.requestEmptyLine()
	}
	w.writeBlock(root, 0, "")
	return []byte(w.b.String()), nil
}

// A writer writes lines.
type writer struct {
	b strings.Builder
	// needsEmptyLine asks for an empty line before the next line, if any.
	needsEmptyLine bool
	// suppressEmpty prevents an empty line: at the start of a block, and after
	// a text that empty lines would belong to.
	suppressEmpty bool
}

// requestEmptyLine asks for an empty line.
func (w *writer) requestEmptyLine() { w.needsEmptyLine = !w.suppressEmpty }

// put writes a line and a comment beside it, which keeps its column if
// possible.
func (w *writer) put(text string, comment *line) {
	if w.needsEmptyLine {
		w.b.WriteByte('\n')
	}
	w.needsEmptyLine, w.suppressEmpty = false, false
	w.b.WriteString(text)
	if comment != nil {
		room := max(1, comment.column-utf8.RuneCountInString(text))
		w.b.WriteString(strings.Repeat(" ", room) + comment.text)
	}
	w.b.WriteByte('\n')
}

// writeComments writes comments and empty lines at a column.
func (w *writer) writeComments(lines []line, column int) {
	for _, l := range lines {
		if l.isEmpty() {
			w.requestEmptyLine()
		} else {
			w.put(spacesOf(column)+l.text, nil)
		}
	}
}

func spacesOf(n int) string { return strings.Repeat(" ", n) }

// writeBlock writes the entries of a block at a column. The first line begins
// with prefix, which may hold the hyphens of surrounding lists.
func (w *writer) writeBlock(n *node, column int, prefix string) {
	if len(n.lead) > 0 {
		w.writeComments(n.lead, column)
		w.requestEmptyLine()
	}
	for _, e := range n.entries {
		w.writeComments(e.before, column)
		w.writeEntry(e, column, prefix)
		prefix = spacesOf(column)
		if len(e.foot) > 0 {
			w.writeComments(e.foot, column)
			w.requestEmptyLine()
		}
	}
	w.writeComments(n.foot, column)
}

func (w *writer) writeEntry(e *entry, column int, prefix string) {
	head := prefix + "-"
	if e.key != nil {
		head = prefix + e.key.keyText() + ":"
	}
	below := column + indentation
	switch {
	case !e.value.isCollection():
		w.writeScalar(e, head, below)
	case !e.value.isBlock():
		w.put(head+" "+e.value.inlineText(), e.after)
	case e.key == nil:
		w.writeBlock(e.value, below, head+" ")
	default:
		w.put(head, e.after)
		w.suppressEmpty = true
		w.writeBlock(e.value, below, spacesOf(below))
	}
}

// writeScalar writes an entry with a scalar value, whose further lines begin at
// a column.
func (w *writer) writeScalar(e *entry, head string, column int) {
	text, comment := e.value.text, e.after
	if h := e.value.block; h != nil {
		w.put(head+" "+h.String(), comment)
		w.writeText(text, column)
		for range h.ending - 1 {
			w.put("", nil)
		}
		w.suppressEmpty = h.ending > 1
		return
	}
	if text[0] != "" {
		head += " " + text[0]
	}
	if len(text) == 1 {
		w.put(head, comment)
		return
	}
	w.put(head, nil)
	w.writeText(text[1:len(text)-1], column)
	w.put(spacesOf(column)+text[len(text)-1], comment)
}

// writeText writes lines at a column, without indenting empty ones.
func (w *writer) writeText(lines []string, column int) {
	for _, text := range lines {
		if text != "" {
			text = spacesOf(column) + text
		}
		w.put(text, nil)
	}
}
