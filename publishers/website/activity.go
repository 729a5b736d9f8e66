package website

import "netsync/schema"

func (i *issue) activity(v *voice, a *schema.Activity) (recordView, linkedData) {
	view := recordView{
		Kind:        v.code("kind", a.Kind),
		Name:        v.name(a.Name, a.Acronym),
		Status:      v.activityBadge(a.Status),
		Summary:     v.text(a.Summary),
		Description: v.prose(a.Description),
		Facts:       i.activityFacts(v, a),
	}
	view.section("partners", v.say("partners"), i.references(v, schema.Organizations, a.Partners))
	return view, v.linked("Project", a.Name, a.Acronym, a.Links, schema.Identifiers{}, a.Starts)
}

// activityBadge tells an activity that is not under way.
func (v *voice) activityBadge(status string) *badge {
	switch status {
	case "planned":
		return &badge{v.code("status", status), string(schema.Upcoming)}
	case "ended":
		return &badge{v.code("status", status), string(schema.Former)}
	}
	return nil
}

func (i *issue) activityFacts(v *voice, a *schema.Activity) []fact {
	vocabularies := i.edition.Manifest.Vocabularies
	var facts factList
	facts.add(v.say("network"), i.reference(v, schema.RecordID{Collection: schema.Networks, ID: a.Network}))
	facts.addText(v.say("status"), v.status(schema.Status(a.Status)))
	facts.add(v.say("location"), v.place(a.Place)...)
	facts.addText(v.say("starts"), v.date(a.Starts))
	facts.addText(v.say("ends"), v.date(a.Ends))
	facts.addRun(v.say("regions"), v.terms(vocabularies.Regions, a.Regions)...)
	facts.addRun(v.say("topics"), v.terms(vocabularies.Topics, a.Topics)...)
	facts.add(v.say("links"), v.links(a.Links)...)
	return facts
}

// place shows a city with its country behind it.
func (v *voice) place(p *schema.Place) []link {
	if p == nil {
		return nil
	}
	shown := link{Text: v.text(p.City)}
	if p.Country == "" {
		return []link{shown}
	}
	if shown.Text.Body == "" {
		return []link{{Text: v.country(p.Country)}}
	}
	shown.Note = v.country(p.Country)
	return []link{shown}
}
