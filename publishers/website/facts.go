package website

import "netsync/schema"

// A fact is a label with what is so.
type fact struct {
	Label  text
	Values []link
	Run    bool // short values that go on one line
}

// A factList gathers facts and leaves out those that a record does not state.
type factList []fact

func (l *factList) add(label text, values ...link) {
	var stated []link
	for _, value := range values {
		if value.Text.Body != "" {
			stated = append(stated, value)
		}
	}
	if len(stated) > 0 {
		*l = append(*l, fact{Label: label, Values: stated})
	}
}

// addRun adds short values that go on one line.
func (l *factList) addRun(label text, values ...text) {
	before := len(*l)
	l.addText(label, values...)
	if len(*l) > before {
		(*l)[before].Run = true
	}
}

// addText adds a fact that leads nowhere.
func (l *factList) addText(label text, values ...text) {
	var links []link
	for _, value := range values {
		links = append(links, link{Text: value})
	}
	l.add(label, links...)
}

func plain(s string) []link {
	if s == "" {
		return nil
	}
	return []link{{Text: text{Body: s}}}
}

// reference is a link to a record's page, or its id where there is none.
func (i *issue) reference(v *voice, id schema.RecordID) link {
	name, acronym, ok := i.catalog.name(id)
	if !ok {
		return link{Text: text{Body: id.ID}}
	}
	return link{Text: v.name(name, acronym), URL: i.addresses.local(i.recordPath(v, id))}
}

func (i *issue) references(v *voice, c schema.Collection, ids []string) []link {
	var out []link
	for _, id := range ids {
		out = append(out, i.reference(v, schema.RecordID{Collection: c, ID: id}))
	}
	return out
}

// terms shows terms of a vocabulary.
func (v *voice) terms(vocabulary map[string]schema.Text, terms []string) []text {
	var out []text
	for _, term := range terms {
		out = append(out, v.term(vocabulary, term))
	}
	return out
}

// number shows a count with the date that it was true at.
func (v *voice) number(count int, approximate bool, asOf string) link {
	n := link{Text: v.count(count, approximate)}
	if asOf != "" {
		n.Note = v.sayf("as-of", v.dateWords(asOf))
	}
	return n
}
