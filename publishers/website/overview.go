package website

import (
	"slices"
	"strings"

	"netsync/publishers/markup"
	"netsync/schema"
)

// overviewView is the page that lists the networks.
type overviewView struct {
	Title  text
	Intro  prose
	Filter filterView
	Tiers  []tierView
	Former link
	Facets []facetView
	Browse text
}

// tierView is a group of networks. If it has a title, the names of its
// networks are subheadings.
type tierView struct {
	ID       string
	Title    text
	Lead     text
	Networks []entryView
	More     link // to the omitted networks
}

// entryView is a network on the overview.
type entryView struct {
	ID      string // of the element; no other id on the page begins with "n-"
	Name    text
	URL     string
	Badges  []link
	Status  *badge
	Logo    *image
	Since   text
	Summary text
	More    *moreView
	Links   []link // if there is no description
	Terms   string // what filters compare: purposes/advocacy topics/water
}

// moreView is the content of "More about …".
type moreView struct {
	Label       text
	Description prose
	Links       []link
	Page        link
}

func (b *build) renderOverview(l *locale) ([]byte, error) {
	p, m := b.newPageContext(l, b.overviewPath(l)), b.edition.Manifest
	tiers, err := p.tierViews()
	if err != nil {
		return nil, err
	}
	page := p.newPage(b.overviewPath)
	page.Title = l.localText(m.Title)
	page.Description = markup.Line(l.localText(m.Intro).Body)
	page.LinkedData = p.linkedOverview(page)
	view := overviewView{
		Title: page.Title, Intro: l.localProse(m.Intro), Tiers: tiers,
		Facets: p.facetViews(), Browse: p.labelText("browse-by"),
	}
	view.Filter = p.filterView(view.Facets)
	if former := len(b.catalog.lists[formerList]); former > 0 {
		view.Former = link{Text: p.labelText("former-networks"), URL: p.urlFor(p.listPath(l, formerList, 1)), Note: l.formatCount(former, false)}
	}
	page.Body = view
	p.showChangeset(page)
	return b.executeTemplate("overview.html", page)
}

// tierViews returns the key networks, the other networks, and the future ones,
// for which the manifest has no title.
func (p *pageContext) tierViews() ([]tierView, error) {
	sections := p.manifest.Sections
	key, member := sections["key"], sections["member"]
	var views []tierView
	for _, t := range []tierView{
		{ID: "key", Title: p.localText(key.Title), Lead: p.localText(key.Lead)},
		{ID: "member", Title: p.localText(member.Title), Lead: p.localText(member.Lead)},
		{ID: "upcoming", Title: p.labelText("upcoming-networks")},
	} {
		cards := p.catalog.lists["tier/"+t.ID]
		if more := len(cards) - p.limits.overview; more > 0 {
			cards = cards[:p.limits.overview]
			t.More = p.folderLink(string(schema.Networks))
			t.More.Text = p.formatLabel("more-networks", more)
		}
		for _, card := range cards {
			entry, err := p.networkEntry(card)
			if err != nil {
				return nil, err
			}
			t.Networks = append(t.Networks, entry)
		}
		if len(t.Networks) > 0 {
			views = append(views, t)
		}
	}
	return views, nil
}

// decodeNetwork decodes the network of a card.
func (b *build) decodeNetwork(c *card) (*schema.Network, error) {
	record, _ := b.edition.State.Get(c.id)
	n, err := schema.Decode[schema.Network](record)
	return &n, err
}

func (p *pageContext) networkEntry(card *card) (entryView, error) {
	n, err := p.decodeNetwork(card)
	if err != nil {
		return entryView{}, err
	}
	url := p.urlFor(p.recordPath(p.locale, card.id))
	name, short := p.networkHeading(n)
	entry := entryView{
		ID:      "n-" + n.ID,
		Name:    name,
		URL:     url,
		Badges:  p.termLinks("purposes", n.Purposes),
		Status:  p.membershipBadge(n.Membership.Status),
		Logo:    p.imageView(n.Logo),
		Summary: p.localText(n.Summary),
		Terms:   filterTerms(card),
	}
	if n.Membership.Since != "" {
		since := p.labelText("since")
		entry.Since = p.withLanguage(since.Body+" "+p.dateWords(n.Membership.Since), since.Lang)
	}
	if len(n.Description) == 0 {
		entry.Links = p.webLinks(n.Links)
		return entry, nil
	}
	entry.More = &moreView{
		Label:       p.formatLabel("more", short),
		Description: p.localProse(n.Description),
		Links:       p.webLinks(n.Links),
		Page:        link{Text: p.formatLabel("details", short), URL: url},
	}
	return entry, nil
}

// filterTerms returns a card's terms as filters compare them.
func filterTerms(c *card) string {
	var all []string
	for _, list := range c.listNames() {
		if vocabulary, _, ok := strings.Cut(list, "/"); ok && slices.Contains(vocabularies, vocabulary) {
			all = append(all, list)
		}
	}
	return strings.Join(all, " ")
}

// networkHeading returns a network's name with the acronym in brackets, and
// the short name to use in text. It omits an acronym that the name or the
// summary already explains.
func (l *locale) networkHeading(n *schema.Network) (name text, short string) {
	name = l.localText(n.Name)
	bracketed := "(" + n.Acronym + ")"
	if n.Acronym == "" || hasWord(name.Body, n.Acronym) || strings.Contains(l.localText(n.Summary).Body, bracketed) {
		return name, name.Body
	}
	name.Body += " " + bracketed
	return name, n.Acronym
}
