package website

import (
	"strings"

	"netsync/schema"
)

func (s *sheet) organization(o *schema.Organization) (recordView, linkedData) {
	view := recordView{
		Kind:        s.code("kind", o.Kind),
		Name:        s.name(o.ID, o.Name, o.Acronym),
		Logo:        s.image(o.Logo),
		Summary:     s.text(o.Summary),
		Description: s.prose(o.Description),
		Facts:       s.organizationFacts(o),
	}
	networks, activities := s.mentioned(schema.RecordID{Collection: schema.Organizations, ID: o.ID})
	view.section("networks", s.say("networks"), networks)
	view.section("activities", s.say("activities"), activities)
	return view, s.linkedOrganization(o)
}

func (s *sheet) organizationFacts(o *schema.Organization) []fact {
	var facts factList
	facts.addText(s.say("city"), s.text(o.City))
	if o.Country != "" {
		facts.addText(s.say("country"), s.country(o.Country))
	}
	facts.add(s.say("links"), s.links(o.Links)...)
	return append(facts, s.identifiers(o.Identifiers)...)
}

// mentioned lists who mentions an organization, each once, with what it is
// there.
func (s *sheet) mentioned(id schema.RecordID) (networks, activities []link) {
	all := s.catalog.mentions(id)
	for len(all) > 0 {
		by := all[0].by
		var roles []string
		for len(all) > 0 && all[0].by == by {
			family, term, _ := strings.Cut(all[0].as, ".")
			if term != "" {
				roles = append(roles, s.code(family, term).Body)
			}
			all = all[1:]
		}
		shown := s.reference(by)
		shown.Note = s.foreign(strings.Join(distinct(roles), ", "), s.labels.Tag)
		if by.Collection == schema.Networks {
			networks = append(networks, shown)
		} else {
			activities = append(activities, shown)
		}
	}
	return networks, activities
}

// distinct leaves out what was said before.
func distinct(all []string) []string {
	seen := make(map[string]bool)
	var out []string
	for _, s := range all {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}
