package signup

import (
	"errors"
	"net/url"
	"slices"
	"strings"

	"netsync/publishers/newsletter/subscribers"
)

// Names of the form's fields. Those ending in brackets may be repeated.
const (
	fieldAddress   = "address"
	fieldLanguage  = "language"
	fieldFrequency = "frequency"
	fieldTopics    = "topic[]"
	fieldTrap      = "website" // people do not see it
)

// A form holds a person's choices, for display and as submitted.
type form struct {
	frame
	Address     field
	Languages   []option // nil if there is only one
	Frequencies []option
	Topics      []option
	Problems    []problem
}

// A field is a text field.
type field struct{ Value, Error string }

// An option is one of several choices.
type option struct {
	ID, Value string
	Label     text
	Hint      string
	Chosen    bool
}

// A problem describes an invalid field, with the id of the input to correct.
type problem struct{ ID, Text string }

// newForm returns a form with preferences.
func (f frame) newForm(p subscribers.Preferences) form {
	w := f.W
	out := form{frame: f, Frequencies: []option{
		{ID: "weekly", Value: string(subscribers.Weekly), Label: text{Body: w.Weekly}, Hint: w.WeeklyHint, Chosen: p.Frequency != subscribers.Monthly},
		{ID: "monthly", Value: string(subscribers.Monthly), Label: text{Body: w.Monthly}, Hint: w.MonthlyHint, Chosen: p.Frequency == subscribers.Monthly},
	}}
	if len(f.offer.Languages) > 1 {
		for _, tag := range f.offer.Languages {
			out.Languages = append(out.Languages, option{Value: tag, Label: text{nameOf(tag), tag}, Chosen: tag == p.Language})
		}
	}
	for term, label := range f.offer.Topics {
		out.Topics = append(out.Topics, option{ID: "topic-" + term, Value: term, Label: f.translateText(label), Chosen: slices.Contains(p.Topics, term)})
	}
	slices.SortFunc(out.Topics, func(a, b option) int {
		if order := strings.Compare(strings.ToLower(a.Label.Body), strings.ToLower(b.Label.Body)); order != 0 {
			return order
		}
		return strings.Compare(a.Value, b.Value)
	})
	return out
}

// readForm returns the preferences, and the form with the values and their
// errors.
func (f frame) readForm(values url.Values) (subscribers.Preferences, form) {
	w := f.W
	p := subscribers.Preferences{
		Language:  values.Get(fieldLanguage),
		Frequency: subscribers.Frequency(values.Get(fieldFrequency)),
		Topics:    slices.Compact(slices.Sorted(slices.Values(values[fieldTopics]))),
	}
	var wrong []problem
	if p.Frequency == "" {
		p.Frequency = subscribers.Weekly
	}
	if !slices.Contains(subscribers.Frequencies(), p.Frequency) {
		wrong = append(wrong, problem{"weekly", w.BadFrequency})
	}
	if p.Language == "" {
		p.Language = f.offer.Languages[0]
	}
	if !slices.Contains(f.offer.Languages, p.Language) {
		wrong = append(wrong, problem{fieldLanguage, w.BadLanguage})
	}
	for _, topic := range p.Topics {
		if _, ok := f.offer.Topics[topic]; !ok {
			wrong = append(wrong, problem{"topics", w.BadTopic})
			break
		}
	}
	if checked, err := f.offer.Check(p); err == nil {
		p = checked
	}
	out := f.newForm(p)
	out.Problems, out.Wrong = wrong, len(wrong) > 0
	return p, out
}

// readAddress reads the address and puts its error before the others.
func (f *form) readAddress(values url.Values) (string, error) {
	typed := values.Get(fieldAddress)
	f.Address.Value = typed
	address, err := subscribers.ParseAddress(typed)
	if err == nil {
		return address, nil
	}
	f.Address.Error = f.W.BadAddress
	if strings.TrimSpace(typed) == "" {
		f.Address.Error = f.W.NoAddress
	}
	f.Problems = append([]problem{{fieldAddress, f.Address.Error}}, f.Problems...)
	f.Wrong = true
	return "", errors.New(f.Address.Error)
}

// Problem returns the error of a field, or "".
func (f form) Problem(id string) string {
	for _, p := range f.Problems {
		if p.ID == id {
			return p.Text
		}
	}
	return ""
}
