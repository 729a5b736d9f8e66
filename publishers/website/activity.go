package website

import "netsync/schema"

func (s *sheet) activity(a *schema.Activity) (recordView, linkedData) {
	view := recordView{
		Kind:        s.code("kind", a.Kind),
		Name:        s.name(a.ID, a.Name, a.Acronym),
		Status:      s.activityBadge(a.Status),
		Logo:        s.image(a.Logo),
		Summary:     s.text(a.Summary),
		Description: s.prose(a.Description),
		Facts:       s.activityFacts(a),
	}
	view.section("partners", s.say("partners"), s.references(schema.Organizations, a.Partners))
	return view, s.linkedActivity(a)
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

func (s *sheet) activityFacts(a *schema.Activity) []fact {
	var facts factList
	facts.add(s.say("network"), s.reference(schema.RecordID{Collection: schema.Networks, ID: a.Network}))
	facts.addText(s.say("status"), s.status(schema.Status(a.Status)))
	facts.add(s.say("location"), s.place(a.Place)...)
	facts.addText(s.say("starts"), s.date(a.Starts))
	facts.addText(s.say("ends"), s.date(a.Ends))
	facts.addRun(s.say("regions"), s.terms("regions", a.Regions)...)
	facts.addRun(s.say("topics"), s.terms("topics", a.Topics)...)
	facts.add(s.say("links"), s.links(a.Links)...)
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
