package story

import (
	"strings"
	"unicode/utf8"
)

// Shorten puts a text on one line and cuts it to at most limit characters, if
// possible at the end of a word. A cut is marked by "…".
func Shorten(s string, limit int) string {
	line := oneLine(s, limit*utf8.UTFMax)
	if utf8.RuneCountInString(line) <= limit {
		return line
	}
	cut := line[:0]
	for at := range line {
		if limit--; limit <= 0 {
			cut = line[:at]
			break
		}
	}
	if space := strings.LastIndexByte(cut, ' '); space > len(cut)*3/4 {
		cut = cut[:space]
	}
	return strings.TrimRight(cut, " ,;:") + "…"
}

// oneLine returns a text on one line, or its first words until they exceed a
// number of bytes.
func oneLine(s string, bytes int) string {
	var b strings.Builder
	b.Grow(min(len(s), max(bytes, 0)))
	for word := range strings.FieldsSeq(s) {
		if b.Len() > bytes {
			break
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(word)
	}
	return b.String()
}
