package website

import (
	"strings"

	"netsync/schema"
)

const schemaOrg = "https://schema.org"

// linkedData describes a record in the vocabulary of schema.org, as JSON-LD.
// html/template encodes it, so that it cannot end its element.
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

// linkedName is another record, as far as this one needs to name it.
type linkedName struct {
	Type string `json:"@type"`
	ID   string `json:"@id,omitempty"`
	Name string `json:"name"`
}

// maxLinked is how many others a record names. All of them stand in the data
// files.
const maxLinked = 100

// linkedRecord describes a record, for files that hold many.
func (s *sheet) linkedRecord(r *brief) (data linkedData, err error) {
	value, err := r.decoded()
	if err != nil {
		return data, err
	}
	var summary schema.Text
	switch v := value.(type) {
	case *schema.Network:
		data, summary = s.linkedNetwork(v), v.Summary
	case *schema.Organization:
		data, summary = s.linkedOrganization(v), v.Summary
	case *schema.Activity:
		data, summary = s.linkedActivity(v), v.Summary
	}
	data.ID, data.Description = s.linkedID(r.ID), s.text(summary).Body
	return data, nil
}

func (s *sheet) linkedNetwork(n *schema.Network) linkedData {
	data := s.linked("Organization", n.Name, n.Acronym, n.Links, n.Identifiers, n.Logo)
	data.FoundingDate = isoDate(n.Founded)
	if n.Membership.Status == schema.Current || n.Membership.Status == "" {
		data.addMember(s, s.manifest.Institution)
	}
	if n.Members != nil {
		for _, id := range n.Members.Organizations {
			data.addMember(s, id)
		}
	}
	return data
}

func (d *linkedData) addMember(s *sheet, organization string) {
	if card := s.catalog.cards[schema.RecordID{Collection: schema.Organizations, ID: organization}]; card != nil && len(d.Member) < maxLinked {
		if name := s.linkedName(card); !containsName(d.Member, name) {
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

func (s *sheet) linkedOrganization(o *schema.Organization) linkedData {
	data := s.linked(organizationType(o.Kind), o.Name, o.Acronym, o.Links, o.Identifiers, o.Logo)
	data.Address = linkedPlace(s.text(o.City).Body, o.Country)
	data.MemberOf = s.memberOf(schema.RecordID{Collection: schema.Organizations, ID: o.ID})
	return data
}

// memberOf names the networks that an organization is a member of today.
func (s *sheet) memberOf(id schema.RecordID) []linkedName {
	var all []linkedName
	for _, m := range s.catalog.mentions(id) {
		card := s.catalog.cards[m.by]
		current := m.as == "as.member" || strings.HasPrefix(m.as, "role.")
		if current && card.id.Collection == schema.Networks && len(all) < maxLinked {
			if name := s.linkedName(card); !containsName(all, name) {
				all = append(all, name)
			}
		}
	}
	return all
}

func (s *sheet) linkedActivity(a *schema.Activity) linkedData {
	data := s.linked("Project", a.Name, a.Acronym, a.Links, schema.Identifiers{}, a.Logo)
	data.FoundingDate, data.DissolutionDate = isoDate(a.Starts), isoDate(a.Ends)
	if a.Place != nil {
		data.Address = linkedPlace(s.text(a.Place.City).Body, a.Place.Country)
	}
	if card := s.catalog.cards[schema.RecordID{Collection: schema.Networks, ID: a.Network}]; card != nil {
		parent := s.linkedName(card)
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

func (s *sheet) linkedName(c *card) linkedName {
	kind := "Organization"
	if c.id.Collection == schema.Organizations {
		kind = organizationType(c.kind)
	}
	return linkedName{kind, s.linkedID(c.id), s.text(c.name).Body}
}

// linkedID is the address of a record's page in the default language, which
// names the record in all of them; "" where the host is not known.
func (s *sheet) linkedID(id schema.RecordID) string {
	return s.addresses.whole(s.recordPath(s.voices[0], id))
}

func (s *sheet) linked(kind string, name schema.Text, acronym string, links []schema.Link, ids schema.Identifiers, logo *schema.Logo) linkedData {
	data := linkedData{Type: kind, Name: s.text(name).Body, AlternateName: acronym}
	if logo != nil {
		data.Logo = s.addresses.whole("/" + imageFile(logo))
	}
	for _, l := range links {
		if l.Rel == "homepage" && data.URL == "" {
			data.URL = web(l.URL)
		}
	}
	for _, known := range s.identifiers(ids) {
		for _, value := range known.Values {
			if value.URL != "" {
				data.SameAs = append(data.SameAs, value.URL)
			}
		}
	}
	return data
}

// isoDate passes on the dates of EDTF that ISO 8601 knows as well.
func isoDate(s string) string {
	if _, err := schema.ParseDay(s); err == nil || isYear(s) {
		return s
	}
	return ""
}

func isYear(s string) bool { return len(s) == 4 && strings.Trim(s, "0123456789") == "" }

func (d linkedData) complete(id, description string) *linkedData {
	d.Context, d.ID, d.Description = schemaOrg, id, description
	return &d
}

// linkedOverview describes the institution and what it is a member of.
func (s *sheet) linkedOverview(page *pageView) any {
	record, ok := s.edition.State.Get(institution(s.manifest))
	if !ok {
		return nil
	}
	o, err := schema.Decode[schema.Organization](record)
	if err != nil {
		return nil
	}
	return s.linkedOrganization(&o).complete(s.linkedID(record.ID), page.ShortDescription())
}
