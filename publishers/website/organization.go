package website

import (
	"strings"

	"netsync/schema"
)

func (p *pageContext) organizationView(o *schema.Organization) (recordView, linkedData) {
	view := recordView{
		Kind:        p.codeLabel("kind", o.Kind),
		Name:        p.recordName(o.ID, o.Name, o.Acronym),
		Logo:        p.imageView(o.Logo),
		Summary:     p.localText(o.Summary),
		Description: p.localProse(o.Description),
		Facts:       p.organizationFacts(o),
	}
	networks, activities := p.organizationRelations(schema.RecordID{Collection: schema.Organizations, ID: o.ID})
	view.addSection("networks", p.labelText("networks"), networks)
	view.addSection("activities", p.labelText("activities"), activities)
	return view, p.linkedOrganization(o)
}

func (p *pageContext) organizationFacts(o *schema.Organization) []fact {
	var facts factList
	facts.addText(p.labelText("city"), p.localText(o.City))
	if o.Country != "" {
		facts.addText(p.labelText("country"), p.countryName(o.Country))
	}
	facts.add(p.labelText("links"), p.webLinks(o.Links)...)
	return append(facts, p.identifierFacts(o.Identifiers)...)
}

// organizationRelations returns links to the networks and activities that
// refer to an organization, each once, with its roles as the note.
func (p *pageContext) organizationRelations(id schema.RecordID) (networks, activities []link) {
	all := p.catalog.sortedMentions(id)
	for len(all) > 0 {
		by := all[0].by
		var roles []string
		for len(all) > 0 && all[0].by == by {
			family, term, _ := strings.Cut(all[0].role, ".")
			if term != "" {
				roles = append(roles, p.codeLabel(family, term).Body)
			}
			all = all[1:]
		}
		result := p.recordLink(by)
		result.Note = p.withLanguage(strings.Join(removeDuplicates(roles), ", "), p.labels.Tag)
		if by.Collection == schema.Networks {
			networks = append(networks, result)
		} else {
			activities = append(activities, result)
		}
	}
	return networks, activities
}

// removeDuplicates returns the distinct strings in their order.
func removeDuplicates(all []string) []string {
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
