package website

import (
	"bytes"
	"html/template"
	"strings"
	"sync"

	"netsync/publishers"
	"netsync/publishers/website/compiled"
	"netsync/schema"
	"netsync/schema/story"
	"netsync/schema/words"
)

// A press knows everything about the site that does not depend on the data.
type press struct {
	addresses addresses
	feeds     bool
	mail      Mail
	templates *template.Template
	quick     *compiled.Templates // the same
	labels    words.Languages
	assets    []asset
	embed     []byte // the script for the pages of others
	limits    limits
	maker     string
	theme     *theme
}

// newPress reads the templates and all else, with those of a theme. With
// mistakes in the theme it returns both a press, which goes without what is
// wrong, and ThemeErrors.
func newPress(c Config) (*press, error) {
	addresses, err := newAddresses(c.BaseURL)
	if err != nil {
		return nil, err
	}
	assets, err := readAssets()
	if err != nil {
		return nil, err
	}
	labels, err := words.Load()
	if err != nil {
		return nil, err
	}
	theme := newTheme(c.Theme)
	assets = theme.assets(assets)
	theme.labels(labels)
	templates, err := readTemplates(assets)
	if err != nil {
		return nil, err
	}
	theme.templates(templates)
	embed, err := assetFiles.ReadFile("assets/" + embedFile)
	if err != nil {
		return nil, err
	}
	maker, err := c.maker(theme)
	if err != nil {
		return nil, err
	}
	press := &press{addresses, c.Feeds, c.Mail, templates, compiled.New(templates), labels, assets, embed, defaultLimits(), maker, theme}
	return press, theme.found.err()
}

// A file is one file of the site.
type file struct {
	name   string // slash-separated, below the site's root
	render func() ([]byte, error)
	// page says that render gives what execute does, and nobody else has it.
	page bool
	// joined says that it is made after the one before it in the plan, from
	// the same record.
	joined bool
}

// An issue is what one edition is rendered from.
type issue struct {
	*press
	edition  publishers.Edition
	catalog  *catalog
	history  *history
	voices   []*voice // the default language's first
	readings readings
	frames   frames
	// wholes are the files with all records of a collection.
	wholes map[schema.Collection]*wholeFiles
	// asset reads an image by its digest.
	asset func(schema.Digest) ([]byte, error)
	// before reads a file of the release before; nil where nothing may be
	// taken over from it.
	before func(name string) ([]byte, error)
	// kept is before for what no release can be made without.
	kept func(name string) ([]byte, error)
}

func (p *press) newIssue(e publishers.Edition, c *catalog, h *history) *issue {
	i := &issue{press: p, edition: e, catalog: c, history: h, wholes: make(map[schema.Collection]*wholeFiles)}
	i.frames.all = make(map[frameKey]siteView)
	for _, tag := range languages(e.Manifest) {
		i.voices = append(i.voices, newVoice(e.Manifest, tag, p.labels))
	}
	return i
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

func (i *issue) describer(v *voice) story.Describer {
	return story.Describer{Manifest: i.edition.Manifest, State: i.edition.State, Language: v.language}
}

// buffers are used again, since a site is made of very many small pages.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// recycle takes back what execute returned, which nobody may look at any more.
func recycle(data []byte) { buffers.Put(bytes.NewBuffer(data[:0])) }

// execute renders a template.
func (p *press) execute(name string, data any) ([]byte, error) {
	b := buffers.Get().(*bytes.Buffer)
	if err := p.quick.Execute(b, name, data); err != nil {
		return nil, p.blame(err)
	}
	return b.Bytes(), nil
}
