package website

import (
	"cmp"
	"fmt"
	"math"
	"strings"

	"netsync/schema"
)

// A card holds what pages of other records, and lists, show of a record. The
// record itself is decoded when its page is rendered.
type card struct {
	id       schema.RecordID
	digest   schema.Digest
	size     int // of its JSON, in bytes
	name     schema.Text
	acronym  string
	summary  schema.Text // of a network
	kind     string
	status   string // of a membership or an activity
	tier     string // of a network
	order    int    // of a network; math.MaxInt if it has none
	country  string // ISO 3166-1 alpha-2
	purposes []string
	topics   []string
	regions  []string
	aliases  []string
	logo     *schema.Logo
	refs     []ref
	sortName string // the name by which lists are sorted, the same in all languages
}

// A ref is a reference to another record. The role is the key of its label,
// such as as.partner, or role.member for the institution, or one of the
// constants below.
type ref struct {
	to   schema.RecordID
	role string
}

// Roles without a label.
const (
	roleNetwork   = "network"   // the network of an activity
	roleSuccessor = "successor" // the successor of a network that was left
)

func newCard(m *schema.Manifest, r schema.Record) (*card, error) {
	c := &card{id: r.ID, digest: r.Digest, size: len(r.JSON), order: math.MaxInt}
	if err := c.fillFields(m, r); err != nil {
		return nil, err
	}
	name, _ := c.name.In(m.DefaultLanguage())
	c.sortName = strings.ToLower(strings.TrimPrefix(name, "The "))
	return c, nil
}

func (c *card) fillFields(m *schema.Manifest, r schema.Record) error {
	value, err := decodeBrief(r)
	if err != nil {
		return err
	}
	switch v := value.(type) {
	case *schema.Network:
		c.fillNetwork(m, v)
	case *schema.Organization:
		c.name, c.acronym, c.kind, c.country, c.aliases, c.logo = v.Name, v.Acronym, v.Kind, v.Country, v.Aliases, v.Logo
	case *schema.Activity:
		c.fillActivity(v)
	}
	return nil
}

func (c *card) fillNetwork(m *schema.Manifest, n *schema.Network) {
	c.name, c.summary = n.Name, n.Summary
	c.acronym, c.kind, c.tier, c.aliases, c.logo = n.Acronym, n.Kind, n.Tier, n.Aliases, n.Logo
	c.status = string(cmp.Or(n.Membership.Status, schema.Current))
	c.purposes, c.topics, c.regions = n.Purposes, n.Topics, n.Regions
	if n.Order != nil {
		c.order = *n.Order
	}
	c.addRef(schema.Organizations, m.Institution, membershipRole(n.Membership))
	c.addRef(schema.Networks, n.Membership.Successor, roleSuccessor)
	for _, partner := range n.Partners {
		c.addRef(schema.Organizations, partner, "as.partner")
	}
	if n.Members != nil {
		for _, member := range n.Members.Organizations {
			c.addRef(schema.Organizations, member, "as.member")
		}
	}
	for _, s := range n.Standing {
		c.addRef(schema.Organizations, s.With, "as.standing")
	}
}

func (c *card) fillActivity(a *schema.Activity) {
	c.name, c.acronym, c.kind, c.status, c.aliases, c.logo = a.Name, a.Acronym, a.Kind, a.Status, a.Aliases, a.Logo
	c.topics, c.regions = a.Topics, a.Regions
	if a.Place != nil {
		c.country = a.Place.Country
	}
	c.addRef(schema.Networks, a.Network, roleNetwork)
	for _, partner := range a.Partners {
		c.addRef(schema.Organizations, partner, "as.partner")
	}
}

func (c *card) addRef(collection schema.Collection, id, as string) {
	if id != "" {
		c.refs = append(c.refs, ref{schema.RecordID{Collection: collection, ID: id}, as})
	}
}

// membershipRole returns the key of the label for a member's role, or for the
// status of a former or future member.
func membershipRole(m schema.Membership) string {
	if m.Status == schema.Former || m.Status == schema.Upcoming {
		return "status." + string(m.Status)
	}
	return "role." + m.Role
}

// listNames returns the names of the lists that contain the card.
func (c *card) listNames() []string {
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

// termList returns the name of the list of records with a vocabulary's term.
func termList(vocabulary, term string) string { return vocabulary + "/" + term }

// partList returns the name of the list of a collection's records in a bucket
// of the state's digest.
func partList(c schema.Collection, bucket int) string { return fmt.Sprintf("part/%s/%02x", c, bucket) }

// tierList returns the name of the list of networks in a tier. Networks whose
// membership is not current are listed by status instead.
func tierList(tier, status string) string {
	if status != string(schema.Current) {
		return "tier/" + status
	}
	return "tier/" + tier
}
