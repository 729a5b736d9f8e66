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

// groupView is the records of one collection in a list.
type groupView struct {
	ID    string
	Title text // "" if there is only one
	Items []itemView
}

// itemView is a record in a list.
type itemView struct {
	link
	Kind    text
	Status  *badge
	Summary text
}

// pagesView links to the other pages of a list.
type pagesView struct {
	Label          string
	Position       text // Page 2 of 7
	Previous, Next link
}

// planList adds the stale pages of a list, and removes those beyond its end.
func (b *build) planList(all *plan, list string, stale *stalePages) {
	if !b.hasPages(list) {
		return
	}
	count := b.limits.pageCount(len(b.catalog.lists[list]))
	if stale.oldCount != count { // each page shows the count
		stale.fromPage = 1
	}
	for _, l := range b.locales {
		for page := 1; page <= count; page++ {
			if stale.isStale(page) {
				all.addPage(b.listPath(l, list, page), func() ([]byte, error) { return b.renderList(l, list, page) })
			}
		}
		for page := count + 1; page <= stale.oldCount; page++ {
			all.removePage(b.listPath(l, list, page))
		}
	}
}

// hasPages reports whether a list has pages of its own. The overview shows the
// tiers, except that of former networks.
func (b *build) hasPages(list string) bool {
	vocabulary, term, ok := splitListName(list)
	switch {
	case !ok: // a collection
		return true
	case vocabulary == "tier":
		return list == formerList
	}
	_, known := b.edition.Manifest.Vocabularies.Terms(vocabulary)[term]
	return known && schema.ValidID(term)
}

func (b *build) renderList(l *locale, list string, page int) ([]byte, error) {
	p := b.newPageContext(l, b.listPath(l, list, page))
	view := p.newListView(list)
	cards := b.catalog.lists[list]
	onPage := cards[min(len(cards), (page-1)*b.limits.listPage):min(len(cards), page*b.limits.listPage)]
	view.Groups = p.groupViews(onPage)
	if count := b.limits.pageCount(len(cards)); count > 1 {
		view.Pages = p.pagesView(list, page, count)
	}
	if len(cards) == 0 {
		view.None = p.labelText("list-none")
	}
	frame := p.newPage(func(l *locale) string { return b.listPath(l, list, page) })
	frame.Title, frame.Description = view.Title, view.Intro.Body
	frame.Crumbs = p.listCrumbs(list, view.Title)
	if view.Pages != nil {
		frame.Title.Body += " – " + view.Pages.Position.Body
	}
	frame.Body = view
	return b.executeTemplate("list.html", frame)
}

// newListView returns the view of a list without its items.
func (p *pageContext) newListView(list string) listView {
	vocabulary, term, ok := splitListName(list)
	switch {
	case !ok:
		return listView{Title: p.labelText("all." + list), Intro: p.labelText("intro." + list)}
	case list == formerList:
		return listView{Title: p.labelText("former-networks"), Intro: p.labelText("former-intro")}
	}
	label := p.termLabel(vocabulary, term)
	return listView{Kind: p.labelText("one." + vocabulary), Title: label, Intro: p.formatLabel("intro."+vocabulary, label.Body)}
}

func (p *pageContext) listCrumbs(list string, title text) []link {
	crumbs := []link{p.homeLink()}
	if vocabulary, _, ok := splitListName(list); ok && vocabulary != "tier" {
		crumbs = append(crumbs, p.folderLink(vocabulary))
	}
	return append(crumbs, link{Text: title})
}

// groupViews groups cards, which are sorted by collection. Groups have titles
// if there are several.
func (p *pageContext) groupViews(cards []*card) []groupView {
	var groups []groupView
	for n, card := range cards {
		if n == 0 || cards[n-1].id.Collection != card.id.Collection {
			collection := string(card.id.Collection)
			groups = append(groups, groupView{ID: collection, Title: p.labelText(collection)})
		}
		last := &groups[len(groups)-1]
		last.Items = append(last.Items, p.itemView(card))
	}
	if len(groups) == 1 {
		groups[0].Title = text{}
	}
	return groups
}

func (p *pageContext) itemView(c *card) itemView {
	item := itemView{link: p.cardLink(c), Kind: p.codeLabel("kind", c.kind)}
	switch c.id.Collection {
	case schema.Networks:
		item.Summary = p.localText(c.summary)
		item.Status = p.membershipBadge(schema.Status(c.status))
	case schema.Activities:
		item.Status = p.activityBadge(c.status)
		for _, ref := range c.refs {
			if ref.role == roleNetwork {
				item.Note = p.recordLink(ref.to).Text
			}
		}
	case schema.Organizations:
		if c.country != "" {
			item.Note = p.countryName(c.country)
		}
	}
	return item
}

func (p *pageContext) pagesView(list string, page, count int) *pagesView {
	view := &pagesView{Label: p.labelText("pages").Body, Position: p.formatLabel("page-of", page, count)}
	if page > 1 {
		view.Previous = link{Text: p.labelText("page-previous"), URL: p.urlFor(p.listPath(p.locale, list, page-1))}
	}
	if page < count {
		view.Next = link{Text: p.labelText("page-next"), URL: p.urlFor(p.listPath(p.locale, list, page+1))}
	}
	return view
}
