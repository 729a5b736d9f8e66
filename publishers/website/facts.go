package website

// A fact is a label with its values.
type fact struct {
	Label  text
	Values []link
	Run    bool // short values that go on one line
}

// A factList collects facts, omitting those without values.
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

// addText adds values without links.
func (l *factList) addText(label text, values ...text) {
	var links []link
	for _, value := range values {
		links = append(links, link{Text: value})
	}
	l.add(label, links...)
}

func textLinks(s string) []link {
	if s == "" {
		return nil
	}
	return []link{{Text: text{Body: s}}}
}

// countLink formats a count, with its date as the note.
func (l *locale) countLink(count int, approximate bool, asOf string) link {
	n := link{Text: l.formatCount(count, approximate)}
	if asOf != "" {
		n.Note = l.formatLabel("as-of", l.dateWords(asOf))
	}
	return n
}
