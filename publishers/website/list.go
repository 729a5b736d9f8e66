package website

import (
	"netsync/schema"
)

// formerList is the list of networks that the institution has left.
const formerList = "tier/former"

// listView is one page of a list of records.
type listView struct {
	Kind   text // of the list: Topic
	Title  text
	Intro  text
	None   text
	Groups []groupView
	Pages  *pagesView
}

// groupView are the records of a collection in a list.
type groupView struct {
	ID    string
	Title text // "" where there is only one
	Items []itemView
}

// itemView is a record in a list.
type itemView struct {
	link
	Kind    text
	Status  *badge
	Summary text
}

// pagesView leads to the other pages of a list.
type pagesView struct {
	Label          string
	Position       text // Page 2 of 7
	Previous, Next link
}

// planList adds the pages of a list that are due, and drops those that it no
// longer has.
func (i *issue) planList(all *plan, list string, due *listPages) {
	if !i.hasPages(list) {
		return
	}
	count := i.limits.pages(len(i.catalog.lists[list]))
	if due.last != count { // each page says how many there are
		due.from = 1
	}
	for _, v := range i.voices {
		for page := 1; page <= count; page++ {
			if due.includes(page) {
				all.addPage(i.listPath(v, list, page), func() ([]byte, error) { return i.list(v, list, page) })
			}
		}
		for page := count + 1; page <= due.last; page++ {
			all.dropPage(i.listPath(v, list, page))
		}
	}
}

// hasPages says whether a list is shown on pages of its own: tiers are shown
// on the overview, except for former networks.
func (i *issue) hasPages(list string) bool {
	vocabulary, term, ok := cut(list)
	switch {
	case !ok: // a collection
		return true
	case vocabulary == "tier":
		return list == formerList
	}
	_, known := i.edition.Manifest.Vocabularies.Terms(vocabulary)[term]
	return known && schema.ValidID(term)
}

func (i *issue) list(v *voice, list string, page int) ([]byte, error) {
	s := i.sheet(v, i.listPath(v, list, page))
	view := s.titled(list)
	cards := i.catalog.lists[list]
	shown := cards[min(len(cards), (page-1)*i.limits.page):min(len(cards), page*i.limits.page)]
	view.Groups = s.groups(shown)
	if count := i.limits.pages(len(cards)); count > 1 {
		view.Pages = s.pages(list, page, count)
	}
	if len(cards) == 0 {
		view.None = s.say("list-none")
	}
	frame := s.page(func(v *voice) string { return i.listPath(v, list, page) })
	frame.Title, frame.Description = view.Title, view.Intro.Body
	frame.Crumbs = s.listCrumbs(list, view.Title)
	if view.Pages != nil {
		frame.Title.Body += " – " + view.Pages.Position.Body
	}
	frame.Body = view
	return i.execute("list.html", frame)
}

// titled says what a list is of.
func (s *sheet) titled(list string) listView {
	vocabulary, term, ok := cut(list)
	switch {
	case !ok:
		return listView{Title: s.say("all." + list), Intro: s.say("intro." + list)}
	case list == formerList:
		return listView{Title: s.say("former-networks"), Intro: s.say("former-intro")}
	}
	label := s.termLabel(vocabulary, term)
	return listView{Kind: s.say("one." + vocabulary), Title: label, Intro: s.sayf("intro."+vocabulary, label.Body)}
}

func (s *sheet) listCrumbs(list string, title text) []link {
	crumbs := []link{s.home()}
	if vocabulary, _, ok := cut(list); ok && vocabulary != "tier" {
		crumbs = append(crumbs, s.folder(vocabulary))
	}
	return append(crumbs, link{Text: title})
}

// groups shows cards, which are sorted by collection, with a heading for each
// collection where there are several.
func (s *sheet) groups(cards []*card) []groupView {
	var groups []groupView
	for n, card := range cards {
		if n == 0 || cards[n-1].id.Collection != card.id.Collection {
			collection := string(card.id.Collection)
			groups = append(groups, groupView{ID: collection, Title: s.say(collection)})
		}
		last := &groups[len(groups)-1]
		last.Items = append(last.Items, s.item(card))
	}
	if len(groups) == 1 {
		groups[0].Title = text{}
	}
	return groups
}

func (s *sheet) item(c *card) itemView {
	item := itemView{link: s.cardLink(c), Kind: s.code("kind", c.kind)}
	switch c.id.Collection {
	case schema.Networks:
		item.Summary = s.text(c.summary)
		item.Status = s.membershipBadge(schema.Status(c.status))
	case schema.Activities:
		item.Status = s.activityBadge(c.status)
		for _, ref := range c.refs {
			if ref.as == asNetwork {
				item.Note = s.reference(ref.to).Text
			}
		}
	case schema.Organizations:
		if c.country != "" {
			item.Note = s.country(c.country)
		}
	}
	return item
}

func (s *sheet) pages(list string, page, count int) *pagesView {
	view := &pagesView{Label: s.say("pages").Body, Position: s.sayf("page-of", page, count)}
	if page > 1 {
		view.Previous = link{Text: s.say("page-previous"), URL: s.to(s.listPath(s.voice, list, page-1))}
	}
	if page < count {
		view.Next = link{Text: s.say("page-next"), URL: s.to(s.listPath(s.voice, list, page+1))}
	}
	return view
}
