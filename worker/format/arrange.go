package format

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"netsync/schema"
)

// maxWidth is how wide a line with a flow collection may become, in characters;
// above that, the collection is written as a block. A comment beside it does
// not count.
const maxWidth = 100

// indentation is how much further each level stands.
const indentation = 2

// arrange makes a block of a collection whose entries are to stand at a column:
// it puts them in order, and each comment where it can stand.
func (n *node) arrange(shape *schema.Shape, column int) {
	n.flow = false
	n.lead, n.entries[0].before = splitLead(n.lead)
	for _, e := range n.entries {
		e.arrange(e.shape(shape), column)
	}
	n.sort(shape)
}

// order puts the entries in order, and those below them.
func (n *node) order(shape *schema.Shape) {
	for _, e := range n.entries {
		e.value.order(e.shape(shape))
	}
	n.sort(shape)
}

func (n *node) sort(shape *schema.Shape) {
	if n.kind == yaml.MappingNode {
		sortKeys(n.entries, shape, func(e *entry) string { return e.key.value })
	}
}

// shape returns the shape of the value, of that of what it is in.
func (e *entry) shape(parent *schema.Shape) *schema.Shape {
	if e.key != nil {
		return property(parent, e.key.value)
	}
	return items(parent)
}

// arrange decides whether the value is written on its key's line or below it.
func (e *entry) arrange(shape *schema.Shape, column int) {
	used := column + indentation
	if e.key != nil {
		used = column + utf8.RuneCountInString(e.key.keyText()+": ")
	}
	switch {
	case !e.value.collection():
		e.comeBeside()
	case len(e.value.entries) == 0:
		e.before = append(e.before, onlyComments(slices.Concat(e.value.lead, e.value.foot))...)
		e.value.lead, e.value.foot = nil, nil
		e.comeBeside()
	case e.value.fits(used):
		e.value.order(shape)
		e.comeBeside()
	default:
		e.comeBelow()
		e.value.arrange(shape, column+indentation)
		if e.key == nil {
			e.before = append(e.before, e.value.takeLead()...)
		}
	}
}

// comeBeside moves the comments between a key and its value, for which there
// will be no place: the first beside the value, if it stands beside the key and
// there is none, the others above.
func (e *entry) comeBeside() {
	between := onlyComments(e.between)
	e.between = nil
	if len(between) > 0 && between[0].beside && e.after == nil {
		e.after = &between[0]
		between = between[1:]
	}
	e.before = append(e.before, between...)
}

// comeBelow moves the comments of a value that is to be a block: one stays
// beside the key, those behind it go below, and what was beside the value goes
// above the key.
func (e *entry) comeBelow() {
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

// takeLead takes the comments that stand above a block away from it.
func (n *node) takeLead() []line {
	first := n.entries[0]
	apart := []line{{}} // an empty line between the two
	lead := trimEmpty(slices.Concat(n.lead, apart, first.before))
	n.lead, first.before = nil, nil
	return lead
}

// fits reports whether a collection can be written on what is left of a line.
func (n *node) fits(used int) bool {
	return n.flow && len(n.comments()) == 0 && used+utf8.RuneCountInString(n.inline()) <= maxWidth
}

// inline writes a value on one line.
func (n *node) inline() string {
	if !n.collection() {
		return n.oneLine()
	}
	parts := make([]string, len(n.entries))
	opening, closing := "[", "]"
	for i, e := range n.entries {
		parts[i] = e.value.inline()
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

// modeline names the schema for editors. They look for it at the top.
var modeline = regexp.MustCompile(`^#\s*yaml-language-server\s*:`)

// takeModeline takes the modeline out of the lines before the first key. apart
// says that an empty line follows it.
func takeModeline(lines []line) (mode *line, rest []line, apart bool) {
	i := slices.IndexFunc(lines, func(l line) bool { return modeline.MatchString(l.text) })
	if i < 0 {
		return nil, lines, false
	}
	mode = &lines[i]
	rest = slices.Concat(lines[:i], lines[i+1:])
	return mode, rest, len(rest) > i && i == 0 && rest[0].empty()
}
