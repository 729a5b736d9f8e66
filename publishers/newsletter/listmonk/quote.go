package listmonk

import (
	"strconv"
	"strings"
)

// Expressions of listmonk's templates that a message may have in it.
const (
	// UnsubscribeURL is the address at which a subscriber leaves.
	UnsubscribeURL = `{{ UnsubscribeURL }}`
	// ManageURL is the address at which a subscriber chooses lists. Older
	// listmonks have no expression for it, and take it for that of leaving.
	ManageURL = `{{ UnsubscribeURL }}?manage=true`
)

// Quote makes a template of a text or of HTML that says it to the byte, whatever
// is in it: one expression with a string. A text that is put as it is would be
// run where it has {{ in it. HTML would also lose its comments, and a text that
// looks like unfinished HTML could not be rendered at all, since listmonk takes
// both for templates of HTML. Before it compiles a template, listmonk replaces
// some patterns (https://…@TrackLink, <img data-embed>), which the string has none
// of: braces, @ and < are escaped in it.
//
// The names of expressions that are given pairwise behind what stands for them
// are put in its place.
func Quote(text string, expressions ...string) string {
	var b strings.Builder
	for text != "" {
		at, stands, expression := len(text), "", ""
		for i := 0; i+1 < len(expressions); i += 2 {
			if j := strings.Index(text, expressions[i]); j >= 0 && j < at {
				at, stands, expression = j, expressions[i], expressions[i+1]
			}
		}
		if at > 0 {
			b.WriteString("{{ Safe " + literal(text[:at]) + " }}")
		}
		b.WriteString(expression)
		text = text[at+len(stands):]
	}
	return b.String()
}

// QuoteSubject makes a template of a subject. One without {{ is none for
// listmonk, and stays as it is, so that people can read it there. The others it
// takes for templates of text, or of HTML before its version 4: Quote serves both.
func QuoteSubject(subject string) string {
	if !strings.Contains(subject, "{{") {
		return subject
	}
	return Quote(subject)
}

// literal is a string in a template, which reads it as Go does. What is no valid
// UTF-8 cannot be put in JSON.
func literal(text string) string {
	return strings.NewReplacer("{", `\u007b`, "}", `\u007d`, "@", `\u0040`, "<", `\u003c`).Replace(strconv.Quote(strings.ToValidUTF8(text, "\uFFFD")))
}
