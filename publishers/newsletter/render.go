package newsletter

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"

	"netsync/publishers"
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

// A file is one file of a release.
type file struct {
	name string
	data []byte
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

// render renders the public files except the archive. They depend on the
// settings, the state and the ledger only.
func (n *Newsletter) render(e publishers.Edition, d draft, all []sentDigest) ([]file, error) {
	index, err := n.executeTemplate("index.html.tmpl", frontPageOf(d, all))
	if err != nil {
		return nil, err
	}
	position, err := publishers.EncodePosition(e.Position)
	if err != nil {
		return nil, err
	}
	return []file{{indexFile, index}, {styleFile, styleSheet}, {publishers.PositionFile, position}}, nil
}

// renderDraft renders the files of the draft. They depend on the settings, the
// state, the pending changes and the ledger only.
func (n *Newsletter) renderDraft(p pending, d draft) ([]file, error) {
	messages, err := n.composeMessages(d)
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
	return []file{
		{htmlFile, []byte(messages.HTML)}, {textFile, []byte(messages.Text)}, {jsonFile, asJSON}, {pendingFile, source},
	}, nil
}

// composeMessages returns the messages of a draft. They depend on the draft
// only.
func (n *Newsletter) composeMessages(d draft) (content, error) { return n.composeFor(d, nil) }

// composeFor returns the messages to a recipient with links.
func (n *Newsletter) composeFor(d draft, links *links) (content, error) {
	v := viewOf(d)
	if links != nil {
		v.Links, v.Why = links, fmt.Sprintf(v.WhyLinks, d.ListName)
	}
	html, err := n.executeTemplate("mail.html.tmpl", v)
	return content{Language: d.Language, ListName: d.ListName, HTML: string(html), Text: v.plainText(), Draft: d}, err
}

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

func (n *Newsletter) executeTemplate(name string, v any) ([]byte, error) {
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
