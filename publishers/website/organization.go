package website

import (
	"strings"

	"netsync/schema"
)

func (i *issue) organization(v *voice, o *schema.Organization) (recordView, linkedData) {
	view := recordView{
		Kind:        v.code("kind", o.Kind),
		Name:        v.name(o.Name, o.Acronym),
		Summary:     v.text(o.Summary),
		Description: v.prose(o.Description),
		Facts:       i.organizationFacts(v, o),
	}
	networks, activities := i.mentions(v, o.ID)
	view.section("networks", v.say("networks"), networks)
	view.section("activities", v.say("activities"), activities)
	kind := "Organization"
	if o.Kind == "university" {
		kind = "CollegeOrUniversity"
	}
	return view, v.linked(kind, o.Name, o.Acronym, o.Links, o.Identifiers, "")
}

func (i *issue) organizationFacts(v *voice, o *schema.Organization) []fact {
	var facts factList
	facts.addText(v.say("city"), v.text(o.City))
	if o.Country != "" {
		facts.addText(v.say("country"), v.country(o.Country))
	}
	facts.add(v.say("links"), v.links(o.Links)...)
	return append(facts, v.identifiers(o.Identifiers)...)
}

// mentions lists who mentions an organization, each once, with what it is
// there.
func (i *issue) mentions(v *voice, id string) (networks, activities []link) {
	all := i.catalog.mentions[id]
	for len(all) > 0 {
		by := all[0].by
		var roles []string
		for len(all) > 0 && all[0].by == by {
			family, term, _ := strings.Cut(all[0].as, ".")
			if term != "" {
				roles = append(roles, v.code(family, term).Body)
			}
			all = all[1:]
		}
		shown := i.reference(v, by)
		shown.Note = v.foreign(strings.Join(distinct(roles), ", "), v.labels.language)
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
