package website

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"netsync/publishers"
	"netsync/schema"
	"netsync/schema/event"
)

// A Preview is a site that lies nowhere: each file is rendered when somebody
// asks for it. It is safe for use by several goroutines.
type Preview struct {
	press *press

	mu       sync.RWMutex
	manifest schema.Digest
	catalog  *catalog
	files    map[string]func() ([]byte, error)
}

// NewPreview makes a site of an edition, of whose history only the edition's
// entries are known. Of the configuration, Dir and Log are not needed. The
// edition must not be changed while the preview shows it. What is wrong with
// the theme is ThemeErrors.
func NewPreview(c Config, e publishers.Edition) (*Preview, error) {
	press, err := newPress(c)
	if err != nil {
		return nil, err
	}
	p := &Preview{press: press}
	if p.catalog, err = newCatalog(press.limits, e.Manifest, e.State); err != nil {
		return nil, err
	}
	return p, p.show(e)
}

// Update makes the preview show another edition. Only the records that touched
// names may differ from the edition before, and the manifest may not: see
// Shows. After an error, a new Preview is needed.
func (p *Preview) Update(e publishers.Edition, touched []schema.RecordID) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	step := e
	step.Entries = []publishers.Entry{{}}
	for _, id := range touched {
		step.Entries[0].Changes = append(step.Entries[0].Changes, &event.Change{Collection: id.Collection, ID: id.ID})
	}
	if _, err := p.catalog.update(step); err != nil {
		return err
	}
	return p.show(e)
}

// Shows reports whether the preview is of an edition with that manifest.
func (p *Preview) Shows(manifest schema.Digest) bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.manifest == manifest
}

func (p *Preview) show(e publishers.Edition) error {
	p.manifest = e.Changeset.ManifestDigest
	history, err := newHistory().extend(e)
	if err != nil {
		return err
	}
	issue := p.press.newIssue(e, p.catalog, history)
	issue.asset = func(d schema.Digest) ([]byte, error) { return e.Asset(context.Background(), d) } // reads files
	plan, err := issue.plan(issue.all())
	if err != nil {
		return err
	}
	p.files = make(map[string]func() ([]byte, error), len(plan.files))
	for _, f := range plan.files {
		p.files[f.name] = f.render
	}
	return nil
}

// Read renders a file, such as networks/leru/index.html; ok is false where the
// site has no file of that name. What is wrong with the theme is a *ThemeError.
func (p *Preview) Read(name string) (data []byte, ok bool, err error) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	render, ok := p.files[name]
	if !ok {
		return nil, false, nil
	}
	if data, err = render(); err != nil {
		return nil, true, fmt.Errorf("render %s: %w", name, err)
	}
	return data, true, nil
}

// Has reports whether the site has a file of that name.
func (p *Preview) Has(name string) bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	_, ok := p.files[name]
	return ok
}

// Names returns the names of all files, sorted.
func (p *Preview) Names() []string {
	p.mu.RLock()
	defer p.mu.RUnlock()
	names := make([]string, 0, len(p.files))
	for name := range p.files {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
