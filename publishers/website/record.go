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
	Data        []link // the record as JSON
	DataLabel   text
	Modified    *timestamp
	ModifiedAt  text
	Digest      string
}

// A badge is a word with a class that colours it.
type badge struct {
	Text  text
	Class string
}

// sectionView lists records related to the record of the page.
type sectionView struct {
	ID    string
	Title text
	Items []link
	More  text // the number of omitted records
}

// renderRecord renders the page of a record.
func (b *build) renderRecord(l *locale, r *decodedRecord) ([]byte, error) {
	p := b.newPageContext(l, b.recordPath(l, r.ID))
	view, subject, err := p.recordBody(r)
	if err != nil {
		return nil, err
	}
	p.addCommonParts(&view, r)
	page := p.newPage(func(l *locale) string { return b.recordPath(l, r.ID) })
	page.Title = view.Name
	page.Description = markup.Line(view.Summary.Body)
	page.Crumbs = p.recordCrumbs(r.ID)
	page.LinkedData = subject.asDocument(b.addresses.absoluteURL(p.path), page.Description)
	page.Data = p.urlFor("/" + recordFile(r.ID))
	if r.ID.Collection == schema.Networks {
		page.OEmbed = b.addresses.absoluteURL("/" + oembedFile(l, r.ID))
	}
	page.Body = view
	return b.executeTemplate("record.html", page)
}

// recordBody returns what depends on the record's collection.
func (p *pageContext) recordBody(r *decodedRecord) (view recordView, subject linkedData, err error) {
	switch r.ID.Collection {
	case schema.Networks:
		var n *schema.Network
		if n, err = decodeAs[schema.Network](r); err == nil {
			view, subject = p.networkView(n)
		}
	case schema.Organizations:
		var o *schema.Organization
		if o, err = decodeAs[schema.Organization](r); err == nil {
			view, subject = p.organizationView(o)
		}
	default:
		var a *schema.Activity
		if a, err = decodeAs[schema.Activity](r); err == nil {
			view, subject = p.activityView(a)
		}
	}
	return view, subject, err
}

// addCommonParts adds the parts that all record pages share.
func (p *pageContext) addCommonParts(view *recordView, r *decodedRecord) {
	view.FactsLabel = p.labelText("facts")
	view.DataLabel = p.labelText("data")
	view.Data = []link{{Text: p.labelText("all-data"), URL: p.urlFor("/" + recordFile(r.ID))}}
	view.Digest = r.Digest.Short()
	if modified, ok := p.history.modified[r.ID]; ok {
		when := p.formatTime(modified.time)
		view.Modified, view.ModifiedAt = &when, p.labelText("modified")
	}
	for n := range view.Sections {
		section := &view.Sections[n]
		if more := len(section.Items) - p.limits.section; more > 0 {
			section.Items = section.Items[:p.limits.section]
			section.More = p.formatLabel("more-records", more)
		}
	}
}

// recordCrumbs returns the breadcrumbs of a record: activities are below their
// network, and organizations below the list of organizations.
func (p *pageContext) recordCrumbs(id schema.RecordID) []link {
	crumbs := []link{p.homeLink()}
	switch id.Collection {
	case schema.Activities:
		for _, ref := range p.catalog.cards[id].refs {
			if ref.role == roleNetwork && p.catalog.cards[ref.to] != nil {
				crumbs = append(crumbs, p.recordLink(ref.to))
			}
		}
	case schema.Organizations:
		crumbs = append(crumbs, p.folderLink(string(id.Collection)))
	}
	here := p.recordLink(id)
	here.URL = ""
	return append(crumbs, here)
}

func (p *pageContext) homeLink() link {
	return link{Text: p.labelText("overview"), URL: p.urlFor(p.overviewPath(p.locale))}
}

// folderLink returns a link to the page of a collection or vocabulary.
func (p *pageContext) folderLink(name string) link {
	return link{Text: p.labelText(name), URL: p.urlFor(p.folderPath(p.locale, name))}
}

// addSection adds a section unless it is empty.
func (r *recordView) addSection(id string, title text, items []link) {
	if len(items) > 0 {
		r.Sections = append(r.Sections, sectionView{ID: id, Title: title, Items: items})
	}
}
