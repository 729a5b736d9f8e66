package yaml

import (
	"bytes"

	"go.yaml.in/yaml/v4"
)

// The library accepts some files that are not YAML: it does not check how far
// the later lines of a quoted text or a flow collection are indented (YAML
// 1.2.2 §6.3, §7), nor at blank lines before a block of text that are longer
// than its indentation (§8.1.1.1). The author of such a file meant something else, so
// it is refused.

// checkIndent checks a node between two offsets, in a block at a column from 0; -1
// for none.
func (d *Document) checkIndent(n *yaml.Node, start, end, column int) bool {
	switch {
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return d.checkBlankLines(start, column)
	case n.Style&(yaml.FlowStyle|yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0:
		return d.checkLines(start, end, column, n.Kind != yaml.ScalarNode)
	}
	return true
}

// checkLines checks the lines that begin between two offsets. In a flow collection, a
// comment may be anywhere, and so may a line of closing brackets: the standard wants
// it indented, too, but nobody reads it as anything else.
func (d *Document) checkLines(start, end, column int, flow bool) bool {
	for {
		feed := bytes.IndexByte(d.tree.data[start:end], '\n')
		if feed < 0 {
			return true
		}
		start += feed + 1
		line := d.lineAt(start)
		indent := len(line) - len(bytes.TrimLeft(line, " "))
		ink := bytes.Trim(line, " \t"+lineBreaks)
		free := len(ink) == 0 || flow && (ink[0] == '#' || len(bytes.Trim(ink, "]},")) == 0)
		if indent <= column && !free {
			d.addProblem(Syntax, d.tree.rangeOf(start, start+len(line)), "", "this line goes on with what began before, but is not indented further than its key")
			return false
		}
	}
}

// checkBlankLines checks the blank lines at the beginning of a block of text.
func (d *Document) checkBlankLines(start, column int) bool {
	header := d.lineAt(start)
	if bytes.ContainsAny(bytes.Split(header, []byte("#"))[0], "123456789") {
		return true // the indentation is given
	}
	longest, at := 0, start
	for at += len(header) + 1; at < len(d.tree.data); {
		line := d.lineAt(at)
		text := bytes.TrimLeft(line, " ")
		indent := len(line) - len(text)
		if len(bytes.Trim(text, lineBreaks)) > 0 {
			if indent > column && indent < longest {
				d.addProblem(Syntax, d.tree.rangeOf(at, at+len(line)), "", "a blank line before the text is indented further than the text")
				return false
			}
			return true
		}
		longest = max(longest, indent)
		at += len(line) + 1
	}
	return true
}

// lineAt returns the rest of the line at an offset, without its end.
func (d *Document) lineAt(offset int) []byte {
	line, _, _ := bytes.Cut(d.tree.data[offset:], []byte("\n"))
	return line
}
