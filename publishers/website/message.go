package website

import "netsync/schema"

// messageView is a page with a short message.
type messageView struct {
	Title text
	Text  text
	Link  link
	More  []link
}

// renderRedirect renders the page that redirects from a record's old address.
func (b *build) renderRedirect(l *locale, path string, to schema.RecordID) ([]byte, error) {
	p := b.newPageContext(l, path)
	target := p.recordLink(to)
	page := p.newPageWithoutAddress()
	page.Title = p.labelText("redirect")
	page.Canonical = b.addresses.absoluteURL(b.recordPath(l, to))
	page.Noindex = true
	page.Refresh = target.URL
	page.Body = messageView{Title: page.Title, Text: p.labelText("redirect-text"), Link: target}
	return b.executeTemplate("message.html", page)
}

// renderTombstone renders the page of a removed record, so readers with an old
// link learn that it was removed.
func (b *build) renderTombstone(l *locale, path string, id schema.RecordID, r removal) ([]byte, error) {
	p := b.newPageContext(l, path)
	page := p.newPage(func(l *locale) string { return b.recordPath(l, id) })
	page.Canonical = ""
	page.Noindex = true
	page.Title = p.recordName(id.ID, r.Name, r.Acronym)
	page.Crumbs = []link{p.homeLink(), p.folderLink(string(id.Collection)), {Text: page.Title}}
	when := p.formatTime(r.Time)
	page.Body = messageView{
		Title: page.Title,
		Text:  p.formatLabel("removed-text", when.Words.Body),
		Link:  p.folderLink(string(id.Collection)),
		More:  []link{{Text: p.labelText("changes"), URL: p.urlFor(b.changesPath(l))}},
	}
	return b.executeTemplate("message.html", page)
}

// renderNotFound renders the page for unknown addresses.
func (b *build) renderNotFound(l *locale) ([]byte, error) {
	p := b.newRootedContext(l)
	page := p.newPageWithoutAddress()
	page.Title = p.labelText("not-found")
	page.Noindex = true
	page.Body = messageView{
		Title: page.Title,
		Text:  p.labelText("not-found-text"),
		Link:  p.homeLink(),
		More:  []link{{Text: p.labelText("search"), URL: p.urlFor(b.searchPath(l))}, {Text: p.labelText("changes"), URL: p.urlFor(b.changesPath(l))}},
	}
	return b.executeTemplate("message.html", page)
}
