package website

import (
	"netsync/publishers/markup"
	"netsync/schema"
)

// recordView is a page about one record.
type recordView struct {
	Kind        text // Alliance
	Name        text
	Badges      []link
	Status      *badge
	Logo        *image
	Summary     text
	Description prose
	Facts       []fact
	Sections    []sectionView
	FactsLabel  text
	Data        []link // the record for machines
	DataLabel   text
	Modified    *moment
	ModifiedAt  text
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
	More  text // how many are not listed
}

// record renders the page of a record.
func (i *issue) record(v *voice, r *reading) ([]byte, error) {
	s := i.sheet(v, i.recordPath(v, r.ID))
	view, subject, err := s.about(r)
	if err != nil {
		return nil, err
	}
	s.finish(&view, r)
	page := s.page(func(v *voice) string { return i.recordPath(v, r.ID) })
	page.Title = view.Name
	page.Description = markup.Line(view.Summary.Body)
	page.Crumbs = s.crumbs(r.ID)
	page.LinkedData = subject.complete(i.addresses.whole(s.path), page.Description)
	page.Data = s.to("/" + recordFile(r.ID))
	if r.ID.Collection == schema.Networks {
		page.OEmbed = i.addresses.whole("/" + oembedFile(v, r.ID))
	}
	page.Body = view
	return i.execute("record.html", page)
}

// about makes the part of a page that depends on what kind of record it shows.
func (s *sheet) about(r *reading) (view recordView, subject linkedData, err error) {
	switch r.ID.Collection {
	case schema.Networks:
		var n *schema.Network
		if n, err = decodeAs[schema.Network](r); err == nil {
			view, subject = s.network(n)
		}
	case schema.Organizations:
		var o *schema.Organization
		if o, err = decodeAs[schema.Organization](r); err == nil {
			view, subject = s.organization(o)
		}
	default:
		var a *schema.Activity
		if a, err = decodeAs[schema.Activity](r); err == nil {
			view, subject = s.activity(a)
		}
	}
	return view, subject, err
}

// finish adds what the pages of all records have.
func (s *sheet) finish(view *recordView, r *reading) {
	view.FactsLabel = s.say("facts")
	view.DataLabel = s.say("data")
	view.Data = []link{{Text: s.say("all-data"), URL: s.to("/" + recordFile(r.ID))}}
	view.Digest = r.Digest.Short()
	if modified, ok := s.history.modified[r.ID]; ok {
		when := s.moment(modified.time)
		view.Modified, view.ModifiedAt = &when, s.say("modified")
	}
	for n := range view.Sections {
		section := &view.Sections[n]
		if more := len(section.Items) - s.limits.section; more > 0 {
			section.Items = section.Items[:s.limits.section]
			section.More = s.sayf("more-records", more)
		}
	}
}

// crumbs lead from the overview to a record: an activity lies below its
// network, an organization below all of them.
func (s *sheet) crumbs(id schema.RecordID) []link {
	crumbs := []link{s.home()}
	switch id.Collection {
	case schema.Activities:
		for _, ref := range s.catalog.cards[id].refs {
			if ref.as == asNetwork && s.catalog.cards[ref.to] != nil {
				crumbs = append(crumbs, s.reference(ref.to))
			}
		}
	case schema.Organizations:
		crumbs = append(crumbs, s.folder(string(id.Collection)))
	}
	here := s.reference(id)
	here.URL = ""
	return append(crumbs, here)
}

func (s *sheet) home() link {
	return link{Text: s.say("overview"), URL: s.to(s.overviewPath(s.voice))}
}

// folder is a link to the page of a collection or vocabulary.
func (s *sheet) folder(name string) link {
	return link{Text: s.say(name), URL: s.to(s.folderPath(s.voice, name))}
}

// section adds a list that is not empty.
func (r *recordView) section(id string, title text, items []link) {
	if len(items) > 0 {
		r.Sections = append(r.Sections, sectionView{ID: id, Title: title, Items: items})
	}
}
