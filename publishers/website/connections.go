package website

import (
	"cmp"
	"slices"
	"strings"

	"netsync/schema"
)

// Limits of the picture; the lists have all records.
const (
	maxPictureNetworks      = 24
	maxPictureOrganizations = 30
	maxPictureRegions       = 24
)

// connectionsView shows which networks and partners work together, and where.
type connectionsView struct {
	Title   text
	Intro   text
	Picture *pictureView // nil if it would be empty
	Caption text
	Scroll  string // accessible name of the scrollable picture
	Table   connectionsTable
	Omitted text
	More    []link
}

// connectionsTable shows the same as a table.
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

// networkConnections is a network with its partners, regions and activities.
type networkConnections struct {
	card          *card
	organizations []*card
	regions       []string
	activities    []*card
}

func (b *build) renderConnections(l *locale) ([]byte, error) {
	p := b.newPageContext(l, b.connectionsPath(l))
	all, omitted := b.listConnections()
	view := connectionsView{
		Title: p.labelText("connections"), Intro: p.labelText("connections-intro"),
		Caption: p.labelText("connections-caption"), Scroll: p.labelText("connections-scroll").Body,
		Picture: p.pictureView(all), Table: p.connectionsTable(all),
	}
	if omitted > 0 {
		view.Omitted = p.formatLabel("more-networks", omitted)
	}
	for _, name := range []string{"networks", "organizations", "regions"} {
		view.More = append(view.More, p.folderLink(name))
	}
	page := p.newPage(b.connectionsPath)
	page.Title, page.Description = view.Title, view.Intro.Body
	page.Crumbs = []link{p.homeLink(), {Text: view.Title}}
	page.Body = view
	return b.executeTemplate("connections.html", page)
}

// listConnections returns the networks of which the institution is a member,
// in the overview's order. If omitted is positive, so many others are left out.
func (b *build) listConnections() (all []networkConnections, omitted int) {
	cards := slices.Concat(b.catalog.lists["tier/key"], b.catalog.lists["tier/member"])
	if omitted = len(cards) - maxPictureNetworks; omitted > 0 {
		cards = cards[:maxPictureNetworks]
	}
	for _, c := range cards {
		all = append(all, b.findConnections(c))
	}
	return all, omitted
}

// findConnections returns the partners and regions of a network, including
// those of its activities. It omits the institution, which is connected to all
// of them.
func (b *build) findConnections(c *card) networkConnections {
	found := networkConnections{card: c, regions: slices.Clone(c.regions)}
	addPartners := func(refs []ref) {
		for _, ref := range refs {
			card := b.catalog.cards[ref.to]
			if card != nil && card.id != institutionID(b.edition.Manifest) &&
				card.id.Collection == schema.Organizations && !slices.Contains(found.organizations, card) {
				found.organizations = append(found.organizations, card)
			}
		}
	}
	addPartners(c.refs)
	for _, m := range b.catalog.sortedMentions(c.id) {
		if m.role != roleNetwork {
			continue
		}
		activity := b.catalog.cards[m.by]
		found.activities = append(found.activities, activity)
		addPartners(activity.refs)
		for _, region := range activity.regions {
			if !slices.Contains(found.regions, region) {
				found.regions = append(found.regions, region)
			}
		}
	}
	slices.SortFunc(found.organizations, byName)
	return found
}

func (p *pageContext) connectionsTable(all []networkConnections) connectionsTable {
	table := connectionsTable{
		Title: p.labelText("connections-table"), Network: p.labelText("network"), With: p.labelText("connections-with"),
		Where: p.labelText("connections-where"), Activities: p.labelText("activities"), None: p.labelText("none"),
	}
	for _, c := range all {
		row := connectionsRow{Network: p.cardLink(c.card), Where: p.termLinks("regions", c.regions)}
		for _, card := range c.organizations[:min(len(c.organizations), maxPictureOrganizations)] {
			row.With = append(row.With, p.cardLink(card))
		}
		for _, card := range c.activities[:min(len(c.activities), maxPictureOrganizations)] {
			row.Activities = append(row.Activities, p.cardLink(card))
		}
		table.Rows = append(table.Rows, row)
	}
	return table
}

// pictureView draws organizations on the left, networks in the middle and
// regions on the right. It returns nil if the picture would be empty.
func (p *pageContext) pictureView(all []networkConnections) *pictureView {
	var networks, organizations, regions column
	for n, c := range all {
		networks.add(node{key: c.card.id.String(), link: p.shortLink(c.card)})
		for _, card := range c.organizations {
			organizations.addConnection(node{key: card.id.String(), link: p.shortLink(card)}, n)
		}
		for _, region := range c.regions {
			regions.addConnection(node{key: termList("regions", region), link: p.termLink("regions", region)}, n)
		}
	}
	organizations.sortNodes(maxPictureOrganizations)
	regions.sortNodes(maxPictureRegions)
	if len(organizations)+len(regions) == 0 {
		return nil
	}
	picture := drawPicture(organizations, networks, regions)
	picture.Headings = []heading{
		{p.labelText("connections-with"), organizationsX, "end"}, {p.labelText("networks"), networksX, "middle"}, {p.labelText("connections-where"), regionsX, "start"},
	}
	return picture
}

// shortLink returns a link named by the acronym if the name is long.
func (p *pageContext) shortLink(c *card) link {
	result := p.cardLink(c)
	full := p.localText(c.name)
	result.Note = full
	if result.Text = full; c.acronym != "" && len([]rune(full.Body)) > maxLabel {
		result.Text = text{Body: c.acronym}
	}
	return result
}

// A column is the nodes of one kind, from top to bottom.
type column []node

// A node is a network, an organization or a region in the picture.
type node struct {
	key      string
	link     link
	networks []int // indexes of connected networks
	y        int
}

func (c *column) add(n node) { *c = append(*c, n) }

// addConnection connects a node with a network, adding the node if needed.
func (c *column) addConnection(n node, network int) {
	for at := range *c {
		if (*c)[at].key == n.key {
			(*c)[at].networks = append((*c)[at].networks, network)
			return
		}
	}
	n.networks = []int{network}
	c.add(n)
}

// sortNodes keeps the nodes with the most connections, and sorts them by the
// mean position of their networks, so that few lines cross.
func (c *column) sortNodes(most int) {
	slices.SortStableFunc(*c, func(a, b node) int { return cmp.Compare(len(b.networks), len(a.networks)) })
	*c = (*c)[:min(most, len(*c))]
	slices.SortStableFunc(*c, func(a, b node) int {
		return cmp.Or(cmp.Compare(a.meanPosition(), b.meanPosition()), strings.Compare(a.key, b.key))
	})
}

func (n node) meanPosition() float64 {
	sum := 0
	for _, at := range n.networks {
		sum += at
	}
	return float64(sum) / float64(max(1, len(n.networks)))
}
