package schema

import (
	"regexp"
	"strings"
)

// matcher returns what decides whether a string matches a pattern anywhere in
// it, as Go's regular expressions read the pattern: the library does so, too.
func matcher(pattern string) func(string) bool {
	if matches := matcherByHand(pattern); matches != nil {
		return matches
	}
	return regexp.MustCompile(pattern).MatchString
}

// matcherByHand knows the patterns that nearly every record meets, which are
// matched many times faster by hand. It goes by a pattern's text, so that a
// pattern that somebody changes falls back to its regular expression until
// its matcher has followed. The tests hold each against its pattern.
func matcherByHand(pattern string) func(string) bool {
	switch pattern {
	case `\S`:
		return hasInk
	case `^x-`:
		return func(s string) bool { return strings.HasPrefix(s, "x-") }
	case `^https?://`:
		return isWebAddress
	case `^[a-z0-9]+(-[a-z0-9]+)*$`:
		return isID
	case `^[A-Z]{2}$`:
		return func(s string) bool { return len(s) == 2 && each(s, isUpper) }
	case `^https://ror\.org/0[a-hjkmnp-tv-z0-9]{6}[0-9]{2}$`:
		return isROR
	case `^Q[1-9][0-9]*$`:
		return func(s string) bool { return len(s) > 1 && s[0] == 'Q' && s[1] != '0' && each(s[1:], isDigit) }
	case languagePattern:
		return isLanguage
	case edtfFormPattern:
		return isEDTF
	}
	return nil
}

// hasInk reports whether anything but white space is in s. White space is
// what Go's \s is: five characters of ASCII and nothing else.
func hasInk(s string) bool {
	for i := range len(s) {
		switch s[i] {
		case ' ', '\t', '\n', '\f', '\r':
		default:
			return true
		}
	}
	return false
}

func isWebAddress(s string) bool {
	return strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://")
}

// isID reports whether s is made of lower-case letters and digits in groups
// with one hyphen between two groups.
func isID(s string) bool {
	hyphen := true // before the first group, where another may not follow
	for i := range len(s) {
		switch c := s[i]; {
		case isLowerOrDigit(c):
			hyphen = false
		case c == '-' && !hyphen:
			hyphen = true
		default:
			return false
		}
	}
	return !hyphen
}

// isROR reports whether s is an address of the Research Organization Registry:
// 0, six characters without i, l, o and u, and two digits.
func isROR(s string) bool {
	id, ok := strings.CutPrefix(s, "https://ror.org/0")
	return ok && len(id) == 8 && each(id[:6], isLowerOrDigit) && !strings.ContainsAny(id, "ilou") && each(id[6:], isDigit)
}

func isDigit(c byte) bool        { return c >= '0' && c <= '9' }
func isLower(c byte) bool        { return c >= 'a' && c <= 'z' }
func isUpper(c byte) bool        { return c >= 'A' && c <= 'Z' }
func isLowerOrDigit(c byte) bool { return isLower(c) || isDigit(c) }

// each reports whether every byte of s is of a class.
func each(s string, class func(byte) bool) bool {
	for i := range len(s) {
		if !class(s[i]) {
			return false
		}
	}
	return true
}
