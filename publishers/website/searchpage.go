package website

// searchView is the search page. Without scripts it links to the lists.
type searchView struct {
	Title    text
	Intro    text // for readers without scripts
	Label    text
	Submit   text
	None     text
	Some     text
	More     text
	Kind     text
	All      text
	Kinds    []kindOption
	Lists    []link
	Index    string // folder of the index
	Whole    bool   // the index is one file
	Language string
	Home     string // the overview, the base of record links
}

// A kindOption is a collection to search in.
type kindOption struct {
	Value string
	Text  text
}

func (b *build) renderSearchPage(l *locale) ([]byte, error) {
	p := b.newPageContext(l, b.searchPath(l))
	page := p.newPage(b.searchPath)
	view := searchView{
		Title: p.labelText("search"), Intro: p.labelText("search-intro"), Label: p.labelText("search-label"), Submit: p.labelText("search"),
		None: p.labelText("search-none"), Some: p.labelText("search-some"), More: p.labelText("search-more"),
		Kind: p.labelText("search-kind"), All: p.labelText("search-all"),
		Index: p.urlFor("/search/"), Whole: b.hasOneIndex(), Language: l.language, Home: p.urlFor(b.overviewPath(l)),
	}
	for _, c := range []string{"networks", "activities", "organizations"} {
		view.Kinds = append(view.Kinds, kindOption{c, p.labelText(c)})
		view.Lists = append(view.Lists, p.folderLink(c))
	}
	for _, vocabulary := range vocabularies {
		view.Lists = append(view.Lists, p.folderLink(vocabulary))
	}
	page.Title, page.Description = view.Title, view.Intro.Body
	page.Crumbs = []link{p.homeLink(), {Text: view.Title}}
	page.Noindex = true
	page.Body = view
	return b.executeTemplate("search.html", page)
}
