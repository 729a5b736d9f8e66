package website

import (
	"bytes"
	"html/template"
	"strings"
	"sync"

	"netsync/publishers"
	"netsync/schema"
	"netsync/schema/story"
	"netsync/schema/words"
)

// A renderer holds everything about the site that does not depend on the data.
type renderer struct {
	addresses   addresses
	feeds       bool
	mail        Mail
	templates   *template.Template
	labels      words.Languages
	assets      []asset
	embedScript []byte // embed.js, for other websites
	limits      limits
	inputHash   string
	theme       *theme
}

// newRenderer reads templates, assets and labels, overridden by those of the
// theme. If the theme has errors, newRenderer returns both ThemeErrors and a
// renderer without the parts that are wrong.
func newRenderer(c Config) (*renderer, error) {
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
	assets = theme.overrideAssets(assets)
	theme.overrideLabels(labels)
	templates, err := readTemplates(assets)
	if err != nil {
		return nil, err
	}
	theme.overrideTemplates(templates)
	embed, err := assetFiles.ReadFile("assets/" + embedFile)
	if err != nil {
		return nil, err
	}
	hash, err := c.inputHash(theme)
	if err != nil {
		return nil, err
	}
	r := &renderer{addresses, c.Feeds, c.Mail, templates, labels, assets, embed, defaultLimits(), hash, theme}
	return r, theme.errors.asError()
}

// A file is one file of the site.
type file struct {
	name   string // slash-separated, below the site's root
	render func() ([]byte, error)
	// isPage is set if render returns a buffer to recycle.
	isPage bool
	// isGrouped is set when the file is rendered after the previous file of
	// the plan, because both are of one record.
	isGrouped bool
}

// A build renders one edition.
type build struct {
	*renderer
	edition   publishers.Edition
	catalog   *catalog
	history   *history
	locales   []*locale // the default language first
	records   recordCache
	siteViews siteViewCache
	// wholeFiles holds the files with all records of a collection.
	wholeFiles map[schema.Collection]*wholeFiles
	// readAsset reads an image by its digest.
	readAsset func(schema.Digest) ([]byte, error)
	// readPrevious reads a file of the previous release. It is nil if none of
	// its files may be reused.
	readPrevious func(name string) ([]byte, error)
	// readRequired is like readPrevious, for files that must be kept.
	readRequired func(name string) ([]byte, error)
}

func (r *renderer) newBuild(e publishers.Edition, c *catalog, h *history) *build {
	b := &build{renderer: r, edition: e, catalog: c, history: h, wholeFiles: make(map[schema.Collection]*wholeFiles)}
	b.siteViews.views = make(map[siteViewKey]siteView)
	for _, tag := range siteLanguages(e.Manifest) {
		b.locales = append(b.locales, newLocale(e.Manifest, tag, r.labels))
	}
	return b
}

// siteLanguages returns the manifest's languages, the default one first,
// without those that would share a folder with another.
func siteLanguages(m *schema.Manifest) []string {
	tags := []string{m.DefaultLanguage()}
	used := map[string]bool{"/": true}
	for _, tag := range m.Languages {
		path := publishers.LanguagePath(m, tag)
		if !used[path] && isLanguage(tag) {
			tags = append(tags, tag)
		}
		used[path] = true
	}
	return tags
}

// isLanguage reports whether tag looks like a language tag in use. Such a tag
// is never the name of another folder of the site.
func isLanguage(tag string) bool {
	primary, _, _ := strings.Cut(tag, "-")
	return len(primary) >= 2 && len(primary) <= 3 && schema.ValidID(strings.ToLower(tag))
}

func (b *build) newDescriber(l *locale) story.Describer {
	return story.Describer{Manifest: b.edition.Manifest, State: b.edition.State, Language: l.language}
}

// buffers are reused, since a site has very many small pages.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// recycleBuffer makes a result of executeTemplate available for reuse. The
// caller must not use data afterwards.
func recycleBuffer(data []byte) { buffers.Put(bytes.NewBuffer(data[:0])) }

// executeTemplate renders a template. The caller may pass the result to
// recycleBuffer.
func (r *renderer) executeTemplate(name string, data any) ([]byte, error) {
	b := buffers.Get().(*bytes.Buffer)
	if err := r.templates.ExecuteTemplate(b, name, data); err != nil {
		return nil, r.locateError(err)
	}
	return b.Bytes(), nil
}
