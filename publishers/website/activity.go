package website

import "netsync/schema"

func (p *pageContext) activityView(a *schema.Activity) (recordView, linkedData) {
	view := recordView{
		Kind:        p.codeLabel("kind", a.Kind),
		Name:        p.recordName(a.ID, a.Name, a.Acronym),
		Status:      p.activityBadge(a.Status),
		Logo:        p.imageView(a.Logo),
		Summary:     p.localText(a.Summary),
		Description: p.localProse(a.Description),
		Facts:       p.activityFacts(a),
	}
	view.addSection("partners", p.labelText("partners"), p.recordLinks(schema.Organizations, a.Partners))
	return view, p.linkedActivity(a)
}

// activityBadge returns a badge for a planned or ended activity, or nil.
func (l *locale) activityBadge(status string) *badge {
	switch status {
	case "planned":
		return &badge{l.codeLabel("status", status), string(schema.Upcoming)}
	case "ended":
		return &badge{l.codeLabel("status", status), string(schema.Former)}
	}
	return nil
}

func (p *pageContext) activityFacts(a *schema.Activity) []fact {
	var facts factList
	facts.add(p.labelText("network"), p.recordLink(schema.RecordID{Collection: schema.Networks, ID: a.Network}))
	facts.addText(p.labelText("status"), p.statusText(schema.Status(a.Status)))
	facts.add(p.labelText("location"), p.placeLinks(a.Place)...)
	facts.addText(p.labelText("starts"), p.dateText(a.Starts))
	facts.addText(p.labelText("ends"), p.dateText(a.Ends))
	facts.addRun(p.labelText("regions"), p.termLinks("regions", a.Regions)...)
	facts.addRun(p.labelText("topics"), p.termLinks("topics", a.Topics)...)
	facts.add(p.labelText("links"), p.webLinks(a.Links)...)
	return facts
}

// placeLinks returns a city, with its country as the note.
func (l *locale) placeLinks(p *schema.Place) []link {
	if p == nil {
		return nil
	}
	result := link{Text: l.localText(p.City)}
	if p.Country == "" {
		return []link{result}
	}
	if result.Text.Body == "" {
		return []link{{Text: l.countryName(p.Country)}}
	}
	result.Note = l.countryName(p.Country)
	return []link{result}
}
