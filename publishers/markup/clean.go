package markup

import "strings"

// isClean says of a fragment of HTML that the policy surely leaves it as it
// is: all that it has is text in which nothing needs escaping, the tags that
// are in allowed, and links to simple addresses. Of other fragments it says
// no, whatever they are.
func isClean(fragment string) bool {
	for {
		at := strings.IndexByte(fragment, '<')
		if at < 0 {
			return isInk(fragment)
		}
		if !isInk(fragment[:at]) {
			return false
		}
		tag, rest, closed := strings.Cut(fragment[at+1:], ">")
		if !closed || !allowed[tag] && !isSimpleLink(tag) {
			return false
		}
		fragment = rest
	}
}

// allowed are tags that the policy leaves as they are.
var allowed = map[string]bool{
	"p": true, "/p": true, "strong": true, "/strong": true, "em": true, "/em": true,
	"ul": true, "/ul": true, "ol": true, "/ol": true, "li": true, "/li": true,
	"h3": true, "/h3": true, "h4": true, "/h4": true, "/a": true,
	"blockquote": true, "/blockquote": true,
}

// isInk says of text that none of it is escaped, or changed by a reader of
// HTML.
func isInk(s string) bool {
	for n := range len(s) {
		if !ink[s[n]] {
			return false
		}
	}
	return true
}

var ink = func() (all [256]bool) {
	for c := range all {
		all[c] = c == '\n' || c >= ' ' && !strings.ContainsRune(`<>&"'`, rune(c))
	}
	return all
}()

// isSimpleLink says of the inside of a tag that it is a link to a page of the
// web whose address has one spelling.
func isSimpleLink(tag string) bool {
	address, ok := strings.CutPrefix(tag, `a href="https://`)
	if !ok {
		return false
	}
	address, ok = strings.CutSuffix(address, `"`)
	host, path, _ := strings.Cut(address, "/")
	return ok && host != "" &&
		strings.Trim(host, "abcdefghijklmnopqrstuvwxyz0123456789-.") == "" &&
		strings.Trim(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/") == ""
}
