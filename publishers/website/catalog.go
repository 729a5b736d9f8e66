package website

import (
	"cmp"
	"slices"
	"strings"

	"netsync/schema"
)

// A catalog is a state decoded, with who refers to whom.
type catalog struct {
	manifest *schema.Manifest
	records  []schema.Record // sorted by collection and id

	networks      map[string]*schema.Network
	organizations map[string]*schema.Organization
	activities    map[string]*schema.Activity

	// activitiesOf lists the ids of a network's activities.
	activitiesOf map[string][]string
	// mentions lists who mentions an organization.
	mentions map[string][]mention
}

// A mention is one reference to an organization. As is the label that says what
// it is there: as.partner, or of the institution, role.member.
type mention struct {
	by schema.RecordID
	as string
}

func newCatalog(m *schema.Manifest, state *schema.State) (*catalog, error) {
	c := &catalog{
		manifest:      m,
		records:       state.Sorted(""),
		networks:      make(map[string]*schema.Network),
		organizations: make(map[string]*schema.Organization),
		activities:    make(map[string]*schema.Activity),
		activitiesOf:  make(map[string][]string),
		mentions:      make(map[string][]mention),
	}
	for _, r := range c.records {
		if err := c.add(r); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (c *catalog) add(r schema.Record) error {
	switch r.ID.Collection {
	case schema.Networks:
		return decodeInto(c.networks, r, c.indexNetwork)
	case schema.Organizations:
		return decodeInto(c.organizations, r, func(schema.RecordID, *schema.Organization) {})
	default:
		return decodeInto(c.activities, r, c.indexActivity)
	}
}

func decodeInto[T schema.Network | schema.Organization | schema.Activity](
	all map[string]*T, r schema.Record, index func(schema.RecordID, *T)) error {
	v, err := schema.Decode[T](r)
	if err != nil {
		return err
	}
	all[r.ID.ID] = &v
	index(r.ID, &v)
	return nil
}

func (c *catalog) indexNetwork(id schema.RecordID, n *schema.Network) {
	c.mention(c.manifest.Institution, id, membershipWord(n.Membership))
	for _, partner := range n.Partners {
		c.mention(partner, id, "as.partner")
	}
	if n.Members != nil {
		for _, member := range n.Members.Organizations {
			c.mention(member, id, "as.member")
		}
	}
	for _, s := range n.Standing {
		c.mention(s.With, id, "as.standing")
	}
}

// membershipWord names the role of a member; of one that is not, why not.
func membershipWord(m schema.Membership) string {
	if m.Status == schema.Former || m.Status == schema.Upcoming {
		return "status." + string(m.Status)
	}
	return "role." + m.Role
}

func (c *catalog) indexActivity(id schema.RecordID, a *schema.Activity) {
	c.activitiesOf[a.Network] = append(c.activitiesOf[a.Network], id.ID)
	for _, partner := range a.Partners {
		c.mention(partner, id, "as.partner")
	}
}

func (c *catalog) mention(organization string, by schema.RecordID, as string) {
	m := mention{by, as}
	if all := c.mentions[organization]; organization != "" && !slices.Contains(all[max(0, len(all)-4):], m) {
		c.mentions[organization] = append(all, m)
	}
}

// tier lists a tier's networks of a membership status, by order, name and id.
// An empty tier stands for both.
func (c *catalog) tier(tier string, status schema.Status) []*schema.Network {
	var all []*schema.Network
	for _, n := range c.networks {
		if (tier == "" || n.Tier == tier) && cmp.Or(n.Membership.Status, schema.Current) == status {
			all = append(all, n)
		}
	}
	slices.SortFunc(all, c.compareNetworks)
	return all
}

// compareNetworks puts networks without an order behind those with one.
func (c *catalog) compareNetworks(a, b *schema.Network) int {
	if (a.Order == nil) != (b.Order == nil) {
		if a.Order != nil {
			return -1
		}
		return 1
	}
	if a.Order != nil && *a.Order != *b.Order {
		return cmp.Compare(*a.Order, *b.Order)
	}
	return cmp.Or(cmp.Compare(c.sortName(a), c.sortName(b)), cmp.Compare(a.ID, b.ID))
}

// sortName is the name in the default language, so that all languages have the
// same order.
func (c *catalog) sortName(n *schema.Network) string {
	name, _ := n.Name.In(c.manifest.DefaultLanguage())
	return strings.ToLower(strings.TrimPrefix(name, "The "))
}

// name returns a record's name and acronym; its id where there is no such
// record, and ok is false then.
func (c *catalog) name(id schema.RecordID) (name schema.Text, acronym string, ok bool) {
	switch id.Collection {
	case schema.Networks:
		if n := c.networks[id.ID]; n != nil {
			return n.Name, n.Acronym, true
		}
	case schema.Organizations:
		if o := c.organizations[id.ID]; o != nil {
			return o.Name, o.Acronym, true
		}
	case schema.Activities:
		if a := c.activities[id.ID]; a != nil {
			return a.Name, a.Acronym, true
		}
	}
	return schema.Text{c.manifest.DefaultLanguage(): id.ID}, "", false
}

func (c *catalog) has(id schema.RecordID) bool {
	_, _, ok := c.name(id)
	return ok
}

// aliases returns the old ids of a record.
func (c *catalog) aliases(id schema.RecordID) []string {
	switch id.Collection {
	case schema.Networks:
		return c.networks[id.ID].Aliases
	case schema.Organizations:
		return c.organizations[id.ID].Aliases
	default:
		return c.activities[id.ID].Aliases
	}
}
