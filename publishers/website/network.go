package website

import (
	"cmp"

	"netsync/schema"
)

func (i *issue) network(v *voice, n *schema.Network) (recordView, linkedData) {
	m := i.edition.Manifest
	view := recordView{
		Kind:        v.code("kind", n.Kind),
		Name:        v.name(n.Name, n.Acronym),
		Badges:      v.terms(m.Vocabularies.Purposes, n.Purposes),
		Status:      v.membershipBadge(n.Membership.Status),
		Summary:     v.text(n.Summary),
		Description: v.prose(n.Description),
		Facts:       i.networkFacts(v, n),
	}
	view.section("activities", v.say("activities"), i.references(v, schema.Activities, i.catalog.activitiesOf[n.ID]))
	view.section("partners", v.say("partners"), i.references(v, schema.Organizations, n.Partners))
	if n.Members != nil {
		view.section("members", v.say("members-listed"),
			i.references(v, schema.Organizations, n.Members.Organizations))
	}
	return view, v.linked("Organization", n.Name, n.Acronym, n.Links, n.Identifiers, n.Founded)
}

// membershipBadge tells a membership that is not current.
func (v *voice) membershipBadge(s schema.Status) *badge {
	if cmp.Or(s, schema.Current) == schema.Current {
		return nil
	}
	return &badge{v.code("status", string(s)), string(s)}
}

func (i *issue) networkFacts(v *voice, n *schema.Network) []fact {
	m, vocabularies := n.Membership, i.edition.Manifest.Vocabularies
	var facts factList
	facts.addText(v.say("role"), v.role(m.Role))
	facts.addText(v.say("membership"), v.status(m.Status))
	facts.addText(v.say("since"), v.date(m.Since))
	facts.addText(v.say("until"), v.date(m.Until))
	if m.Successor != "" {
		facts.add(v.say("successor"), i.reference(v, schema.RecordID{Collection: schema.Networks, ID: m.Successor}))
	}
	facts.addText(v.say("tier"), v.code("tier", n.Tier))
	facts.addText(v.say("founded"), v.date(n.Founded))
	if n.Members != nil && n.Members.Count != nil {
		facts.add(v.say("members"), v.number(*n.Members.Count, n.Members.Approximate, n.Members.AsOf))
	}
	if n.Countries != nil {
		facts.add(v.say("countries"), v.number(n.Countries.Count, n.Countries.Approximate, n.Countries.AsOf))
	}
	facts.addRun(v.say("regions"), v.terms(vocabularies.Regions, n.Regions)...)
	facts.addRun(v.say("topics"), v.terms(vocabularies.Topics, n.Topics)...)
	facts.add(v.say("standing"), i.standing(v, n.Standing)...)
	facts.addText(v.say("audience"), v.text(n.Audience))
	facts.add(v.say("links"), v.links(n.Links)...)
	return append(facts, v.identifiers(n.Identifiers)...)
}

func (i *issue) standing(v *voice, all []schema.Standing) []link {
	var out []link
	for _, s := range all {
		with := i.reference(v, schema.RecordID{Collection: schema.Organizations, ID: s.With})
		with.Note = v.text(s.Status)
		out = append(out, with)
	}
	return out
}

func (v *voice) role(role string) text {
	if role == "" {
		return text{}
	}
	return v.code("role", role)
}

func (v *voice) status(s schema.Status) text {
	if s == "" {
		return text{}
	}
	return v.code("status", string(s))
}
