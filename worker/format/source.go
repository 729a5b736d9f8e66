package format

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// breakAt returns the length of the line break at an offset, 0 where there is
// none. The library takes the breaks of YAML 1.1 for such, too: U+0085, U+2028
// and U+2029.
func breakAt(s string, i int) int {
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

// rareBreaks reports whether a text has line breaks other than line feeds.
func rareBreaks(s string) bool { return strings.ContainsAny(s, "\u0085\u2028\u2029") }

// A source is the text of a file with the places where its lines begin.
type source struct {
	s     string
	lines []int
	// found is the place that was found last. Those that are asked for come
	// one behind the other, and many may lie on one long line.
	found struct{ line, column, offset int }
}

func newSource(s string) *source {
	src := &source{s: s, lines: []int{0}}
	for i := 0; i < len(s); i++ {
		if n := breakAt(s, i); n > 0 {
			src.lines = append(src.lines, i+n)
		}
	}
	return src
}

// offset finds the byte at a line and a column, both from 1; columns count
// characters.
func (src *source) offset(line, column int) int {
	if line < 1 || line > len(src.lines) {
		return len(src.s)
	}
	at := &src.found
	if at.line != line || at.column > column {
		at.line, at.column, at.offset = line, 1, src.lines[line-1]
	}
	for ; at.column < column && at.offset < len(src.s); at.column++ {
		_, n := utf8.DecodeRuneInString(src.s[at.offset:])
		at.offset += n
	}
	return at.offset
}

// lineStart returns where the line that an offset lies on begins.
func (src *source) lineStart(offset int) int {
	i, found := slices.BinarySearch(src.lines, offset)
	if !found {
		i--
	}
	return src.lines[i]
}

// column tells how many characters stand before an offset on its line.
func (src *source) column(offset int) int {
	return utf8.RuneCountInString(src.s[src.lineStart(offset):offset])
}

// lineEnd returns where the line that an offset lies on ends, before its break.
func (src *source) lineEnd(offset int) int {
	for offset < len(src.s) && breakAt(src.s, offset) == 0 {
		offset++
	}
	return offset
}

// lineAt returns the line that begins at an offset, without its break, and
// where the next one begins.
func (src *source) lineAt(offset int) (text string, next int) {
	end := src.lineEnd(offset)
	if next = end; next < len(src.s) {
		next += breakAt(src.s, next)
	}
	return src.s[offset:end], next
}
