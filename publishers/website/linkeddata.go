package website

import (
	"strings"

	"netsync/schema"
)

// linkedData describes a record in the vocabulary of schema.org, as JSON-LD.
// html/template encodes it, so that it cannot end its element.
type linkedData struct {
	Context       string   `json:"@context"`
	Type          string   `json:"@type"`
	ID            string   `json:"@id,omitempty"`
	Name          string   `json:"name"`
	AlternateName string   `json:"alternateName,omitempty"`
	Description   string   `json:"description,omitempty"`
	URL           string   `json:"url,omitempty"`
	FoundingDate  string   `json:"foundingDate,omitempty"`
	SameAs        []string `json:"sameAs,omitempty"`
}

func (v *voice) linked(kind string, name schema.Text, acronym string, links []schema.Link,
	ids schema.Identifiers, founded string) linkedData {
	data := linkedData{
		Context:       "https://schema.org",
		Type:          kind,
		Name:          v.text(name).Body,
		AlternateName: acronym,
	}
	if _, err := schema.ParseDay(founded); err == nil || isYear(founded) {
		data.FoundingDate = founded
	}
	for _, l := range links {
		if l.Rel == "homepage" && data.URL == "" {
			data.URL = web(l.URL)
		}
	}
	for _, known := range v.identifiers(ids) {
		for _, value := range known.Values {
			if value.URL != "" {
				data.SameAs = append(data.SameAs, value.URL)
			}
		}
	}
	return data
}

func isYear(s string) bool { return len(s) == 4 && strings.Trim(s, "0123456789") == "" }

func (d linkedData) complete(id, description string) *linkedData {
	d.ID, d.Description = id, description
	return &d
}
