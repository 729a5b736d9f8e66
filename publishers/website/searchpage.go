package website

// searchView is the page that searches all records. Without scripts it leads
// to the lists.
type searchView struct {
	Title    text
	Intro    text // for those without scripts
	Label    text
	Submit   text
	None     text
	Some     text
	More     text
	Kind     text
	All      text
	Kinds    []kindOption
	Lists    []link
	Index    string // the folder of the index
	Whole    bool   // the index is one file
	Language string
	Home     string // the overview, below which records lie
}

// A kindOption is a collection to search in.
type kindOption struct {
	Value string
	Text  text
}

func (i *issue) searchPage(v *voice) ([]byte, error) {
	s := i.sheet(v, i.searchPath(v))
	page := s.page(i.searchPath)
	view := searchView{
		Title: s.say("search"), Intro: s.say("search-intro"), Label: s.say("search-label"), Submit: s.say("search"),
		None: s.say("search-none"), Some: s.say("search-some"), More: s.say("search-more"),
		Kind: s.say("search-kind"), All: s.say("search-all"),
		Index: s.to("/search/"), Whole: i.oneIndex(), Language: v.language, Home: s.to(i.overviewPath(v)),
	}
	for _, c := range []string{"networks", "activities", "organizations"} {
		view.Kinds = append(view.Kinds, kindOption{c, s.say(c)})
		view.Lists = append(view.Lists, s.folder(c))
	}
	for _, vocabulary := range vocabularies {
		view.Lists = append(view.Lists, s.folder(vocabulary))
	}
	page.Title, page.Description = view.Title, view.Intro.Body
	page.Crumbs = []link{s.home(), {Text: view.Title}}
	page.Noindex = true
	page.Body = view
	return i.execute("search.html", page)
}
