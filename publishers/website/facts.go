package website

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
func (l *factList) addRun(label text, values ...link) {
	before := len(*l)
	l.add(label, values...)
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

// number shows a count with the date that it was true at.
func (v *voice) number(count int, approximate bool, asOf string) link {
	n := link{Text: v.count(count, approximate)}
	if asOf != "" {
		n.Note = v.sayf("as-of", v.dateWords(asOf))
	}
	return n
}
