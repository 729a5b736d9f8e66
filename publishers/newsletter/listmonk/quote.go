package listmonk

import (
	"strconv"
	"strings"
)

// Template expressions that a message may contain.
const (
	// UnsubscribeURL is the URL at which a subscriber unsubscribes.
	UnsubscribeURL = `{{ UnsubscribeURL }}`
	// ManageURL is the URL at which a subscriber chooses lists. Older versions
	// treat it as UnsubscribeURL.
	ManageURL = `{{ UnsubscribeURL }}?manage=true`
)

// Quote returns a template that renders text unchanged, as an expression with a
// string. Without it, listmonk would evaluate {{, drop HTML comments, and fail
// on incomplete HTML. The string has none of the patterns that listmonk
// replaces before it compiles a template (https://…@TrackLink, <img
// data-embed>): braces, @ and < are escaped.
//
// expressions are pairs of a text and the expression that replaces it.
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
			b.WriteString("{{ Safe " + quoteLiteral(text[:at]) + " }}")
		}
		b.WriteString(expression)
		text = text[at+len(stands):]
	}
	return b.String()
}

// QuoteSubject returns a template of a subject. Without {{ a subject is not a
// template, and stays readable in listmonk. Others are text templates or,
// before version 4, HTML templates: Quote works for both.
func QuoteSubject(subject string) string {
	if !strings.Contains(subject, "{{") {
		return subject
	}
	return Quote(subject)
}

// quoteLiteral returns a string literal for a template, which has the syntax of
// Go. It replaces invalid UTF-8, which JSON cannot hold.
func quoteLiteral(text string) string {
	return strings.NewReplacer("{", `\u007b`, "}", `\u007d`, "@", `\u0040`, "<", `\u003c`).Replace(strconv.Quote(strings.ToValidUTF8(text, "\uFFFD")))
}
