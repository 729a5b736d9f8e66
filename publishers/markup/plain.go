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
	last, ok := plainRun(s, ' ')
	return ok && last != ' ' && !beginsBlock(s)
}

// beginsBlock says of a line that it may begin a list, or underline a heading.
func beginsBlock(s string) bool { return s != "" && (s[0] == '-' || '0' <= s[0] && s[0] <= '9') }

// plainRun says of a part of a line, and what is before it, that no character
// means anything to CommonMark, and gives the last one.
func plainRun(s string, last rune) (rune, bool) {
	for _, r := range s {
		switch {
		case r == ' ':
			if last == ' ' {
				return last, false
			}
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z':
		case r < unicode.MaxASCII:
			if !strings.ContainsRune(`0123456789,.;:?!()/%-'"`, r) {
				return last, false
			}
		case !unicode.IsLetter(r):
			return last, false
		}
		last = r
	}
	return last, true
}
