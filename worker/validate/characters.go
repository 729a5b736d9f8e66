package validate

import (
	"unicode"

	"netsync/schema"
)

func (c *check) checkCharacters(text string, at *schema.Path) {
	if plainText(text) {
		return
	}
	for _, r := range text {
		if isForbidden(r) {
			pointer := at.String()
			c.add(controlChar, c.d.LocateWithin(pointer, string(r)), pointer, "", "the text holds the character U+%04X", r)
			return
		}
	}
}

// plainText reports whether a text has only allowed ASCII characters, as most have.
func plainText(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' && c != '\n' && c != '\t' || c >= 0x7f {
			return false
		}
	}
	return true
}

// isForbidden reports whether a character is a control other than line feed and tab, overrides
// or isolates the writing direction (Unicode TR 36 §3.2), or is a line break for some programs
// only.
func isForbidden(r rune) bool {
	switch {
	case r < 0x7f:
		return r < ' ' && r != '\n' && r != '\t'
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x2028, r == 0x2029:
		return true
	}
	return unicode.IsControl(r)
}
