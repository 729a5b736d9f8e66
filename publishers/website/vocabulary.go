package website

import "strings"

// vocabularyView lists the terms of a vocabulary.
type vocabularyView struct {
	Title text
	Intro text
	None  text
	Terms []facetTerm
}

func (i *issue) vocabulary(v *voice, vocabulary string) ([]byte, error) {
	path := func(v *voice) string { return i.folderPath(v, vocabulary) }
	s := i.sheet(v, path(v))
	page := s.page(path)
	view := vocabularyView{
		Title: s.say(vocabulary),
		Intro: s.say("intro.all-" + vocabulary),
		Terms: s.facetTerms(vocabulary),
	}
	if len(view.Terms) == 0 {
		view.None = s.say("list-none")
	}
	page.Title, page.Description = view.Title, view.Intro.Body
	page.Crumbs = []link{s.home(), {Text: view.Title}}
	page.Body = view
	return i.execute("vocabulary.html", page)
}

// cut takes the name of a list apart: topics/water. Collections have one part.
func cut(list string) (vocabulary, term string, ok bool) { return strings.Cut(list, "/") }
