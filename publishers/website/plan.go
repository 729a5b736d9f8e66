package website

import (
	"netsync/publishers"
	"netsync/schema"
)

// A plan is what has to be done to a site: files to write and files that are
// no longer there. Of two files with one name the first holds.
type plan struct {
	files []file // those of one record stand together
	taken map[string]bool
	gone  []string
}

func (p *plan) add(name string, render func() ([]byte, error)) {
	p.addFile(file{name: name, render: render})
}

func (p *plan) addFile(f file) {
	if !p.taken[f.name] {
		p.taken[f.name] = true
		p.files = append(p.files, f)
	}
}

// join makes one piece of work of the files from an index on.
func (p *plan) join(from int) {
	for n := from + 1; n < len(p.files); n++ {
		p.files[n].joined = true
	}
}

// addPage adds a page by its path. What render gives is recycled.
func (p *plan) addPage(path string, render func() ([]byte, error)) {
	p.addFile(file{name: pageFile(path), render: render, page: true})
}

func (p *plan) addData(name string, data []byte) {
	p.add(name, func() ([]byte, error) { return data, nil })
}

// drop says that a file is gone, unless it is written after all.
func (p *plan) drop(name string) { p.gone = append(p.gone, name) }

func (p *plan) dropPage(path string) { p.drop(pageFile(path)) }

// plan returns what has to be done for what is due. Rendering one file does
// not depend on another, so that it may be done at the same time.
func (i *issue) plan(due *due) (*plan, error) {
	all := &plan{taken: make(map[string]bool)}
	position, err := publishers.EncodePosition(i.edition.Position)
	if err != nil {
		return nil, err
	}
	all.addData(publishers.PositionFile, position)
	i.planData(all, due) // first, since the largest files take longest
	if due.everything {
		i.planFixed(all)
	}
	for _, v := range i.voices {
		i.planAlways(all, v)
		i.planFragments(all, v, due)
		if due.networks {
			all.addPage(i.connectionsPath(v), func() ([]byte, error) { return i.connections(v) })
		}
	}
	for list, pages := range due.lists {
		i.planList(all, list, pages)
	}
	for id := range due.records {
		from := len(all.files)
		i.planRecord(all, id)
		all.join(from)
	}
	i.planSitemap(all, due)
	i.planSearch(all, due)
	i.planImages(all, due)
	return all, nil
}

// planFixed adds what depends on nothing but the manifest and the program.
func (i *issue) planFixed(all *plan) {
	for _, a := range i.assets {
		all.addData(a.name, a.data)
	}
	for _, v := range i.voices {
		all.addPage(i.searchPath(v), func() ([]byte, error) { return i.searchPage(v) })
	}
	all.addData(embedFile, i.embed)
	all.add("404.html", func() ([]byte, error) { return i.notFound(i.voices[0]) })
}

// planAlways adds the pages that tell which changeset the site shows.
func (i *issue) planAlways(all *plan, v *voice) {
	all.addPage(i.overviewPath(v), func() ([]byte, error) { return i.overview(v) })
	all.addPage(i.changesPath(v), func() ([]byte, error) { return i.changes(v) })
	all.addPage(i.aboutPath(v), func() ([]byte, error) { return i.about(v) })
	for _, vocabulary := range vocabularies {
		all.addPage(i.folderPath(v, vocabulary), func() ([]byte, error) { return i.vocabulary(v, vocabulary) })
	}
}

// planRecord adds what there is of a record, or in its place: a redirect where
// another has taken its id as an alias, else a word that it was removed.
func (i *issue) planRecord(all *plan, id schema.RecordID) {
	there := i.catalog.cards[id] != nil
	heir, moved := i.catalog.heir(id)
	buried, removed := i.history.removed[id]
	for _, v := range i.voices {
		path := i.recordPath(v, id)
		switch {
		case there:
			all.addPage(path, func() ([]byte, error) { return i.record(v, i.read(id)) })
		case moved:
			all.addPage(path, func() ([]byte, error) { return i.redirect(v, path, heir) })
		case removed:
			all.addPage(path, func() ([]byte, error) { return i.tombstone(v, path, id, buried) })
		default:
			all.dropPage(path)
		}
	}
	if !there {
		all.drop(recordFile(id))
		for _, v := range i.voices {
			all.drop(fragmentFile(v, id.String()))
			all.drop(oembedFile(v, id))
		}
		return
	}
	all.add(recordFile(id), func() ([]byte, error) { return i.read(id).JSON, nil })
	if id.Collection == schema.Networks {
		for _, v := range i.voices {
			i.planEmbedding(all, v, id)
		}
	}
}
