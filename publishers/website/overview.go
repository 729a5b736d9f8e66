package website

import (
	"strings"

	"netsync/publishers/markup"
	"netsync/schema"
)

// overviewView is the page that lists the networks.
type overviewView struct {
	Title text
	Intro prose
	Tiers []tierView
}

// tierView is a group of networks. Where it has a title, the networks' names
// are headings below it.
type tierView struct {
	ID       string
	Title    text
	Lead     text
	Networks []entryView
}

// entryView is a network on the overview.
type entryView struct {
	ID      string // of the element; no other id on the page begins with "n-"
	Name    text
	URL     string
	Badges  []text
	Status  *badge
	Since   text
	Summary text
	More    *moreView
	Links   []link // where there is nothing more to say
}

// moreView is what opens behind "More about …".
type moreView struct {
	Label       text
	Description prose
	Links       []link
	Page        link
}

func (i *issue) overview(v *voice) ([]byte, error) {
	m := i.edition.Manifest
	page := i.page(v, i.overviewPath)
	page.Title = v.text(m.Title)
	page.Description = markup.Line(v.text(m.Intro).Body)
	page.Body = overviewView{Title: page.Title, Intro: v.prose(m.Intro), Tiers: i.tiers(v)}
	i.showChangeset(&page, v)
	return i.execute("overview.html", page)
}

// tiers are the key networks, the others, and those whose membership is not
// current, which the manifest's lead-ins do not speak of.
func (i *issue) tiers(v *voice) []tierView {
	sections := i.edition.Manifest.Sections
	key, member := sections["key"], sections["member"]
	all := []tierView{
		i.tier(v, tierView{ID: "key", Title: v.text(key.Title), Lead: v.text(key.Lead)},
			i.catalog.tier("key", schema.Current)),
		i.tier(v, tierView{ID: "member", Title: v.text(member.Title), Lead: v.text(member.Lead)},
			i.catalog.tier("member", schema.Current)),
		i.tier(v, tierView{ID: "upcoming", Title: v.say("upcoming-networks")}, i.catalog.tier("", schema.Upcoming)),
		i.tier(v, tierView{ID: "former", Title: v.say("former-networks")}, i.catalog.tier("", schema.Former)),
	}
	var shown []tierView
	for _, t := range all {
		if len(t.Networks) > 0 {
			shown = append(shown, t)
		}
	}
	return shown
}

func (i *issue) tier(v *voice, t tierView, networks []*schema.Network) tierView {
	for _, n := range networks {
		t.Networks = append(t.Networks, i.entry(v, n))
	}
	return t
}

func (i *issue) entry(v *voice, n *schema.Network) entryView {
	url := i.addresses.local(i.recordPath(v, schema.RecordID{Collection: schema.Networks, ID: n.ID}))
	name, short := v.heading(n)
	entry := entryView{
		ID:      "n-" + n.ID,
		Name:    name,
		URL:     url,
		Badges:  v.terms(i.edition.Manifest.Vocabularies.Purposes, n.Purposes),
		Status:  v.membershipBadge(n.Membership.Status),
		Summary: v.text(n.Summary),
	}
	if n.Membership.Since != "" {
		since := v.say("since")
		entry.Since = v.foreign(since.Body+" "+v.dateWords(n.Membership.Since), since.Lang)
	}
	if len(n.Description) == 0 {
		entry.Links = v.links(n.Links)
		return entry
	}
	entry.More = &moreView{
		Label:       v.sayf("more", short),
		Description: v.prose(n.Description),
		Links:       v.links(n.Links),
		Page:        link{Text: v.sayf("details", short), URL: url},
	}
	return entry
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
