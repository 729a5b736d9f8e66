// Package story describes changes of records in words for readers, the same for
// all channels. It is pure: the same records, manifest and state give the same
// text. It returns plain text; callers escape it for markup.
//
// Texts exist in English and Dutch. Other languages use the English texts, but
// names and labels of the dataset in their own language.
package story

import (
	"encoding/json"

	"netsync/schema"
)

// Records is a state of the dataset, current or past, such as *schema.State.
type Records interface {
	Get(id schema.RecordID) (schema.Record, bool)
}

// A Describer describes changes in one language. It is safe for concurrent use
// while the State does not change.
type Describer struct {
	Manifest *schema.Manifest
	State    Records // for the names of referenced records; may be nil
	Language string  // a BCP 47 tag; "" means the dataset's default language
}

// Name returns the record's name in the language, in the default language or in
// any, or else its id.
func (d Describer) Name(r schema.Record) string {
	var named struct {
		Name schema.Text `json:"name"`
	}
	// A record that cannot be decoded has no name.
	_ = json.Unmarshal(r.JSON, &named)
	if name := d.Text(named.Name); name != "" {
		return name
	}
	return r.ID.ID
}

// Text returns a text in the language, in the default language or in any.
func (d Describer) Text(t schema.Text) string {
	text, _ := t.In(d.languageTag(), d.manifestOrEmpty().DefaultLanguage())
	return text
}

// Reference returns the name of a referenced record, or its id if there is no
// such record.
func (d Describer) Reference(id schema.RecordID) string {
	if d.State != nil {
		if r, ok := d.State.Get(id); ok {
			return d.Name(r)
		}
	}
	return id.ID
}

// termLabel returns the label of a vocabulary's term, or the term if it has
// none.
func (d Describer) termLabel(vocabulary, term string) string {
	var labels map[string]schema.Text
	switch v := d.manifestOrEmpty().Vocabularies; vocabulary {
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

func (d Describer) languageTag() string {
	if d.Language == "" {
		return d.manifestOrEmpty().DefaultLanguage()
	}
	return d.Language
}

func (d Describer) manifestOrEmpty() *schema.Manifest {
	if d.Manifest == nil {
		return &schema.Manifest{}
	}
	return d.Manifest
}
