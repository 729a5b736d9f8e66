package signup

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"netsync/publishers/newsletter"
	"netsync/schema"
)

// pageLanguages returns the languages of a dataset that have phrases.
func pageLanguages(o newsletter.Offer) []string {
	var all []string
	for _, tag := range o.Languages {
		if hasPhrases(tag) {
			all = append(all, tag)
		}
	}
	if len(all) == 0 {
		return []string{"en"}
	}
	return all
}

// chooseLanguage returns the language of a page: the requested one, the
// reader's own, or the one their browser prefers (RFC 9110 §12.5.4).
func chooseLanguage(r *http.Request, all []string, own string) string {
	if asked := r.URL.Query().Get("lang"); slices.Contains(all, asked) {
		return asked
	}
	if slices.Contains(all, own) {
		return own
	}
	wanted, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err != nil || len(wanted) == 0 {
		return all[0]
	}
	tags := make([]language.Tag, len(all))
	for i, tag := range all {
		tags[i] = language.Make(tag)
	}
	_, i, _ := language.NewMatcher(tags).Match(wanted...)
	return all[i]
}

// nameOf returns the name of a language in that language.
func nameOf(tag string) string {
	return cmp.Or(display.Self.Name(language.Make(tag)), tag)
}

// A text is a short text, with its language if not the page's.
type text struct{ Body, Lang string }

// translateText returns a text in the page's language or, if missing, the
// dataset's.
func (f frame) translateText(t schema.Text) text {
	body, tag := t.In(append([]string{f.Lang}, f.offer.Languages...)...)
	body = strings.Join(strings.Fields(body), " ")
	if tag == f.Lang {
		tag = ""
	}
	return text{body, tag}
}
