package newsletter

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"

	"netsync/publishers"
)

//go:embed templates/*.tmpl
var templateFiles embed.FS

// parseTemplates reads the templates. html/template is what escapes: nothing
// from a record or a commit reaches a reader as markup.
func parseTemplates() (*template.Template, error) {
	return template.New("").ParseFS(templateFiles, "templates/*.tmpl")
}

// A file is one file of a release.
type file struct {
	name string
	data []byte
}

// A page is what a template shows.
type page struct {
	draft
	words
	Dir      string
	NoteHTML template.HTML // "" where there is no note
	Changes  string        // address of the page of changes
	Why      string
	Links    *links // nil for those who have none
	More     string // "" where nothing is left out
	Sent     []past // newest first
}

// past is a digest that was sent.
type past struct{ Subject, Day, ISO string }

// render makes all files of a release. It depends on nothing but the
// settings, the state, what is pending, and the ledger.
func (n *Newsletter) render(e publishers.Edition, p pending, b books) ([]file, error) {
	d := newTeller(e, n.BaseURL, e.Manifest.DefaultLanguage()).draft(p, b.note)
	messages, err := n.compose(d)
	if err != nil {
		return nil, err
	}
	index, err := n.execute("index.html.tmpl", viewOf(d, b.history))
	if err != nil {
		return nil, err
	}
	asJSON, err := encodeDraft(d)
	if err != nil {
		return nil, err
	}
	source, err := p.encode()
	if err != nil {
		return nil, err
	}
	position, err := publishers.EncodePosition(e.Position)
	if err != nil {
		return nil, err
	}
	return []file{
		{htmlFile, []byte(messages.HTML)}, {textFile, []byte(messages.Text)}, {jsonFile, asJSON}, {indexFile, index},
		{pendingFile, source}, {publishers.PositionFile, position},
	}, nil
}

// compose makes the messages of a draft. They depend on nothing else.
func (n *Newsletter) compose(d draft) (content, error) { return n.composeFor(d, nil) }

// composeFor makes the messages to somebody who has links of their own.
func (n *Newsletter) composeFor(d draft, links *links) (content, error) {
	v := viewOf(d, nil)
	if links != nil {
		v.Links, v.Why = links, fmt.Sprintf(v.WhyLinks, d.ListName)
	}
	html, err := n.execute("mail.html.tmpl", v)
	return content{Language: d.Language, ListName: d.ListName, HTML: string(html), Text: v.text(), Draft: d}, err
}

func viewOf(d draft, h history) page {
	v := page{draft: d, words: wordsIn(d.Language), Dir: direction(d.Language), NoteHTML: mailedNote(d.Note), Changes: changesPage(d.Home)}
	v.Why = fmt.Sprintf(v.words.Why, d.ListName)
	if d.More > 0 {
		v.More = fmt.Sprintf(v.MoreItems, d.More)
	}
	for _, s := range h {
		if !s.Completed.IsZero() {
			v.Sent = append([]past{{line(s.Subject), v.day(s.Created), s.Created.UTC().Format("2006-01-02")}}, v.Sent...)
		}
	}
	return v
}

func (n *Newsletter) execute(name string, v page) ([]byte, error) {
	var b bytes.Buffer
	if err := n.templates.ExecuteTemplate(&b, name, v); err != nil {
		return nil, fmt.Errorf("write %s: %w", name, err)
	}
	return b.Bytes(), nil
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
