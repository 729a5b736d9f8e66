package markup

import (
	"regexp"
	"sync"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark/ast"
)

// Headings of a note: those of the sections that come after it, and one below.
const (
	noteHeading    = 2
	noteSubheading = 3
)

// Note returns CommonMark that a person writes on top of a mail as a fragment
// of HTML. It is what HTML returns, but for two things: the headings fit below
// the first one of the mail, with no level left out, and a link may lead to a
// mail address.
func Note(source string) string {
	src := []byte(source)
	doc := parse(src)
	top, last := topLevel(doc), noteHeading-1
	fitWith(doc, func(level int) int {
		last = min(level-top+noteHeading, last+1, noteSubheading)
		return last
	})
	return notePolicy().Sanitize(renderHTML(doc, src))
}

// topLevel is that of the highest heading; people begin with any of them.
func topLevel(doc ast.Node) int {
	top := 6
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if h, ok := n.(*ast.Heading); ok && entering {
			top = min(top, h.Level)
		}
		return ast.WalkContinue, nil
	})
	return top
}

// noteAddress is webAddress, or a mail to one address with no more than a
// subject to it: neither copies nor a text that the reader has not written.
var noteAddress = regexp.MustCompile(`(?i)^(?:https?://[^/?#]|mailto:[^/?#&\s]+@[^/?#&\s]+(?:\?subject=[^&\s]*)?$)`)

var notePolicy = sync.OnceValue(func() *bluemonday.Policy {
	return policyOf(noteAddress, []string{"http", "https", "mailto"}, "h2", "h3")
})
