package newsletter

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"

	"netsync/schema/words"
)

//go:embed templates/*.tmpl
var templateFiles embed.FS

// styleSheet is the style sheet of the web pages.
//
//go:embed style.css
var styleSheet []byte

// parseTemplates parses the templates. html/template escapes all text of
// records and commits.
func parseTemplates() (*template.Template, error) {
	return template.New("").Funcs(template.FuncMap{"dates": splitDates}).ParseFS(templateFiles, "templates/*.tmpl")
}

// A page is the data of a template.
type page struct {
	draft
	phrases
	Dir      string
	Start    string        // the side on which lines begin
	NoteHTML template.HTML // may be ""
	Changes  string        // URL of the page of changes
	Why      string
	Links    *links // nil without links of a subscriber
	More     string // "" if nothing is omitted
}

// FeedTitle returns the name of the digests for pages without other context.
func (v page) FeedTitle() string { return v.ListName + ": " + v.Digests }

func viewOf(d draft) page {
	v := page{draft: d, phrases: phrasesIn(d.Language), Dir: words.Direction(d.Language), Changes: changesURL(d.Home)}
	v.Start = startSide(v.Dir)
	v.NoteHTML = mailedNote(d.Note, v.Start)
	v.Why = fmt.Sprintf(v.phrases.Why, d.ListName)
	if d.More > 0 {
		v.More = fmt.Sprintf(v.MoreItems, d.More)
	}
	return v
}

func encodeDraft(d draft) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(d); err != nil {
		return nil, fmt.Errorf("encode draft: %w", err)
	}
	return b.Bytes(), nil
}

// links are the links of a subscriber.
type links struct{ Preferences, Unsubscribe string }
