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

// A text is what a reader sees, with its language where that is not the
// page's.
type text struct {
	Body string
	Lang string
	Dir  string // ltr or rtl, where Lang is set
}

// prose is long text, with its language where that is not the page's.
type prose struct {
	HTML template.HTML
	Lang string
	Dir  string
}

// A voice says things in one language.
type voice struct {
	language  string
	direction string // ltr or rtl
	autonym   string // what the language calls itself
	manifest  *schema.Manifest
	labels    words.Language
	zone      *time.Location
	regions   display.Namer // nil where the language has no names of countries
}

func newVoice(m *schema.Manifest, tag string, all words.Languages) *voice {
	zone, err := time.LoadLocation(m.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	return &voice{
		language:  tag,
		direction: words.Direction(tag),
		autonym:   autonym(tag),
		manifest:  m,
		labels:    all.In(tag),
		zone:      zone,
		regions:   display.Regions(language.Make(tag)),
	}
}

// foreign returns a text with its language if that is not the page's.
func (v *voice) foreign(body, tag string) text {
	if tag == "" || tag == v.language || body == "" {
		return text{Body: body}
	}
	return text{body, tag, words.Direction(tag)}
}

// text chooses the page's language, else the default one.
func (v *voice) text(t schema.Text) text {
	return v.foreign(t.In(v.language, v.manifest.DefaultLanguage()))
}

// prose is text for CommonMark.
func (v *voice) prose(t schema.Text) prose {
	source := v.text(t)
	// markup.HTML returns nothing that may not stand in a page.
	return prose{template.HTML(markup.HTML(source.Body)), source.Lang, source.Dir}
}

// say returns a label.
func (v *voice) say(key string) text { return v.foreign(v.labels.Words[key], v.labels.Tag) }

// sayf returns a label with values in it.
func (v *voice) sayf(key string, values ...any) text {
	return v.foreign(fmt.Sprintf(v.labels.Words[key], values...), v.labels.Tag)
}

// code returns the label of one of the format's own terms: code("kind",
// "alliance"). One without a label is shown as it is written.
func (v *voice) code(family, term string) text {
	if word, ok := v.labels.Words[family+"."+term]; ok {
		return v.foreign(word, v.labels.Tag)
	}
	return v.foreign(capital(strings.ReplaceAll(term, "-", " ")), "en")
}

// termLabel returns the label of a vocabulary's term, the term where it has
// none that can be seen.
func (v *voice) termLabel(vocabulary, term string) text {
	if label := v.text(v.manifest.Vocabularies.Terms(vocabulary)[term]); visible(label.Body) {
		return label
	}
	return text{Body: term}
}

// visible reports whether a text has a character that leaves ink.
func visible(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) })
}

// country returns the name of a country, ISO 3166-1 alpha-2.
func (v *voice) country(code string) text {
	region, err := language.ParseRegion(code)
	if err != nil || v.regions == nil {
		return text{Body: code}
	}
	if name := v.regions.Name(region); name != "" {
		return text{Body: name}
	}
	return text{Body: code}
}

// name returns a record's name, with its acronym where the name lacks it; its id
// where it has no name that can be seen.
func (v *voice) name(id string, name schema.Text, acronym string) text {
	t := v.text(name)
	if !visible(t.Body) {
		t = text{Body: id}
	}
	if acronym != "" && !hasWord(t.Body, acronym) {
		t.Body += " (" + acronym + ")"
	}
	return t
}

// hasWord reports whether s has a word, or words, that stand by themselves.
func hasWord(s, word string) bool {
	for _, field := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" ()/,;:", r) }) {
		if strings.EqualFold(field, word) {
			return true
		}
	}
	return strings.EqualFold(s, word)
}

// capital begins with a capital letter.
func capital(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(first)) + s[size:]
}

// autonym is what a language calls itself.
func autonym(tag string) string {
	if name := display.Self.Name(language.Make(tag)); name != "" {
		return capital(name)
	}
	return tag
}
