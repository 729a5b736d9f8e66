package website

import (
	"bytes"
	"html/template"
	"strings"

	"netsync/publishers"
	"netsync/schema"
	"netsync/schema/describe"
)

// A press knows everything about the site that does not depend on the data.
type press struct {
	addresses addresses
	feeds     bool
	templates *template.Template
	labels    labelSet
	assets    []asset
}

func newPress(c Config) (*press, error) {
	addresses, err := newAddresses(c.BaseURL)
	if err != nil {
		return nil, err
	}
	templates, err := readTemplates()
	if err != nil {
		return nil, err
	}
	labels, err := readLabels()
	if err != nil {
		return nil, err
	}
	assets, err := readAssets()
	if err != nil {
		return nil, err
	}
	return &press{addresses, c.Feeds, templates, labels, assets}, nil
}

// A file is one file of the site.
type file struct {
	name   string // slash-separated, below the site's root
	render func() ([]byte, error)
}

// An issue is what one edition is rendered from.
type issue struct {
	*press
	edition publishers.Edition
	catalog *catalog
	log     changeLog
	voices  []*voice // the default language's first
}

func (p *press) newIssue(e publishers.Edition, log changeLog) (*issue, error) {
	catalog, err := newCatalog(e.Manifest, e.State)
	if err != nil {
		return nil, err
	}
	i := &issue{press: p, edition: e, catalog: catalog, log: log}
	for _, tag := range languages(e.Manifest) {
		i.voices = append(i.voices, newVoice(e.Manifest, tag, p.labels))
	}
	return i, nil
}

// languages lists the manifest's languages, without those that would share a
// folder with another.
func languages(m *schema.Manifest) []string {
	tags := []string{m.DefaultLanguage()}
	taken := map[string]bool{"/": true}
	for _, tag := range m.Languages {
		path := publishers.LanguagePath(m, tag)
		if !taken[path] && isLanguage(tag) {
			tags = append(tags, tag)
		}
		taken[path] = true
	}
	return tags
}

// isLanguage reports whether a tag has the form of a language in use, which
// never is the name of another folder of the site.
func isLanguage(tag string) bool {
	primary, _, _ := strings.Cut(tag, "-")
	return len(primary) >= 2 && len(primary) <= 3 && schema.ValidID(strings.ToLower(tag))
}

func (i *issue) describer(v *voice) describe.Describer {
	return describe.Describer{Manifest: i.edition.Manifest, State: i.edition.State, Language: v.language}
}

// execute renders a template.
func (p *press) execute(name string, data any) ([]byte, error) {
	var b bytes.Buffer
	if err := p.templates.ExecuteTemplate(&b, name, data); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
