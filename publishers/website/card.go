package website

import (
	"cmp"
	"fmt"
	"math"
	"strings"

	"netsync/schema"
)

// A card is what pages other than a record's own show of it. The records
// themselves are decoded when their pages are made.
type card struct {
	id       schema.RecordID
	digest   schema.Digest
	size     int // of its JSON
	name     schema.Text
	acronym  string
	summary  schema.Text // of a network
	kind     string
	status   string // of a membership or an activity
	tier     string // of a network
	order    int    // of a network; math.MaxInt where it has none
	country  string // ISO 3166-1 alpha-2
	purposes []string
	topics   []string
	regions  []string
	aliases  []string
	logo     *schema.Logo
	refs     []ref
	sort     string // the name by which lists are sorted, in all languages alike
}

// A ref is one reference to another record. As is the label that says what
// that is: as.partner, or of the institution, role.member.
type ref struct {
	to schema.RecordID
	as string
}

// What records are to one another beyond what labels say.
const (
	asNetwork   = "network"   // where an activity is run
	asSuccessor = "successor" // of a network that was left
)

func newCard(m *schema.Manifest, r schema.Record) (*card, error) {
	c := &card{id: r.ID, digest: r.Digest, size: len(r.JSON), order: math.MaxInt}
	if err := c.fill(m, r); err != nil {
		return nil, err
	}
	name, _ := c.name.In(m.DefaultLanguage())
	c.sort = strings.ToLower(strings.TrimPrefix(name, "The "))
	return c, nil
}

func (c *card) fill(m *schema.Manifest, r schema.Record) error {
	value, err := briefly(r)
	if err != nil {
		return err
	}
	switch v := value.(type) {
	case *schema.Network:
		c.ofNetwork(m, v)
	case *schema.Organization:
		c.name, c.acronym, c.kind, c.country, c.aliases, c.logo = v.Name, v.Acronym, v.Kind, v.Country, v.Aliases, v.Logo
	case *schema.Activity:
		c.ofActivity(v)
	}
	return nil
}

func (c *card) ofNetwork(m *schema.Manifest, n *schema.Network) {
	c.name, c.summary = n.Name, n.Summary
	c.acronym, c.kind, c.tier, c.aliases, c.logo = n.Acronym, n.Kind, n.Tier, n.Aliases, n.Logo
	c.status = string(cmp.Or(n.Membership.Status, schema.Current))
	c.purposes, c.topics, c.regions = n.Purposes, n.Topics, n.Regions
	if n.Order != nil {
		c.order = *n.Order
	}
	c.refer(schema.Organizations, m.Institution, membershipWord(n.Membership))
	c.refer(schema.Networks, n.Membership.Successor, asSuccessor)
	for _, partner := range n.Partners {
		c.refer(schema.Organizations, partner, "as.partner")
	}
	if n.Members != nil {
		for _, member := range n.Members.Organizations {
			c.refer(schema.Organizations, member, "as.member")
		}
	}
	for _, s := range n.Standing {
		c.refer(schema.Organizations, s.With, "as.standing")
	}
}

func (c *card) ofActivity(a *schema.Activity) {
	c.name, c.acronym, c.kind, c.status, c.aliases, c.logo = a.Name, a.Acronym, a.Kind, a.Status, a.Aliases, a.Logo
	c.topics, c.regions = a.Topics, a.Regions
	if a.Place != nil {
		c.country = a.Place.Country
	}
	c.refer(schema.Networks, a.Network, asNetwork)
	for _, partner := range a.Partners {
		c.refer(schema.Organizations, partner, "as.partner")
	}
}

func (c *card) refer(collection schema.Collection, id, as string) {
	if id != "" {
		c.refs = append(c.refs, ref{schema.RecordID{Collection: collection, ID: id}, as})
	}
}

// membershipWord names the role of a member; of one that is not, why not.
func membershipWord(m schema.Membership) string {
	if m.Status == schema.Former || m.Status == schema.Upcoming {
		return "status." + string(m.Status)
	}
	return "role." + m.Role
}

// lists names the lists that a card stands in.
func (c *card) lists() []string {
	all := []string{string(c.id.Collection), partList(c.id.Collection, schema.BucketOf(c.id))}
	for _, term := range c.purposes {
		all = append(all, termList("purposes", term))
	}
	for _, term := range c.topics {
		all = append(all, termList("topics", term))
	}
	for _, term := range c.regions {
		all = append(all, termList("regions", term))
	}
	if c.id.Collection == schema.Networks {
		all = append(all, tierList(c.tier, c.status))
	}
	return all
}

// termList names the list of those that have a vocabulary's term.
func termList(vocabulary, term string) string { return vocabulary + "/" + term }

// partList names the list of a collection's records in a bucket of the state's
// digest.
func partList(c schema.Collection, bucket int) string { return fmt.Sprintf("part/%s/%02x", c, bucket) }

// tierList names the list of networks in a tier; those whose membership is not
// current stand apart, whatever their tier.
func tierList(tier, status string) string {
	if status != string(schema.Current) {
		return "tier/" + status
	}
	return "tier/" + tier
}
