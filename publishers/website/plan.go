package website

import (
	"netsync/publishers"
	"netsync/schema"
)

// A plan lists the files to write and the files to remove. The first of two
// files with one name is used.
type plan struct {
	files   []file // files of one record are adjacent
	planned map[string]bool
	removed []string
}

func (p *plan) add(name string, render func() ([]byte, error)) {
	p.addFile(file{name: name, render: render})
}

func (p *plan) addFile(f file) {
	if !p.planned[f.name] {
		p.planned[f.name] = true
		p.files = append(p.files, f)
	}
}

// groupFrom makes the files from an index on one unit of work.
func (p *plan) groupFrom(from int) {
	for n := from + 1; n < len(p.files); n++ {
		p.files[n].isGrouped = true
	}
}

// addPage adds the page at a path. The result of render is recycled.
func (p *plan) addPage(path string, render func() ([]byte, error)) {
	p.addFile(file{name: pageFile(path), render: render, isPage: true})
}

func (p *plan) addData(name string, data []byte) {
	p.add(name, func() ([]byte, error) { return data, nil })
}

// removeFile removes a file, unless the plan writes it.
func (p *plan) removeFile(name string) { p.removed = append(p.removed, name) }

func (p *plan) removePage(path string) { p.removeFile(pageFile(path)) }

// newPlan returns the plan that updates what is stale. Files, or groups of
// files, can be rendered in parallel.
func (b *build) newPlan(stale *staleSet) (*plan, error) {
	all := &plan{planned: make(map[string]bool)}
	position, err := publishers.EncodePosition(b.edition.Position)
	if err != nil {
		return nil, err
	}
	all.addData(publishers.PositionFile, position)
	b.planData(all, stale) // first, since the largest files take longest
	if stale.everything {
		b.planStaticFiles(all)
	}
	for _, l := range b.locales {
		b.planChangesetPages(all, l)
		b.planFragments(all, l, stale)
		if stale.networksChanged {
			all.addPage(b.connectionsPath(l), func() ([]byte, error) { return b.renderConnections(l) })
		}
	}
	for list, pages := range stale.lists {
		b.planList(all, list, pages)
	}
	for id := range stale.records {
		from := len(all.files)
		b.planRecord(all, id)
		all.groupFrom(from)
	}
	b.planSitemap(all, stale)
	b.planSearch(all, stale)
	b.planImages(all, stale)
	return all, nil
}

// planStaticFiles adds what depends only on the manifest and the program.
func (b *build) planStaticFiles(all *plan) {
	for _, a := range b.assets {
		all.addData(a.name, a.data)
	}
	for _, l := range b.locales {
		all.addPage(b.searchPath(l), func() ([]byte, error) { return b.renderSearchPage(l) })
	}
	all.addData(embedFile, b.embedScript)
	all.add("404.html", func() ([]byte, error) { return b.renderNotFound(b.locales[0]) })
}

// planChangesetPages adds the pages that name the site's changeset.
func (b *build) planChangesetPages(all *plan, l *locale) {
	all.addPage(b.overviewPath(l), func() ([]byte, error) { return b.renderOverview(l) })
	all.addPage(b.changesPath(l), func() ([]byte, error) { return b.renderChanges(l) })
	all.addPage(b.aboutPath(l), func() ([]byte, error) { return b.renderAbout(l) })
	for _, vocabulary := range vocabularies {
		all.addPage(b.folderPath(l, vocabulary), func() ([]byte, error) { return b.renderVocabulary(l, vocabulary) })
	}
}

// planRecord adds the files of a record. A record that does not exist gets a
// redirect if its id is an alias of another one, or a page that says that it
// was removed.
func (b *build) planRecord(all *plan, id schema.RecordID) {
	exists := b.catalog.cards[id] != nil
	target, isMoved := b.catalog.aliasOwner(id)
	removal, isRemoved := b.history.removed[id]
	for _, l := range b.locales {
		path := b.recordPath(l, id)
		switch {
		case exists:
			all.addPage(path, func() ([]byte, error) { return b.renderRecord(l, b.readRecord(id)) })
		case isMoved:
			all.addPage(path, func() ([]byte, error) { return b.renderRedirect(l, path, target) })
		case isRemoved:
			all.addPage(path, func() ([]byte, error) { return b.renderTombstone(l, path, id, removal) })
		default:
			all.removePage(path)
		}
	}
	if !exists {
		all.removeFile(recordFile(id))
		for _, l := range b.locales {
			all.removeFile(fragmentFile(l, id.String()))
			all.removeFile(oembedFile(l, id))
		}
		return
	}
	all.add(recordFile(id), func() ([]byte, error) { return b.readRecord(id).JSON, nil })
	if id.Collection == schema.Networks {
		for _, l := range b.locales {
			b.planNetworkFragment(all, l, id)
		}
	}
}
