package website

import (
	"encoding/json"
	"strings"

	"netsync/publishers"
	"netsync/schema"
)

// A plan is the files of a site. Of two files with one name the first holds.
type plan struct {
	files []file
	taken map[string]bool
}

func (p *plan) add(name string, render func() ([]byte, error)) {
	if p.taken[name] {
		return
	}
	p.taken[name] = true
	p.files = append(p.files, file{name, render})
}

// addPage adds a page by its path: /changes/ is changes/index.html.
func (p *plan) addPage(path string, render func() ([]byte, error)) {
	p.add(strings.TrimPrefix(path, "/")+"index.html", render)
}

func (p *plan) addData(name string, data []byte) {
	p.add(name, func() ([]byte, error) { return data, nil })
}

// plan returns all files of an edition. Rendering one does not depend on
// another, so that it may be done at the same time.
func (p *press) plan(e publishers.Edition, log changeLog) ([]file, error) {
	issue, err := p.newIssue(e, log)
	if err != nil {
		return nil, err
	}
	all := &plan{taken: make(map[string]bool)}
	position, err := publishers.EncodePosition(e.Position)
	if err != nil {
		return nil, err
	}
	all.addData(publishers.PositionFile, position)
	for _, a := range p.assets {
		all.addData(a.name, a.data)
	}
	for _, v := range issue.voices {
		issue.planPages(all, v)
	}
	issue.planRedirects(all)
	issue.planSitemap(all)
	all.add("404.html", func() ([]byte, error) { return issue.notFound(issue.voices[0]) })
	return all.files, issue.planData(all)
}

func (i *issue) planPages(all *plan, v *voice) {
	all.addPage(i.overviewPath(v), func() ([]byte, error) { return i.overview(v) })
	all.addPage(i.changesPath(v), func() ([]byte, error) { return i.changes(v) })
	for _, r := range i.catalog.records {
		all.addPage(i.recordPath(v, r.ID), func() ([]byte, error) { return i.record(v, r) })
	}
}

// planRedirects makes pages at old addresses. A record keeps its address when
// another one claims it as an alias.
func (i *issue) planRedirects(all *plan) {
	for _, r := range i.catalog.records {
		for _, alias := range i.catalog.aliases(r.ID) {
			old := schema.RecordID{Collection: r.ID.Collection, ID: alias}
			if !old.Valid() {
				continue
			}
			for _, v := range i.voices {
				all.addPage(i.recordPath(v, old), func() ([]byte, error) { return i.redirect(v, r.ID) })
			}
		}
	}
}

func (i *issue) planData(all *plan) error {
	manifest, err := json.Marshal(i.edition.Changeset.Manifest)
	if err != nil {
		return err
	}
	if manifest, err = schema.CanonicalJSON(manifest); err != nil {
		return err
	}
	all.addData("data/manifest.json", manifest)
	all.add(logFile, func() ([]byte, error) { return encodeLog(i.log) })
	for _, c := range schema.Collections() {
		i.planCollection(all, c)
	}
	for _, r := range i.catalog.records {
		all.addData(recordFile(r.ID), r.JSON)
	}
	return nil
}

// Paths below the site's root.

func (i *issue) overviewPath(v *voice) string {
	return publishers.LanguagePath(i.edition.Manifest, v.language)
}

func (i *issue) changesPath(v *voice) string { return i.overviewPath(v) + "changes/" }

func (i *issue) recordPath(v *voice, id schema.RecordID) string {
	return publishers.PagePath(i.edition.Manifest, v.language, id)
}

func recordFile(id schema.RecordID) string { return "data/" + id.String() + ".json" }
