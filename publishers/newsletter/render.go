package newsletter

import (
	"bytes"
	"fmt"

	"netsync/publishers"
	"netsync/publishers/newsletter/draft"
)

// A file is one file of a release.
type file struct {
	name string
	data []byte
}

// render renders the public files except the archive. They depend on the
// settings, the state and the ledger only.
func (n *Newsletter) render(e publishers.Edition, d draft.Draft, all []sentDigest) ([]file, error) {
	index, err := n.executeTemplate("index.html.tmpl", frontPageOf(d, all))
	if err != nil {
		return nil, err
	}
	position, err := publishers.EncodePosition(e.Position)
	if err != nil {
		return nil, err
	}
	return []file{{indexFile, index}, {styleFile, draft.StyleSheet}, {publishers.PositionFile, position}}, nil
}

// renderDraft renders the files of the draft. They depend on the settings, the
// state, the pending changes and the ledger only.
func (n *Newsletter) renderDraft(p draft.Pending, d draft.Draft) ([]file, error) {
	messages, err := n.composeMessages(d)
	if err != nil {
		return nil, err
	}
	asJSON, err := draft.Encode(d)
	if err != nil {
		return nil, err
	}
	source, err := p.Encode()
	if err != nil {
		return nil, err
	}
	return []file{
		{htmlFile, []byte(messages.HTML)}, {textFile, []byte(messages.Text)}, {jsonFile, asJSON}, {draft.PendingFile, source},
	}, nil
}

// composeMessages returns the messages of a draft. They depend on the draft
// only.
func (n *Newsletter) composeMessages(d draft.Draft) (content, error) { return n.composeFor(d, nil) }

// composeFor returns the messages to a recipient with links.
func (n *Newsletter) composeFor(d draft.Draft, links *draft.Links) (content, error) {
	v := draft.NewPage(d)
	if links != nil {
		v.Links, v.Why = links, fmt.Sprintf(v.WhyLinks, d.ListName)
	}
	html, err := n.executeTemplate("mail.html.tmpl", v)
	return content{Language: d.Language, ListName: d.ListName, HTML: string(html), Text: v.PlainText(), Draft: d}, err
}

func (n *Newsletter) executeTemplate(name string, v any) ([]byte, error) {
	var b bytes.Buffer
	if err := n.templates.ExecuteTemplate(&b, name, v); err != nil {
		return nil, fmt.Errorf("write %s: %w", name, err)
	}
	return b.Bytes(), nil
}
