package format

import (
	"slices"
	"strings"
	"unicode/utf8"

	"netsync/worker/yaml"
)

// A line is a line of the result, or a comment or empty line of the file.
type line struct {
	text    string // of the result
	comment string // with its #; "" if there is none
	// Fields of a comment in the file.
	column      int  // from 0, in characters
	end         int  // offset
	beside      bool // on the line of the preceding value
	afterHyphen bool // after the hyphen of the item that follows
}

func (l line) isEmpty() bool { return l.text == "" && l.comment == "" }

// isContent reports whether a line of the result begins a key or item.
func (l line) isContent() bool {
	text := strings.TrimLeft(l.text, " ")
	return text != "" && text[0] != '#'
}

// scanComments returns the comments and empty lines between two offsets without values. It
// skips spaces and indicators, which are written again.
func (f *formatter) scanComments(from, to int) []line {
	if from >= to {
		return nil
	}
	beside := from > 0 && f.lines[from-1] != '\n'
	var lines []line
	afterHyphen := false
	for row := range strings.SplitAfterSeq(f.lines[from:to], "\n") {
		indicators, _, found := strings.Cut(row, "#")
		afterHyphen = afterHyphen || strings.ContainsAny(indicators, "-?")
		switch {
		case found:
			// The library may place an empty value in a comment: that goes on to its end.
			start := from + len(indicators)
			end := start + len(strings.TrimRight(f.lines[start:f.lineEnd(start)], " \t"))
			lines = append(lines, line{
				comment: f.text[start:end], column: f.columnAt(start), end: end, beside: beside, afterHyphen: afterHyphen,
			})
		case strings.HasSuffix(row, "\n") && !beside && strings.Trim(row, " \t\n") == "":
			lines = append(lines, line{afterHyphen: afterHyphen})
		}
		from += len(row)
		beside = false
	}
	return lines
}

// columnAt returns the number of characters before an offset on its line.
func (f *formatter) columnAt(offset int) int {
	start := strings.LastIndexByte(f.lines[:offset], '\n') + 1
	return utf8.RuneCountInString(f.lines[start:offset])
}

// lineEnd returns the end of the line of an offset, before its break.
func (f *formatter) lineEnd(offset int) int {
	if n := strings.IndexByte(f.lines[offset:], '\n'); n >= 0 {
		return offset + n
	}
	return len(f.lines)
}

// readTo advances to an offset and returns the lines before it.
func (f *formatter) readTo(offset int) []line {
	lines := f.scanComments(f.pos, offset)
	f.pos = max(f.pos, offset, lastEnd(lines))
	return lines
}

// lastEnd returns the offset after the last of comments, 0 if there are none.
func lastEnd(lines []line) int {
	end := 0
	for _, l := range lines {
		end = max(end, l.end)
	}
	return end
}

// readBeside returns the comment on the line of the value that was read, if there
// is one before an offset.
func (f *formatter) readBeside(limit int) line {
	beside, _ := splitBeside(f.scanComments(f.pos, limit))
	f.pos = max(f.pos, beside.end)
	return beside
}

// readTrailing returns the comments that belong to a block that has ended: those up
// to an offset that are indented further than column outer, that of the surrounding
// block.
func (f *formatter) readTrailing(outer, limit int) []line {
	lines := f.scanComments(f.pos, limit)
	inside := 0
	for i, l := range lines {
		if l.isEmpty() {
			continue
		}
		if l.afterHyphen || l.column <= outer {
			break
		}
		inside, f.pos = i+1, l.end
	}
	return lines[:inside]
}

// commentsAround returns the comments between two offsets that are around and in a
// value.
func (f *formatter) commentsAround(n *yaml.Node, from, to int) []line {
	var all []line
	add := func(to int) {
		lines := f.scanComments(from, to)
		all, from = append(all, lines...), max(to, lastEnd(lines))
	}
	for n := range n.All() {
		if n.IsCollection() {
			continue
		}
		add(n.Start)
		if f.isBlockText(n) { // a comment may be beside its header
			add(f.lineEnd(n.Start))
		}
		from = max(from, n.End)
	}
	add(to)
	return onlyComments(all)
}

// splitBeside splits off the comment on the line of the preceding value.
func splitBeside(lines []line) (beside line, rest []line) {
	if len(lines) > 0 && lines[0].beside {
		return lines[0], lines[1:]
	}
	return line{}, lines
}

// splitFoot splits the lines between two entries. Lines that directly follow the
// first entry, and are followed by an empty line, belong to it.
func splitFoot(lines []line) (foot, before []line) {
	i := slices.IndexFunc(lines, func(l line) bool { return l.isEmpty() || l.afterHyphen })
	if i < 0 || lines[i].afterHyphen {
		i = 0
	}
	return lines[:i], lines[i:]
}

// splitLead splits the lines before a block's first entry. Lines up to an empty
// line belong to the block, the rest to the entry.
func splitLead(lines []line) (header, before []line) {
	for i, l := range slices.Backward(lines) {
		if l.isEmpty() {
			return trimEmpty(lines[:i]), lines[i+1:]
		}
	}
	return nil, lines
}

// onlyComments returns the lines without empty ones.
func onlyComments(lines []line) []line { return slices.DeleteFunc(lines, line.isEmpty) }

// trimStart removes empty lines at the start.
func trimStart(lines []line) []line {
	for len(lines) > 0 && lines[0].isEmpty() {
		lines = lines[1:]
	}
	return lines
}

// trimEmpty removes empty lines at both ends.
func trimEmpty(lines []line) []line {
	for len(lines) > 0 && lines[len(lines)-1].isEmpty() {
		lines = lines[:len(lines)-1]
	}
	return trimStart(lines)
}

// indentLines returns comments and empty lines as lines of the result at a column.
func indentLines(lines []line, column int) []line {
	var out []line
	for _, l := range lines {
		if !l.isEmpty() {
			l = line{text: makeSpaces(column) + l.comment}
		}
		out = append(out, l)
	}
	return out
}

// joinLines returns the text of lines. It leaves out empty lines at both ends and
// after others.
func joinLines(lines []line) string {
	var out []byte
	for _, l := range trimEmpty(lines) {
		if l.isEmpty() && strings.HasSuffix(string(out[max(0, len(out)-2):]), "\n\n") {
			continue
		}
		out = append(out, l.text...)
		if l.comment != "" { // it keeps its column if possible
			last := l.text[strings.LastIndexByte(l.text, '\n')+1:]
			out = append(out, makeSpaces(max(1, l.column-utf8.RuneCountInString(last)))...)
			out = append(out, l.comment...)
		}
		out = append(out, '\n')
	}
	return string(out)
}

func makeSpaces(n int) string { return strings.Repeat(" ", n) }
