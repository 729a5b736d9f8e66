package website

import (
	"cmp"
	"slices"
	"strings"

	"netsync/schema"
)

// How many of each kind the picture shows; the lists have all of them.
const (
	maxPictureNetworks      = 24
	maxPictureOrganizations = 30
	maxPictureRegions       = 24
)

// connectionsView shows which networks and partners belong together, and where
// they work.
type connectionsView struct {
	Title   text
	Intro   text
	Picture *pictureView // nil where there is nothing to show
	Caption text
	Scroll  string // what the picture's frame is called
	Table   connectionsTable
	Omitted text
	More    []link
}

// connectionsTable says the same in words.
type connectionsTable struct {
	Title, Network, With, Where, Activities, None text
	Rows                                          []connectionsRow
}

// A connectionsRow is one network.
type connectionsRow struct {
	Network    link
	With       []link
	Where      []link
	Activities []link
}

// connected is a network with what it brings together.
type connected struct {
	card       *card
	with       []*card
	where      []string
	activities []*card
}

func (i *issue) connections(v *voice) ([]byte, error) {
	s := i.sheet(v, i.connectionsPath(v))
	all, omitted := i.connected()
	view := connectionsView{
		Title: s.say("connections"), Intro: s.say("connections-intro"),
		Caption: s.say("connections-caption"), Scroll: s.say("connections-scroll").Body,
		Picture: s.picture(all), Table: s.connectionsTable(all),
	}
	if omitted > 0 {
		view.Omitted = s.sayf("more-networks", omitted)
	}
	for _, name := range []string{"networks", "organizations", "regions"} {
		view.More = append(view.More, s.folder(name))
	}
	page := s.page(i.connectionsPath)
	page.Title, page.Description = view.Title, view.Intro.Body
	page.Crumbs = []link{s.home(), {Text: view.Title}}
	page.Body = view
	return i.execute("connections.html", page)
}

// connected gathers the networks that the institution is a member of, in the
// overview's order, and says how many there are beyond those.
func (i *issue) connected() (all []connected, omitted int) {
	cards := slices.Concat(i.catalog.lists["tier/key"], i.catalog.lists["tier/member"])
	if omitted = len(cards) - maxPictureNetworks; omitted > 0 {
		cards = cards[:maxPictureNetworks]
	}
	for _, c := range cards {
		all = append(all, i.connect(c))
	}
	return all, omitted
}

// connect gathers whom a network works with, itself and through its
// activities, and where. The institution is with all of them, so that saying
// it says nothing.
func (i *issue) connect(c *card) connected {
	found := connected{card: c, where: slices.Clone(c.regions)}
	with := func(refs []ref) {
		for _, ref := range refs {
			card := i.catalog.cards[ref.to]
			if card != nil && card.id != institution(i.edition.Manifest) &&
				card.id.Collection == schema.Organizations && !slices.Contains(found.with, card) {
				found.with = append(found.with, card)
			}
		}
	}
	with(c.refs)
	for _, m := range i.catalog.mentions(c.id) {
		if m.as != asNetwork {
			continue
		}
		activity := i.catalog.cards[m.by]
		found.activities = append(found.activities, activity)
		with(activity.refs)
		for _, region := range activity.regions {
			if !slices.Contains(found.where, region) {
				found.where = append(found.where, region)
			}
		}
	}
	slices.SortFunc(found.with, byName)
	return found
}

func (s *sheet) connectionsTable(all []connected) connectionsTable {
	table := connectionsTable{
		Title: s.say("connections-table"), Network: s.say("network"), With: s.say("connections-with"),
		Where: s.say("connections-where"), Activities: s.say("activities"), None: s.say("none"),
	}
	for _, c := range all {
		row := connectionsRow{Network: s.cardLink(c.card), Where: s.terms("regions", c.where)}
		for _, card := range c.with[:min(len(c.with), maxPictureOrganizations)] {
			row.With = append(row.With, s.cardLink(card))
		}
		for _, card := range c.activities[:min(len(c.activities), maxPictureOrganizations)] {
			row.Activities = append(row.Activities, s.cardLink(card))
		}
		table.Rows = append(table.Rows, row)
	}
	return table
}

// picture draws organizations on the left, networks in the middle and regions
// on the right.
func (s *sheet) picture(all []connected) *pictureView {
	var networks, organizations, regions column
	for n, c := range all {
		networks.add(node{key: c.card.id.String(), link: s.shortLink(c.card)})
		for _, card := range c.with {
			organizations.join(node{key: card.id.String(), link: s.shortLink(card)}, n)
		}
		for _, region := range c.where {
			regions.join(node{key: termList("regions", region), link: s.term("regions", region)}, n)
		}
	}
	organizations.arrange(maxPictureOrganizations)
	regions.arrange(maxPictureRegions)
	if len(organizations)+len(regions) == 0 {
		return nil
	}
	picture := draw(organizations, networks, regions)
	picture.Headings = []heading{
		{s.say("connections-with"), organizationsX, "end"}, {s.say("networks"), networksX, "middle"}, {s.say("connections-where"), regionsX, "start"},
	}
	return picture
}

// shortLink is a link by the acronym where the name is long.
func (s *sheet) shortLink(c *card) link {
	shown := s.cardLink(c)
	full := s.text(c.name)
	shown.Note = full
	if shown.Text = full; c.acronym != "" && len([]rune(full.Body)) > maxLabel {
		shown.Text = text{Body: c.acronym}
	}
	return shown
}

// A column is the nodes of one kind, from top to bottom.
type column []node

// node is something in the picture.
type node struct {
	key    string
	link   link
	joined []int // networks by their place
	y      int
}

func (c *column) add(n node) { *c = append(*c, n) }

// join adds a node, or another line to it.
func (c *column) join(n node, network int) {
	for at := range *c {
		if (*c)[at].key == n.key {
			(*c)[at].joined = append((*c)[at].joined, network)
			return
		}
	}
	n.joined = []int{network}
	c.add(n)
}

// arrange keeps those with the most lines, and puts each near the networks
// that it is joined to, so that few lines cross.
func (c *column) arrange(most int) {
	slices.SortStableFunc(*c, func(a, b node) int { return cmp.Compare(len(b.joined), len(a.joined)) })
	*c = (*c)[:min(most, len(*c))]
	slices.SortStableFunc(*c, func(a, b node) int {
		return cmp.Or(cmp.Compare(a.centre(), b.centre()), strings.Compare(a.key, b.key))
	})
}

func (n node) centre() float64 {
	sum := 0
	for _, at := range n.joined {
		sum += at
	}
	return float64(sum) / float64(max(1, len(n.joined)))
}
