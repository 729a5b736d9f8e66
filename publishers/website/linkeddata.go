package website

import (
	"strings"

	"netsync/schema"
)

const schemaOrg = "https://schema.org"

// linkedData describes a record in the vocabulary of schema.org, as JSON-LD.
// html/template encodes it safely.
type linkedData struct {
	Context         string         `json:"@context,omitempty"`
	Type            string         `json:"@type"`
	ID              string         `json:"@id,omitempty"`
	Name            string         `json:"name"`
	AlternateName   string         `json:"alternateName,omitempty"`
	Description     string         `json:"description,omitempty"`
	URL             string         `json:"url,omitempty"`
	FoundingDate    string         `json:"foundingDate,omitempty"`
	DissolutionDate string         `json:"dissolutionDate,omitempty"`
	Logo            string         `json:"logo,omitempty"`
	Address         *linkedAddress `json:"address,omitempty"`
	SameAs          []string       `json:"sameAs,omitempty"`
	MemberOf        []linkedName   `json:"memberOf,omitempty"`
	Member          []linkedName   `json:"member,omitempty"`
	Parent          *linkedName    `json:"parentOrganization,omitempty"`
}

// linkedAddress is a schema.org PostalAddress.
type linkedAddress struct {
	Type     string `json:"@type"`
	Locality string `json:"addressLocality,omitempty"`
	Country  string `json:"addressCountry,omitempty"` // ISO 3166-1 alpha-2
}

// linkedName names a related record.
type linkedName struct {
	Type string `json:"@type"`
	ID   string `json:"@id,omitempty"`
	Name string `json:"name"`
}

// maxLinked limits the related records that a record names. The data files
// have all of them.
const maxLinked = 100

// linkedRecord describes a record for a file of many records.
func (p *pageContext) linkedRecord(r *briefRecord) (data linkedData, err error) {
	value, err := r.decode()
	if err != nil {
		return data, err
	}
	var summary schema.Text
	switch v := value.(type) {
	case *schema.Network:
		data, summary = p.linkedNetwork(v), v.Summary
	case *schema.Organization:
		data, summary = p.linkedOrganization(v), v.Summary
	case *schema.Activity:
		data, summary = p.linkedActivity(v), v.Summary
	}
	data.ID, data.Description = p.linkedID(r.ID), p.localText(summary).Body
	return data, nil
}

func (p *pageContext) linkedNetwork(n *schema.Network) linkedData {
	data := p.newLinkedData("Organization", n.Name, n.Acronym, n.Links, n.Identifiers, n.Logo)
	data.FoundingDate = isoDate(n.Founded)
	if n.Membership.Status == schema.Current || n.Membership.Status == "" {
		data.addMember(p, p.manifest.Institution)
	}
	if n.Members != nil {
		for _, id := range n.Members.Organizations {
			data.addMember(p, id)
		}
	}
	return data
}

func (d *linkedData) addMember(p *pageContext, organization string) {
	if card := p.catalog.cards[schema.RecordID{Collection: schema.Organizations, ID: organization}]; card != nil && len(d.Member) < maxLinked {
		if name := p.linkedName(card); !containsName(d.Member, name) {
			d.Member = append(d.Member, name)
		}
	}
}

func containsName(all []linkedName, name linkedName) bool {
	for _, one := range all {
		if one == name {
			return true
		}
	}
	return false
}

func (p *pageContext) linkedOrganization(o *schema.Organization) linkedData {
	data := p.newLinkedData(organizationType(o.Kind), o.Name, o.Acronym, o.Links, o.Identifiers, o.Logo)
	data.Address = linkedPlace(p.localText(o.City).Body, o.Country)
	data.MemberOf = p.listMemberships(schema.RecordID{Collection: schema.Organizations, ID: o.ID})
	return data
}

// listMemberships returns the networks of which an organization is a member today.
func (p *pageContext) listMemberships(id schema.RecordID) []linkedName {
	var all []linkedName
	for _, m := range p.catalog.sortedMentions(id) {
		card := p.catalog.cards[m.by]
		current := m.role == "as.member" || strings.HasPrefix(m.role, "role.")
		if current && card.id.Collection == schema.Networks && len(all) < maxLinked {
			if name := p.linkedName(card); !containsName(all, name) {
				all = append(all, name)
			}
		}
	}
	return all
}

func (p *pageContext) linkedActivity(a *schema.Activity) linkedData {
	data := p.newLinkedData("Project", a.Name, a.Acronym, a.Links, schema.Identifiers{}, a.Logo)
	data.FoundingDate, data.DissolutionDate = isoDate(a.Starts), isoDate(a.Ends)
	if a.Place != nil {
		data.Address = linkedPlace(p.localText(a.Place.City).Body, a.Place.Country)
	}
	if card := p.catalog.cards[schema.RecordID{Collection: schema.Networks, ID: a.Network}]; card != nil {
		parent := p.linkedName(card)
		data.Parent = &parent
	}
	return data
}

func linkedPlace(city, country string) *linkedAddress {
	if city == "" && country == "" {
		return nil
	}
	return &linkedAddress{"PostalAddress", city, country}
}

func organizationType(kind string) string {
	switch kind {
	case "university":
		return "CollegeOrUniversity"
	case "government":
		return "GovernmentOrganization"
	case "company":
		return "Corporation"
	case "research-institute":
		return "ResearchOrganization"
	}
	return "Organization"
}

func (p *pageContext) linkedName(c *card) linkedName {
	kind := "Organization"
	if c.id.Collection == schema.Organizations {
		kind = organizationType(c.kind)
	}
	return linkedName{kind, p.linkedID(c.id), p.localText(c.name).Body}
}

// linkedID returns the address of a record's page in the default language,
// which identifies the record in all languages; "" if the host is unknown.
func (p *pageContext) linkedID(id schema.RecordID) string {
	return p.addresses.absoluteURL(p.recordPath(p.locales[0], id))
}

func (p *pageContext) newLinkedData(kind string, name schema.Text, acronym string, links []schema.Link, ids schema.Identifiers, logo *schema.Logo) linkedData {
	data := linkedData{Type: kind, Name: p.localText(name).Body, AlternateName: acronym}
	if logo != nil {
		data.Logo = p.addresses.absoluteURL("/" + imageFile(logo))
	}
	for _, l := range links {
		if l.Rel == "homepage" && data.URL == "" {
			data.URL = webURL(l.URL)
		}
	}
	for _, known := range p.identifierFacts(ids) {
		for _, value := range known.Values {
			if value.URL != "" {
				data.SameAs = append(data.SameAs, value.URL)
			}
		}
	}
	return data
}

// isoDate returns an EDTF date that is also valid in ISO 8601, or "".
func isoDate(s string) string {
	if _, err := schema.ParseDay(s); err == nil || isYear(s) {
		return s
	}
	return ""
}

func isYear(s string) bool { return len(s) == 4 && strings.Trim(s, "0123456789") == "" }

func (d linkedData) asDocument(id, description string) *linkedData {
	d.Context, d.ID, d.Description = schemaOrg, id, description
	return &d
}

// linkedOverview describes the institution and its memberships.
func (p *pageContext) linkedOverview(page *pageView) any {
	record, ok := p.edition.State.Get(institutionID(p.manifest))
	if !ok {
		return nil
	}
	o, err := schema.Decode[schema.Organization](record)
	if err != nil {
		return nil
	}
	return p.linkedOrganization(&o).asDocument(p.linkedID(record.ID), page.ShortDescription())
}
