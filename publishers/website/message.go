package website

import "netsync/schema"

// messageView is a page with one thing to say.
type messageView struct {
	Title text
	Text  text
	Link  link
	More  []link
}

// redirect renders the page at a record's old address, which leads on at once.
func (i *issue) redirect(v *voice, path string, to schema.RecordID) ([]byte, error) {
	s := i.sheet(v, path)
	target := s.reference(to)
	page := s.frame()
	page.Title = s.say("redirect")
	page.Canonical = i.addresses.whole(i.recordPath(v, to))
	page.Noindex = true
	page.Refresh = target.URL
	page.Body = messageView{Title: page.Title, Text: s.say("redirect-text"), Link: target}
	return i.execute("message.html", page)
}

// tombstone renders the page in the place of a record that was removed, so
// that those who come by an old link learn what became of it.
func (i *issue) tombstone(v *voice, path string, id schema.RecordID, r removal) ([]byte, error) {
	s := i.sheet(v, path)
	page := s.page(func(v *voice) string { return i.recordPath(v, id) })
	page.Canonical = ""
	page.Noindex = true
	page.Title = s.name(id.ID, r.Name, r.Acronym)
	page.Crumbs = []link{s.home(), s.folder(string(id.Collection)), {Text: page.Title}}
	when := s.moment(r.Time)
	page.Body = messageView{
		Title: page.Title,
		Text:  s.sayf("removed-text", when.Words.Body),
		Link:  s.folder(string(id.Collection)),
		More:  []link{{Text: s.say("changes"), URL: s.to(i.changesPath(v))}},
	}
	return i.execute("message.html", page)
}

// notFound renders the page that a web server shows in the place of one that
// is not there. It has one language, because its address has none.
func (i *issue) notFound(v *voice) ([]byte, error) {
	s := i.rooted(v)
	page := s.frame()
	page.Title = s.say("not-found")
	page.Noindex = true
	page.Body = messageView{
		Title: page.Title,
		Text:  s.say("not-found-text"),
		Link:  s.home(),
		More:  []link{{Text: s.say("search"), URL: s.to(i.searchPath(v))}, {Text: s.say("changes"), URL: s.to(i.changesPath(v))}},
	}
	return i.execute("message.html", page)
}
