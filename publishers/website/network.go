package website

import (
	"cmp"
	"strings"

	"netsync/schema"
)

func (p *pageContext) networkView(n *schema.Network) (recordView, linkedData) {
	view := recordView{
		Kind:        p.codeLabel("kind", n.Kind),
		Name:        p.recordName(n.ID, n.Name, n.Acronym),
		Badges:      p.termLinks("purposes", n.Purposes),
		Status:      p.membershipBadge(n.Membership.Status),
		Logo:        p.imageView(n.Logo),
		Summary:     p.localText(n.Summary),
		Description: p.localProse(n.Description),
		Facts:       p.networkFacts(n),
	}
	activities, predecessors := p.networkRelations(schema.RecordID{Collection: schema.Networks, ID: n.ID})
	view.addSection("activities", p.labelText("activities"), activities)
	view.addSection("partners", p.labelText("partners"), p.recordLinks(schema.Organizations, n.Partners))
	if n.Members != nil {
		view.addSection("members", p.labelText("members-listed"), p.recordLinks(schema.Organizations, n.Members.Organizations))
	}
	view.addSection("predecessors", p.labelText("predecessors"), predecessors)
	return view, p.linkedNetwork(n)
}

// networkRelations returns links to a network's activities and to the networks
// that it succeeded.
func (p *pageContext) networkRelations(network schema.RecordID) (activities, predecessors []link) {
	for _, m := range p.catalog.sortedMentions(network) {
		switch m.role {
		case roleNetwork:
			activities = append(activities, p.activityLink(m.by))
		case roleSuccessor:
			predecessors = append(predecessors, p.recordLink(m.by))
		}
	}
	return activities, predecessors
}

// activityLink returns a link to an activity, with its kind, and its status if
// it is not under way, as the note.
func (p *pageContext) activityLink(id schema.RecordID) link {
	result, card := p.recordLink(id), p.catalog.cards[id]
	kind := p.codeLabel("kind", card.kind)
	if badge := p.activityBadge(card.status); badge != nil {
		kind.Body += ", " + strings.ToLower(badge.Text.Body)
	}
	result.Note = kind
	return result
}

// membershipBadge returns a badge for a membership that is not current, else nil.
func (l *locale) membershipBadge(s schema.Status) *badge {
	if cmp.Or(s, schema.Current) == schema.Current {
		return nil
	}
	return &badge{l.codeLabel("status", string(s)), string(s)}
}

func (p *pageContext) networkFacts(n *schema.Network) []fact {
	m := n.Membership
	var facts factList
	facts.addText(p.labelText("role"), p.roleText(m.Role))
	facts.addText(p.labelText("membership"), p.statusText(m.Status))
	facts.addText(p.labelText("since"), p.dateText(m.Since))
	facts.addText(p.labelText("until"), p.dateText(m.Until))
	if m.Successor != "" {
		facts.add(p.labelText("successor"), p.recordLink(schema.RecordID{Collection: schema.Networks, ID: m.Successor}))
	}
	facts.addText(p.labelText("tier"), p.codeLabel("tier", n.Tier))
	facts.addText(p.labelText("founded"), p.dateText(n.Founded))
	if n.Members != nil && n.Members.Count != nil {
		facts.add(p.labelText("members"), p.countLink(*n.Members.Count, n.Members.Approximate, n.Members.AsOf))
	}
	if n.Countries != nil {
		facts.add(p.labelText("countries"), p.countLink(n.Countries.Count, n.Countries.Approximate, n.Countries.AsOf))
	}
	facts.addRun(p.labelText("regions"), p.termLinks("regions", n.Regions)...)
	facts.addRun(p.labelText("topics"), p.termLinks("topics", n.Topics)...)
	facts.add(p.labelText("standing"), p.standingLinks(n.Standing)...)
	facts.addText(p.labelText("audience"), p.localText(n.Audience))
	facts.add(p.labelText("links"), p.webLinks(n.Links)...)
	return append(facts, p.identifierFacts(n.Identifiers)...)
}

func (p *pageContext) standingLinks(all []schema.Standing) []link {
	var out []link
	for _, standing := range all {
		with := p.recordLink(schema.RecordID{Collection: schema.Organizations, ID: standing.With})
		with.Note = p.localText(standing.Status)
		out = append(out, with)
	}
	return out
}

func (l *locale) roleText(role string) text {
	if role == "" {
		return text{}
	}
	return l.codeLabel("role", role)
}

func (l *locale) statusText(s schema.Status) text {
	if s == "" {
		return text{}
	}
	return l.codeLabel("status", string(s))
}
