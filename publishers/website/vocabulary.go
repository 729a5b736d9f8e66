package website

import "strings"

// vocabularyView lists the terms of a vocabulary.
type vocabularyView struct {
	Title text
	Intro text
	None  text
	Terms []facetTerm
}

func (b *build) renderVocabulary(l *locale, vocabulary string) ([]byte, error) {
	path := func(l *locale) string { return b.folderPath(l, vocabulary) }
	p := b.newPageContext(l, path(l))
	page := p.newPage(path)
	view := vocabularyView{
		Title: p.labelText(vocabulary),
		Intro: p.labelText("intro.all-" + vocabulary),
		Terms: p.facetTerms(vocabulary),
	}
	if len(view.Terms) == 0 {
		view.None = p.labelText("list-none")
	}
	page.Title, page.Description = view.Title, view.Intro.Body
	page.Crumbs = []link{p.homeLink(), {Text: view.Title}}
	page.Body = view
	return b.executeTemplate("vocabulary.html", page)
}

// splitListName splits the name of a list, such as topics/water. The name of a
// collection has only one part.
func splitListName(list string) (vocabulary, term string, ok bool) { return strings.Cut(list, "/") }
