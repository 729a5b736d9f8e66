package markup

import (
	"strings"
	"unicode"
)

// plain is a text that need not be parsed, without the end of its line.
func plain(source string) (text string, ok bool) {
	text = strings.TrimRight(source, " \n")
	return text, isPlain(text)
}

// isPlain says of a text that it surely is one paragraph of one line, in which
// no character means anything to CommonMark: most summaries are such, and need
// not be parsed. Of other texts it says no, whatever they are.
func isPlain(s string) bool {
	last := ' '
	for n, r := range s {
		switch {
		case r == ' ':
			if last == ' ' {
				return false
			}
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z':
		case n == 0 && (r == '-' || '0' <= r && r <= '9'): // a list, perhaps
			return false
		case r < unicode.MaxASCII:
			if !strings.ContainsRune(`0123456789,.;:?!()/%-'"`, r) {
				return false
			}
		case !unicode.IsLetter(r):
			return false
		}
		last = r
	}
	return last != ' '
}
