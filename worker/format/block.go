package format

import (
	"regexp"
	"slices"

	"netsync/schema"
	"netsync/worker/yaml"
)

// maxWidth is the maximum width of a line with a flow collection, in
// characters, without a comment. A wider collection is written as a block.
const maxWidth = 100

// indentation is the number of spaces for each level.
const indentation = 2

// modeline matches the comment that names the schema for editors, which look
// for it at the top.
var modeline = regexp.MustCompile(`^#\s*yaml-language-server\s*:`)

// yamlText returns a YAML file.
func (f *formatter) yamlText(shape *schema.Shape) string {
	lead := f.readTo(f.root.Start)
	if len(f.root.Children) == 0 {
		lead = append(lead, f.readTo(len(f.text))...)
		return joinLines(append(indentLines(onlyComments(lead), 0), line{text: "{}"}))
	}
	var out []line
	if i := slices.IndexFunc(lead, func(l line) bool { return modeline.MatchString(l.comment) }); i >= 0 {
		out = indentLines(lead[i:i+1], 0)
		lead = slices.Delete(lead, i, i+1)
		if i == 0 && len(lead) > 0 && lead[0].isEmpty() {
			out = append(out, line{})
		}
	}
	at := place{column: 0, outer: -1, limit: len(f.text)}
	out = append(out, f.formatBlock(f.root, shape, at, lead)...)
	return joinLines(append(out, indentLines(f.readTo(len(f.text)), 0)...))
}

// A place is where a value is.
type place struct {
	column int // of its block or entry in the result
	outer  int // column of the surrounding block in the file
	limit  int // offset of what follows it in the file
}

// formatBlock returns the lines of a collection as a block, whose entries are sorted.
// lead are the lines before it.
func (f *formatter) formatBlock(n *yaml.Node, shape *schema.Shape, at place, lead []line) []line {
	limit, column := at.limit, 0
	if f.isBracketed(n) {
		limit = n.End - 1
	} else if !n.Flow {
		column = f.columnAt(n.Start)
	}
	entries := entriesOf(n, shape)
	var out []line
	for i := range entries {
		e := &entries[i]
		before := f.readTo(e.start())
		if i == 0 {
			if lead, before = splitLead(append(lead, before...)); len(lead) > 0 {
				out = append(indentLines(lead, at.column), line{})
			}
		} else if foot, rest := splitFoot(before); len(foot) > 0 {
			last := &entries[i-1]
			last.lines = append(append(last.lines, indentLines(foot, at.column)...), line{})
			before = rest
		}
		next := limit
		if i+1 < len(entries) {
			next = entries[i+1].start()
		}
		e.lines = f.formatEntry(e, place{at.column, column, next}, before)
	}
	sortEntries(entries, shape)
	for _, e := range entries {
		out = append(out, e.lines...)
	}
	if f.isBracketed(n) {
		out = append(out, indentLines(f.readTo(limit), at.column)...)
		f.pos = n.End
	} else if !n.Flow {
		out = append(out, indentLines(f.readTrailing(at.outer, limit), at.column)...)
	}
	return out
}

// isBracketed reports whether a collection begins with a bracket. A single key in a
// flow collection needs none.
func (f *formatter) isBracketed(n *yaml.Node) bool {
	return n.Flow && (f.text[n.Start] == '[' || f.text[n.Start] == '{')
}
