package format

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"netsync/schema"
)

// maxWidth is the maximum width of a line with a flow collection, in
// characters, without a comment. A wider collection is written as a block.
const maxWidth = 100

// indentation is the number of spaces for each level.
const indentation = 2

// arrangeBlock makes a collection a block at a column: it sorts the entries,
// and moves each comment to where it can be written.
func (n *node) arrangeBlock(shape *schema.Shape, column int) {
	n.flow = false
	n.lead, n.entries[0].before = splitLead(n.lead)
	for _, e := range n.entries {
		e.arrangeValue(e.valueShape(shape), column)
	}
	n.sortEntries(shape)
}

// orderEntries sorts the entries, and those below them.
func (n *node) orderEntries(shape *schema.Shape) {
	for _, e := range n.entries {
		e.value.orderEntries(e.valueShape(shape))
	}
	n.sortEntries(shape)
}

func (n *node) sortEntries(shape *schema.Shape) {
	if n.kind == yaml.MappingNode {
		sortKeys(n.entries, shape, func(e *entry) string { return e.key.value })
	}
}

// valueShape returns the shape of the value, given that of its collection.
func (e *entry) valueShape(parent *schema.Shape) *schema.Shape {
	if e.key != nil {
		return propertyShape(parent, e.key.value)
	}
	return itemShape(parent)
}

// arrangeValue decides whether the value is written on its key's line or below.
func (e *entry) arrangeValue(shape *schema.Shape, column int) {
	used := column + indentation
	if e.key != nil {
		used = column + utf8.RuneCountInString(e.key.keyText()+": ")
	}
	switch {
	case !e.value.isCollection():
		e.placeBeside()
	case len(e.value.entries) == 0:
		e.before = append(e.before, onlyComments(slices.Concat(e.value.lead, e.value.foot))...)
		e.value.lead, e.value.foot = nil, nil
		e.placeBeside()
	case e.value.fitsLine(used):
		e.value.orderEntries(shape)
		e.placeBeside()
	default:
		e.placeBelow()
		e.value.arrangeBlock(shape, column+indentation)
		if e.key == nil {
			e.before = append(e.before, e.value.takeLead()...)
		}
	}
}

// placeBeside moves the comments between a key and a value that will be on the
// same line: the first to the end of the line, if it is there already and there
// is no other, the rest above.
func (e *entry) placeBeside() {
	between := onlyComments(e.between)
	e.between = nil
	if len(between) > 0 && between[0].beside && e.after == nil {
		e.after = &between[0]
		between = between[1:]
	}
	e.before = append(e.before, between...)
}

// placeBelow moves the comments of a value that will be a block: one stays
// beside the key, those after it go below, and a comment beside the value goes
// above the key.
func (e *entry) placeBelow() {
	after := e.after
	e.after = nil
	if len(e.between) > 0 && e.between[0].beside {
		e.after = &e.between[0]
		e.between = e.between[1:]
	}
	e.value.lead = slices.Concat(e.between, e.value.lead)
	e.between = nil
	switch {
	case after == nil:
	case e.key != nil && e.after == nil:
		e.after = after
	default:
		e.before = append(e.before, *after)
	}
}

// takeLead removes and returns the comments above a block.
func (n *node) takeLead() []line {
	first := n.entries[0]
	apart := []line{{}} // an empty line in between
	lead := trimEmpty(slices.Concat(n.lead, apart, first.before))
	n.lead, first.before = nil, nil
	return lead
}

// fitsLine reports whether a collection fits on a line of which used characters
// are taken.
func (n *node) fitsLine(used int) bool {
	return n.flow && len(n.sortedComments()) == 0 && used+utf8.RuneCountInString(n.inlineText()) <= maxWidth
}

// inlineText returns a value on one line.
func (n *node) inlineText() string {
	if !n.isCollection() {
		return n.oneLine()
	}
	parts := make([]string, len(n.entries))
	opening, closing := "[", "]"
	for i, e := range n.entries {
		parts[i] = e.value.inlineText()
		if parts[i] == "" {
			parts[i] = "null"
		}
		if e.key != nil {
			parts[i] = e.key.keyText() + ": " + parts[i]
		}
	}
	if n.kind == yaml.MappingNode {
		opening, closing = "{", "}"
	}
	return opening + strings.Join(parts, ", ") + closing
}

// modeline matches the comment that names the schema for editors, which look
// for it at the top.
var modeline = regexp.MustCompile(`^#\s*yaml-language-server\s*:`)

// takeModeline removes the modeline from the lines before the first key. apart
// reports whether an empty line follows it.
func takeModeline(lines []line) (mode *line, rest []line, apart bool) {
	i := slices.IndexFunc(lines, func(l line) bool { return modeline.MatchString(l.text) })
	if i < 0 {
		return nil, lines, false
	}
	mode = &lines[i]
	rest = slices.Concat(lines[:i], lines[i+1:])
	return mode, rest, len(rest) > i && i == 0 && rest[0].isEmpty()
}
