package format

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// breakLength returns the length of the line break at an offset, or 0 if there
// is none. Like the library, it accepts the line breaks of YAML 1.1: U+0085,
// U+2028 and U+2029.
func breakLength(s string, i int) int {
	switch {
	case s[i] == '\n':
		return 1
	case strings.HasPrefix(s[i:], "\u0085"):
		return 2
	case strings.HasPrefix(s[i:], "\u2028"), strings.HasPrefix(s[i:], "\u2029"):
		return 3
	}
	return 0
}

// hasRareBreaks reports whether a text has line breaks other than line feeds.
func hasRareBreaks(s string) bool { return strings.ContainsAny(s, "\u0085\u2028\u2029") }

// A source is the text of a file with the offsets of its lines.
type source struct {
	s     string
	lines []int
	// lastFound caches the last position. Lookups come in order, and many may
	// be on one long line.
	lastFound struct{ line, column, offset int }
}

func newSource(s string) *source {
	src := &source{s: s, lines: []int{0}}
	for i := 0; i < len(s); i++ {
		if n := breakLength(s, i); n > 0 {
			src.lines = append(src.lines, i+n)
		}
	}
	return src
}

// offsetAt returns the offset of a line and a column, both from 1; columns
// count characters.
func (src *source) offsetAt(line, column int) int {
	if line < 1 || line > len(src.lines) {
		return len(src.s)
	}
	at := &src.lastFound
	if at.line != line || at.column > column {
		at.line, at.column, at.offset = line, 1, src.lines[line-1]
	}
	for ; at.column < column && at.offset < len(src.s); at.column++ {
		_, n := utf8.DecodeRuneInString(src.s[at.offset:])
		at.offset += n
	}
	return at.offset
}

// lineStart returns the start of the line of an offset.
func (src *source) lineStart(offset int) int {
	i, found := slices.BinarySearch(src.lines, offset)
	if !found {
		i--
	}
	return src.lines[i]
}

// columnAt returns the number of characters before an offset on its line.
func (src *source) columnAt(offset int) int {
	return utf8.RuneCountInString(src.s[src.lineStart(offset):offset])
}

// lineEnd returns the end of the line of an offset, before its break.
func (src *source) lineEnd(offset int) int {
	for offset < len(src.s) && breakLength(src.s, offset) == 0 {
		offset++
	}
	return offset
}

// lineAt returns the line that begins at an offset, without its break, and the
// start of the next.
func (src *source) lineAt(offset int) (text string, next int) {
	end := src.lineEnd(offset)
	if next = end; next < len(src.s) {
		next += breakLength(src.s, next)
	}
	return src.s[offset:end], next
}
