package format

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// formatEntry returns the lines of an entry at a place. before are the lines before it.
func (f *formatter) formatEntry(e *entry, at place, before []line) []line {
	head := makeSpaces(at.column) + "-"
	used := at.column + indentation
	var between []line // between the key and the value
	if e.key != nil {
		head = makeSpaces(at.column) + f.keyText(e.key) + ":"
		used = utf8.RuneCountInString(head) + 1
		_, _, comments := f.readScalar(e.key, 0)
		between = append(comments, f.readTo(e.value.Start)...)
	}
	if f.needsBlock(e, used) {
		return f.formatBelow(e, at, head, before, between)
	}
	return f.formatBeside(e, at, head, before, onlyComments(between))
}

// needsBlock reports whether a value does not fit on a line of which used characters
// are taken.
func (f *formatter) needsBlock(e *entry, used int) bool {
	n := e.value
	if len(n.Children) == 0 {
		return false
	}
	return !n.Flow || len(f.commentsAround(n, n.Start, n.End)) > 0 ||
		used+utf8.RuneCountInString(f.inlineText(n, e.shape)) > maxWidth
}

// formatBeside writes a value beside its key or hyphen. Of the comments between the
// two, the first goes to the end of the line if it is beside the key and there is no
// other there, the rest above.
func (f *formatter) formatBeside(e *entry, at place, head string, before, between []line) []line {
	var text, body string
	var after []line
	if e.value.IsCollection() {
		text = f.inlineText(e.value, e.shape)
		if len(e.value.Children) == 0 {
			before = append(before, onlyComments(f.readTo(e.value.End))...)
		}
		f.pos = e.value.End
	} else {
		text, body, after = f.readScalar(e.value, at.column+indentation)
	}
	comment, _ := splitBeside(append(after, f.readBeside(at.limit)))
	if comment.isEmpty() {
		comment, between = splitBeside(between)
	}
	if text != "" {
		head += " " + text
	}
	comment.text = head
	out := append(indentLines(append(before, between...), at.column), comment)
	if body != "" {
		out = append(out, line{text: body})
	}
	return out
}

// formatBelow writes a value as a block. A comment beside the key stays there, those
// after it go below, and one beside the end of a flow collection goes above.
func (f *formatter) formatBelow(e *entry, at place, head string, before, between []line) []line {
	comment, between := splitBeside(between)
	below := at
	below.column += indentation
	lines := f.formatBlock(e.value, e.shape, below, between)
	if e.value.Flow {
		if last := f.readBeside(at.limit); e.key != nil && comment.isEmpty() {
			comment = last
		} else if !last.isEmpty() {
			before = append(before, last)
		}
	}
	out := indentLines(before, at.column)
	if e.key != nil {
		comment.text = head
		return append(append(out, comment), trimStart(lines)...)
	}
	first := slices.IndexFunc(lines, line.isContent)
	for _, l := range trimEmpty(lines[:first]) { // comments go above the hyphen
		l.text = strings.TrimPrefix(l.text, makeSpaces(indentation))
		out = append(out, l)
	}
	lines[first].text = head + " " + lines[first].text[below.column:]
	return append(out, lines[first:]...)
}
