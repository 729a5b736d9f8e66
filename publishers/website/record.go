package website

import (
	"netsync/publishers/markup"
	"netsync/schema"
)

// recordView is a page about one record.
type recordView struct {
	Kind        text // Alliance
	Name        text
	Badges      []text
	Status      *badge
	Summary     text
	Description prose
	Facts       []fact
	Sections    []sectionView
	FactsLabel  text
	Data        link // the record as JSON
	Digest      string
}

// A badge is a word that is coloured by what it stands for.
type badge struct {
	Text  text
	Class string
}

// sectionView lists records that belong to the one that is shown.
type sectionView struct {
	ID    string
	Title text
	Items []link
}

// record renders the page of a record.
func (i *issue) record(v *voice, r schema.Record) ([]byte, error) {
	var view recordView
	var subject linkedData
	switch r.ID.Collection {
	case schema.Networks:
		view, subject = i.network(v, i.catalog.networks[r.ID.ID])
	case schema.Organizations:
		view, subject = i.organization(v, i.catalog.organizations[r.ID.ID])
	default:
		view, subject = i.activity(v, i.catalog.activities[r.ID.ID])
	}
	view.FactsLabel = v.say("facts")
	view.Data = link{Text: v.say("all-data"), URL: i.addresses.local("/" + recordFile(r.ID))}
	view.Digest = r.Digest.Short()
	page := i.page(v, func(v *voice) string { return i.recordPath(v, r.ID) })
	page.Title = view.Name
	page.Description = markup.Line(view.Summary.Body)
	page.Crumbs = i.crumbs(v, r.ID)
	page.LinkedData = subject.complete(i.addresses.whole(i.recordPath(v, r.ID)), view.Summary.Body)
	page.Body = view
	return i.execute("record.html", page)
}

// crumbs lead from the overview to a record: an activity lies below its
// network.
func (i *issue) crumbs(v *voice, id schema.RecordID) []link {
	crumbs := []link{{Text: v.text(i.edition.Manifest.Title), URL: i.addresses.local(i.overviewPath(v))}}
	if a := i.catalog.activities[id.ID]; id.Collection == schema.Activities && a != nil {
		if up := (schema.RecordID{Collection: schema.Networks, ID: a.Network}); i.catalog.has(up) {
			crumbs = append(crumbs, i.reference(v, up))
		}
	}
	here := i.reference(v, id)
	here.URL = ""
	return append(crumbs, here)
}

// section adds a list that is not empty.
func (r *recordView) section(id string, title text, items []link) {
	if len(items) > 0 {
		r.Sections = append(r.Sections, sectionView{id, title, items})
	}
}
