package format

import (
	"strings"
	"unicode/utf8"

	"netsync/schema"
)

// formatYAML writes a YAML file anew.
func formatYAML(data []byte, shape *schema.Shape) ([]byte, error) {
	root, err := read(data)
	if err != nil {
		return nil, err
	}
	w := &writer{opened: true}
	if len(root.entries) == 0 {
		w.comments(append(root.lead, root.foot...), 0)
		w.put("{}", nil)
		return []byte(w.b.String()), nil
	}
	mode, rest, apart := takeModeline(root.lead)
	root.lead = rest
	root.arrange(shape, 0)
	if mode != nil {
		w.put(mode.text, nil)
	}
	if apart {
		w.empty()
	}
	w.block(root, 0, "")
	return []byte(w.b.String()), nil
}

// A writer writes lines.
type writer struct {
	b strings.Builder
	// apart asks for an empty line before the next, if there is one.
	apart bool
	// opened says that no empty line may come: a block begins, or the lines of
	// a text end that empty lines would belong to.
	opened bool
}

// empty asks for an empty line.
func (w *writer) empty() { w.apart = !w.opened }

// put writes a line with a comment beside it, which stays at its column where
// there is room.
func (w *writer) put(text string, comment *line) {
	if w.apart {
		w.b.WriteByte('\n')
	}
	w.apart, w.opened = false, false
	w.b.WriteString(text)
	if comment != nil {
		room := max(1, comment.column-utf8.RuneCountInString(text))
		w.b.WriteString(strings.Repeat(" ", room) + comment.text)
	}
	w.b.WriteByte('\n')
}

// comments writes comments and empty lines at a column.
func (w *writer) comments(lines []line, column int) {
	for _, l := range lines {
		if l.empty() {
			w.empty()
		} else {
			w.put(spaces(column)+l.text, nil)
		}
	}
}

func spaces(n int) string { return strings.Repeat(" ", n) }

// block writes the entries of a block at a column. The first line begins with a
// prefix, which may hold the hyphens of the lists around the block.
func (w *writer) block(n *node, column int, prefix string) {
	if len(n.lead) > 0 {
		w.comments(n.lead, column)
		w.empty()
	}
	for _, e := range n.entries {
		w.comments(e.before, column)
		w.entry(e, column, prefix)
		prefix = spaces(column)
		if len(e.foot) > 0 {
			w.comments(e.foot, column)
			w.empty()
		}
	}
	w.comments(n.foot, column)
}

func (w *writer) entry(e *entry, column int, prefix string) {
	head := prefix + "-"
	if e.key != nil {
		head = prefix + e.key.keyText() + ":"
	}
	below := column + indentation
	switch {
	case !e.value.collection():
		w.scalar(e, head, below)
	case !e.value.spread():
		w.put(head+" "+e.value.inline(), e.after)
	case e.key == nil:
		w.block(e.value, below, head+" ")
	default:
		w.put(head, e.after)
		w.opened = true
		w.block(e.value, below, spaces(below))
	}
}

// scalar writes an entry whose value is a scalar, of which further lines stand
// at a column.
func (w *writer) scalar(e *entry, head string, column int) {
	text, comment := e.value.text, e.after
	if h := e.value.block; h != nil {
		w.put(head+" "+h.String(), comment)
		w.text(text, column)
		for range h.ending - 1 {
			w.put("", nil)
		}
		w.opened = h.ending > 1
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
	w.text(text[1:len(text)-1], column)
	w.put(spaces(column)+text[len(text)-1], comment)
}

// text writes lines at a column, of which empty ones stay so.
func (w *writer) text(lines []string, column int) {
	for _, text := range lines {
		if text != "" {
			text = spaces(column) + text
		}
		w.put(text, nil)
	}
}
