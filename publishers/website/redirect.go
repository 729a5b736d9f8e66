package website

import "netsync/schema"

// messageView is a page with one thing to say.
type messageView struct {
	Title text
	Text  text
	Link  link
}

// redirect renders the page at a record's old address, which leads on at once.
func (i *issue) redirect(v *voice, to schema.RecordID) ([]byte, error) {
	target := i.reference(v, to)
	page := i.frame(v)
	page.Title = v.say("redirect")
	page.Canonical = i.addresses.whole(i.recordPath(v, to))
	page.Noindex = true
	page.Refresh = target.URL
	page.Body = messageView{Title: page.Title, Text: v.say("redirect-text"), Link: target}
	return i.execute("message.html", page)
}

// notFound renders the page that a web server shows in the place of one that
// is not there. It has one language, because its address has none.
func (i *issue) notFound(v *voice) ([]byte, error) {
	page := i.frame(v)
	page.Title = v.say("not-found")
	page.Noindex = true
	page.Body = messageView{
		Title: page.Title,
		Text:  v.say("not-found-text"),
		Link:  link{Text: v.say("overview"), URL: i.addresses.local(i.overviewPath(v))},
	}
	return i.execute("message.html", page)
}
