// Package story puts changes of records into words that readers
// understand, for every channel alike. It is pure: the same records, manifest
// and state give the same words. What it returns is plain text; whoever puts
// it into markup escapes it.
//
// Words are there in English and Dutch; for another language the English ones
// stand in, and what the dataset says itself (names, labels of terms) is shown
// in that language all the same.
package story

import (
	"encoding/json"

	"netsync/schema"
)

// Records are a state, now or at another time. A *schema.State is one.
type Records interface {
	Get(id schema.RecordID) (schema.Record, bool)
}

// A Describer words changes in one language. It may be used by several
// goroutines as long as nobody changes the State.
type Describer struct {
	Manifest *schema.Manifest
	State    Records // tells the names of the records that are referred to; may be nil
	Language string  // a BCP 47 tag; "" means the dataset's default language
}

// Name returns the record's name in the language; in the default language, in
// any, or its id where it has none.
func (d Describer) Name(r schema.Record) string {
	var named struct {
		Name schema.Text `json:"name"`
	}
	// What cannot be decoded has no name that could be shown.
	_ = json.Unmarshal(r.JSON, &named)
	if name := d.Text(named.Name); name != "" {
		return name
	}
	return r.ID.ID
}

// Text returns a text in the language; in the default language, or in any.
func (d Describer) Text(t schema.Text) string {
	text, _ := t.In(d.language(), d.manifest().DefaultLanguage())
	return text
}

// Reference returns the name of a record that another one refers to; its id
// where there is no such record.
func (d Describer) Reference(id schema.RecordID) string {
	if d.State != nil {
		if r, ok := d.State.Get(id); ok {
			return d.Name(r)
		}
	}
	return id.ID
}

// term returns the label of a vocabulary's term; the term where it has none.
func (d Describer) term(vocabulary, term string) string {
	var labels map[string]schema.Text
	switch v := d.manifest().Vocabularies; vocabulary {
	case "purposes":
		labels = v.Purposes
	case "regions":
		labels = v.Regions
	case "topics":
		labels = v.Topics
	}
	if label := d.Text(labels[term]); label != "" {
		return label
	}
	return term
}

func (d Describer) language() string {
	if d.Language == "" {
		return d.manifest().DefaultLanguage()
	}
	return d.Language
}

func (d Describer) manifest() *schema.Manifest {
	if d.Manifest == nil {
		return &schema.Manifest{}
	}
	return d.Manifest
}
