package website

import (
	"fmt"
	"html/template"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"netsync/publishers/markup"
	"netsync/schema"
	"netsync/schema/words"
)

// A text is shown to readers. Lang is set if it is not the page's language.
type text struct {
	Body string
	Lang string
	Dir  string // ltr or rtl
}

// A prose is a long text. Lang is set if it is not the page's language.
type prose struct {
	HTML template.HTML
	Lang string
	Dir  string
}

// A locale formats texts, labels, dates and numbers in one language.
type locale struct {
	language   string
	direction  string // ltr or rtl
	nativeName string // the language's name in itself
	manifest   *schema.Manifest
	labels     words.Language
	zone       *time.Location
	regions    display.Namer // nil if country names are unavailable in the language
}

func newLocale(m *schema.Manifest, tag string, all words.Languages) *locale {
	zone, err := time.LoadLocation(m.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	return &locale{
		language:   tag,
		direction:  words.Direction(tag),
		nativeName: languageName(tag),
		manifest:   m,
		labels:     all.In(tag),
		zone:       zone,
		regions:    display.Regions(language.Make(tag)),
	}
}

// withLanguage returns a text, with its language if that is not the page's.
func (l *locale) withLanguage(body, tag string) text {
	if tag == "" || tag == l.language || body == "" {
		return text{Body: body}
	}
	return text{body, tag, words.Direction(tag)}
}

// localText returns t in the page's language, or else in the default language.
func (l *locale) localText(t schema.Text) text {
	return l.withLanguage(t.In(l.language, l.manifest.DefaultLanguage()))
}

// localProse renders CommonMark in the page's language, or else in the default
// language.
func (l *locale) localProse(t schema.Text) prose {
	source := l.localText(t)
	// markup.HTML returns only safe HTML.
	return prose{template.HTML(markup.HTML(source.Body)), source.Lang, source.Dir}
}

// labelText returns the label with a key.
func (l *locale) labelText(key string) text { return l.withLanguage(l.labels.Words[key], l.labels.Tag) }

// formatLabel formats the label with a key, as fmt.Sprintf does.
func (l *locale) formatLabel(key string, values ...any) text {
	return l.withLanguage(fmt.Sprintf(l.labels.Words[key], values...), l.labels.Tag)
}

// codeLabel returns the label of a term that the format defines:
// codeLabel("kind", "alliance"). A term without a label is shown as it is
// written.
func (l *locale) codeLabel(family, term string) text {
	if word, ok := l.labels.Words[family+"."+term]; ok {
		return l.withLanguage(word, l.labels.Tag)
	}
	return l.withLanguage(capitalizeFirst(strings.ReplaceAll(term, "-", " ")), "en")
}

// termLabel returns the label of a vocabulary's term, or the term itself if
// the label is blank.
func (l *locale) termLabel(vocabulary, term string) text {
	if label := l.localText(l.manifest.Vocabularies.Terms(vocabulary)[term]); isVisible(label.Body) {
		return label
	}
	return text{Body: term}
}

// isVisible reports whether s has a visible character.
func isVisible(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) })
}

// countryName returns the name of a country given as ISO 3166-1 alpha-2.
func (l *locale) countryName(code string) text {
	region, err := language.ParseRegion(code)
	if err != nil || l.regions == nil {
		return text{Body: code}
	}
	if name := l.regions.Name(region); name != "" {
		return text{Body: name}
	}
	return text{Body: code}
}

// recordName returns a record's name, or its id if the name is blank. The
// acronym follows in brackets unless the name contains it.
func (l *locale) recordName(id string, name schema.Text, acronym string) text {
	t := l.localText(name)
	if !isVisible(t.Body) {
		t = text{Body: id}
	}
	if acronym != "" && !hasWord(t.Body, acronym) {
		t.Body += " (" + acronym + ")"
	}
	return t
}

// hasWord reports whether word is s or a whole word of s.
func hasWord(s, word string) bool {
	for _, field := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" ()/,;:", r) }) {
		if strings.EqualFold(field, word) {
			return true
		}
	}
	return strings.EqualFold(s, word)
}

// capitalizeFirst returns s with its first letter in upper case.
func capitalizeFirst(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(first)) + s[size:]
}

// languageName returns a language's name in itself.
func languageName(tag string) string {
	if name := display.Self.Name(language.Make(tag)); name != "" {
		return capitalizeFirst(name)
	}
	return tag
}
