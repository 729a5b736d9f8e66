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

// tierView is a group of networks. Where it has a title, the networks' names
// are headings below it.
type tierView struct {
	ID       string
	Title    text
	Lead     text
	Networks []entryView
	More     link // to those that are not shown here
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
	Links   []link // where there is nothing more to say
	Terms   string // what filters compare: purposes/advocacy topics/water
}

// moreView is what opens behind "More about …".
type moreView struct {
	Label       text
	Description prose
	Links       []link
	Page        link
}

func (i *issue) overview(v *voice) ([]byte, error) {
	s, m := i.sheet(v, i.overviewPath(v)), i.edition.Manifest
	tiers, err := s.tiers()
	if err != nil {
		return nil, err
	}
	page := s.page(i.overviewPath)
	page.Title = v.text(m.Title)
	page.Description = markup.Line(v.text(m.Intro).Body)
	page.LinkedData = s.linkedOverview(page)
	view := overviewView{
		Title: page.Title, Intro: v.prose(m.Intro), Tiers: tiers,
		Facets: s.facets(), Browse: s.say("browse-by"),
	}
	view.Filter = s.filter(view.Facets)
	if former := len(i.catalog.lists[formerList]); former > 0 {
		view.Former = link{Text: s.say("former-networks"), URL: s.to(s.listPath(v, formerList, 1)), Note: v.count(former, false)}
	}
	page.Body = view
	s.showChangeset(page)
	return i.execute("overview.html", page)
}

// tiers are the key networks, the others, and those that the institution will
// be a member of, which the manifest's lead-ins do not speak of.
func (s *sheet) tiers() ([]tierView, error) {
	sections := s.manifest.Sections
	key, member := sections["key"], sections["member"]
	var shown []tierView
	for _, t := range []tierView{
		{ID: "key", Title: s.text(key.Title), Lead: s.text(key.Lead)},
		{ID: "member", Title: s.text(member.Title), Lead: s.text(member.Lead)},
		{ID: "upcoming", Title: s.say("upcoming-networks")},
	} {
		cards := s.catalog.lists["tier/"+t.ID]
		if more := len(cards) - s.limits.overview; more > 0 {
			cards = cards[:s.limits.overview]
			t.More = s.folder(string(schema.Networks))
			t.More.Text = s.sayf("more-networks", more)
		}
		for _, card := range cards {
			entry, err := s.entry(card)
			if err != nil {
				return nil, err
			}
			t.Networks = append(t.Networks, entry)
		}
		if len(t.Networks) > 0 {
			shown = append(shown, t)
		}
	}
	return shown, nil
}

// networkOf decodes the network that a card stands for.
func (i *issue) networkOf(c *card) (*schema.Network, error) {
	record, _ := i.edition.State.Get(c.id)
	n, err := schema.Decode[schema.Network](record)
	return &n, err
}

func (s *sheet) entry(card *card) (entryView, error) {
	n, err := s.networkOf(card)
	if err != nil {
		return entryView{}, err
	}
	url := s.to(s.recordPath(s.voice, card.id))
	name, short := s.heading(n)
	entry := entryView{
		ID:      "n-" + n.ID,
		Name:    name,
		URL:     url,
		Badges:  s.terms("purposes", n.Purposes),
		Status:  s.membershipBadge(n.Membership.Status),
		Logo:    s.image(n.Logo),
		Summary: s.text(n.Summary),
		Terms:   termsOf(card),
	}
	if n.Membership.Since != "" {
		since := s.say("since")
		entry.Since = s.foreign(since.Body+" "+s.dateWords(n.Membership.Since), since.Lang)
	}
	if len(n.Description) == 0 {
		entry.Links = s.links(n.Links)
		return entry, nil
	}
	entry.More = &moreView{
		Label:       s.sayf("more", short),
		Description: s.prose(n.Description),
		Links:       s.links(n.Links),
		Page:        link{Text: s.sayf("details", short), URL: url},
	}
	return entry, nil
}

// termsOf lists a card's terms as filters compare them.
func termsOf(c *card) string {
	var all []string
	for _, list := range c.lists() {
		if vocabulary, _, ok := strings.Cut(list, "/"); ok && slices.Contains(vocabularies, vocabulary) {
			all = append(all, list)
		}
	}
	return strings.Join(all, " ")
}

// heading is a network's name with the acronym in brackets, and the shorter
// form by which the text goes on to speak of it. An acronym that the name or
// the summary explains already is not put in brackets once more.
func (v *voice) heading(n *schema.Network) (name text, short string) {
	name = v.text(n.Name)
	bracketed := "(" + n.Acronym + ")"
	if n.Acronym == "" || hasWord(name.Body, n.Acronym) || strings.Contains(v.text(n.Summary).Body, bracketed) {
		return name, name.Body
	}
	name.Body += " " + bracketed
	return name, n.Acronym
}
