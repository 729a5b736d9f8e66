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

// A Preview is a site in memory that renders each file on request. It is safe
// for concurrent use.
type Preview struct {
	renderer *renderer

	mu       sync.RWMutex
	manifest schema.Digest
	catalog  *catalog
	files    map[string]func() ([]byte, error)
}

// NewPreview returns a preview of an edition, whose entries are its only
// history. The Dir and Log of the configuration are not used. The edition must
// not be modified while the preview shows it. An invalid theme returns
// ThemeErrors.
func NewPreview(c Config, e publishers.Edition) (*Preview, error) {
	r, err := newRenderer(c)
	if err != nil {
		return nil, err
	}
	p := &Preview{renderer: r}
	if p.catalog, err = newCatalog(r.limits, e.Manifest, e.State); err != nil {
		return nil, err
	}
	return p, p.showEdition(e)
}

// Update shows another edition, which may differ only in the touched records
// and must have the same manifest (see Shows). After an error, use a new
// Preview.
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
	return p.showEdition(e)
}

// Shows reports whether the preview's edition has the given manifest.
func (p *Preview) Shows(manifest schema.Digest) bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.manifest == manifest
}

func (p *Preview) showEdition(e publishers.Edition) error {
	p.manifest = e.Changeset.ManifestDigest
	history, err := newHistory().withEdition(e)
	if err != nil {
		return err
	}
	b := p.renderer.newBuild(e, p.catalog, history)
	b.readAsset = func(d schema.Digest) ([]byte, error) { return e.Asset(context.Background(), d) } // the asset is a file
	plan, err := b.newPlan(b.newFullStaleSet())
	if err != nil {
		return err
	}
	p.files = make(map[string]func() ([]byte, error), len(plan.files))
	for _, f := range plan.files {
		p.files[f.name] = f.render
	}
	return nil
}

// Read renders a file, such as networks/leru/index.html; ok is false if the
// site has no such file. A mistake in the theme returns a *ThemeError.
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

// Has reports whether the site has a file.
func (p *Preview) Has(name string) bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	_, ok := p.files[name]
	return ok
}

// Names returns the sorted names of all files.
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
