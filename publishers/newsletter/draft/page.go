package draft

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"

	"netsync/schema/shared"
	"netsync/schema/words"
)

//go:embed templates/*.tmpl
var templateFiles embed.FS

// StyleSheet is the style sheet of the web pages.
//
//go:embed style.css
var StyleSheet []byte

// ParseTemplates parses the templates, which take a Page. html/template escapes all text of
// records and commits.
func ParseTemplates() (*template.Template, error) {
	return template.New("").Funcs(template.FuncMap{"dates": splitDates}).ParseFS(templateFiles, "templates/*.tmpl")
}

// A Page is the data of a template.
type Page struct {
	Draft
	Phrases
	Dir      string
	Start    string        // the side on which lines begin
	NoteHTML template.HTML // may be ""
	Changes  string        // URL of the page of changes
	Why      string
	Links    *Links // nil without links of a subscriber
	More     string // "" if nothing is omitted
}

// FeedTitle returns the name of the digests for pages without other context.
func (v Page) FeedTitle() string { return v.ListName + ": " + v.Digests }

// NewPage returns the data of the templates for a draft.
func NewPage(d Draft) Page {
	v := Page{Draft: d, Phrases: PhrasesIn(d.Language), Dir: words.Direction(d.Language), Changes: changesURL(d.Home)}
	v.Start = startSide(v.Dir)
	v.NoteHTML = mailedNote(d.Note, v.Start)
	v.Why = fmt.Sprintf(v.Phrases.Why, d.ListName)
	if d.More > 0 {
		v.More = fmt.Sprintf(v.MoreItems, d.More)
	}
	return v
}

// Encode encodes a draft as indented JSON.
func Encode(d Draft) ([]byte, error) {
	var b bytes.Buffer
	if err := shared.WriteJSON(&b, d, "  "); err != nil {
		return nil, fmt.Errorf("encode draft: %w", err)
	}
	return b.Bytes(), nil
}

// Links are the links of a subscriber.
type Links struct{ Preferences, Unsubscribe string }
