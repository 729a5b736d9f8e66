package website

import (
	"cmp"
	"strings"

	"netsync/schema"
)

func (s *sheet) network(n *schema.Network) (recordView, linkedData) {
	view := recordView{
		Kind:        s.code("kind", n.Kind),
		Name:        s.name(n.ID, n.Name, n.Acronym),
		Badges:      s.terms("purposes", n.Purposes),
		Status:      s.membershipBadge(n.Membership.Status),
		Logo:        s.image(n.Logo),
		Summary:     s.text(n.Summary),
		Description: s.prose(n.Description),
		Facts:       s.networkFacts(n),
	}
	activities, predecessors := s.belonging(schema.RecordID{Collection: schema.Networks, ID: n.ID})
	view.section("activities", s.say("activities"), activities)
	view.section("partners", s.say("partners"), s.references(schema.Organizations, n.Partners))
	if n.Members != nil {
		view.section("members", s.say("members-listed"), s.references(schema.Organizations, n.Members.Organizations))
	}
	view.section("predecessors", s.say("predecessors"), predecessors)
	return view, s.linkedNetwork(n)
}

// belonging lists a network's activities, and the networks that it came after.
func (s *sheet) belonging(network schema.RecordID) (activities, predecessors []link) {
	for _, m := range s.catalog.mentions(network) {
		switch m.as {
		case asNetwork:
			activities = append(activities, s.withStatus(m.by))
		case asSuccessor:
			predecessors = append(predecessors, s.reference(m.by))
		}
	}
	return activities, predecessors
}

// withStatus is a link to an activity that tells what kind it is, and whether
// it is over or to come.
func (s *sheet) withStatus(id schema.RecordID) link {
	shown, card := s.reference(id), s.catalog.cards[id]
	kind := s.code("kind", card.kind)
	if badge := s.activityBadge(card.status); badge != nil {
		kind.Body += ", " + strings.ToLower(badge.Text.Body)
	}
	shown.Note = kind
	return shown
}

// membershipBadge tells a membership that is not current.
func (v *voice) membershipBadge(s schema.Status) *badge {
	if cmp.Or(s, schema.Current) == schema.Current {
		return nil
	}
	return &badge{v.code("status", string(s)), string(s)}
}

func (s *sheet) networkFacts(n *schema.Network) []fact {
	m := n.Membership
	var facts factList
	facts.addText(s.say("role"), s.role(m.Role))
	facts.addText(s.say("membership"), s.status(m.Status))
	facts.addText(s.say("since"), s.date(m.Since))
	facts.addText(s.say("until"), s.date(m.Until))
	if m.Successor != "" {
		facts.add(s.say("successor"), s.reference(schema.RecordID{Collection: schema.Networks, ID: m.Successor}))
	}
	facts.addText(s.say("tier"), s.code("tier", n.Tier))
	facts.addText(s.say("founded"), s.date(n.Founded))
	if n.Members != nil && n.Members.Count != nil {
		facts.add(s.say("members"), s.number(*n.Members.Count, n.Members.Approximate, n.Members.AsOf))
	}
	if n.Countries != nil {
		facts.add(s.say("countries"), s.number(n.Countries.Count, n.Countries.Approximate, n.Countries.AsOf))
	}
	facts.addRun(s.say("regions"), s.terms("regions", n.Regions)...)
	facts.addRun(s.say("topics"), s.terms("topics", n.Topics)...)
	facts.add(s.say("standing"), s.standing(n.Standing)...)
	facts.addText(s.say("audience"), s.text(n.Audience))
	facts.add(s.say("links"), s.links(n.Links)...)
	return append(facts, s.identifiers(n.Identifiers)...)
}

func (s *sheet) standing(all []schema.Standing) []link {
	var out []link
	for _, held := range all {
		with := s.reference(schema.RecordID{Collection: schema.Organizations, ID: held.With})
		with.Note = s.text(held.Status)
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
