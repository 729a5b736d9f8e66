package website

import (
	"strings"

	"netsync/schema"
	"netsync/schema/describe"
)

// maxDescription is how long a page's description may be, in characters.
const maxDescription = 160

// pageView is what all pages share: the frame around a body.
type pageView struct {
	Lang, Dir   string
	Title       text
	Description string
	Site        siteView
	Canonical   string // whole, or ""
	Noindex     bool
	Refresh     string      // where the page leads on to at once
	Alternates  []alternate // nil on pages in one language only
	Crumbs      []link
	LinkedData  *linkedData
	Body        any
}

// siteView is the part of the frame that a language's pages have in common.
type siteView struct {
	Title       text
	Institution text
	Stylesheet  string
	Icon        string
	Skip        text
	NavLabel    string
	CrumbsLabel string
	LangLabel   string
	Nav         []navItem
	Feeds       []feedLink
	FeedsLabel  text
	DataLabel   text
	Data        []link
	LicenceTerm text
	Licence     link
	Homepage    link
	Changeset   *fact // on pages that are made anew with every changeset
}

// A navItem is one of the site's main pages.
type navItem struct {
	Text    text
	URL     string
	Current bool
}

// An alternate is the same page in one of the languages.
type alternate struct {
	Lang, Name, URL string
	Whole           string // for search engines; relative where the host is not known
	Current         bool
	Default         bool
}

// A feedLink is a feed that the site points to.
type feedLink struct {
	Type, URL string
	Text      text
}

// page makes the frame of a page whose path in each language is known.
func (i *issue) page(v *voice, path func(*voice) string) pageView {
	here := path(v)
	page := i.frame(v)
	page.Canonical = i.addresses.whole(here)
	for n := range page.Site.Nav {
		page.Site.Nav[n].Current = page.Site.Nav[n].URL == i.addresses.local(here)
	}
	for n, other := range i.voices {
		a := alternate{Lang: other.language, Name: autonym(other.language), Current: other == v, Default: n == 0}
		a.URL = i.addresses.local(path(other))
		if a.Whole = i.addresses.whole(path(other)); a.Whole == "" {
			a.Whole = a.URL
		}
		page.Alternates = append(page.Alternates, a)
	}
	return page
}

// frame makes the frame of a page that is at no address of its own.
func (i *issue) frame(v *voice) pageView {
	return pageView{Lang: v.language, Dir: direction(v.language), Site: i.site(v)}
}

func (i *issue) site(v *voice) siteView {
	m := i.edition.Manifest
	s := siteView{
		Title:       v.text(m.Title),
		Stylesheet:  i.asset("site.css"),
		Icon:        i.asset("favicon.svg"),
		Skip:        v.say("skip"),
		NavLabel:    v.say("main").Body,
		CrumbsLabel: v.say("breadcrumb").Body,
		LangLabel:   v.say("language").Body,
		FeedsLabel:  v.say("feeds"),
		DataLabel:   v.say("data"),
		Data:        i.dataLinks(v),
		LicenceTerm: v.say("licence"),
		Licence:     licence(m.License),
		Nav: []navItem{
			{Text: v.say("overview"), URL: i.addresses.local(i.overviewPath(v))},
			{Text: v.say("changes"), URL: i.addresses.local(i.changesPath(v))},
		},
	}
	if o := i.catalog.organizations[m.Institution]; o != nil {
		s.Institution = v.text(o.Name)
	}
	s.Homepage = link{Text: text{Body: host(m.Homepage)}, URL: web(m.Homepage)}
	if i.feeds {
		s.Feeds = []feedLink{
			{"application/feed+json", i.addresses.local("/feed.json"), v.say("feed-json")},
			{"application/atom+xml", i.addresses.local("/feed.xml"), v.say("feed-atom")},
		}
	}
	return s
}

func (i *issue) dataLinks(v *voice) []link {
	var all []link
	for _, c := range schema.Collections() {
		all = append(all, link{Text: v.say(string(c)), URL: i.addresses.local("/data/" + string(c) + ".json")})
	}
	return append(all,
		link{Text: v.say("changes"), URL: i.addresses.local("/" + logFile)},
		link{Text: v.say("manifest"), URL: i.addresses.local("/data/manifest.json")})
}

// showChangeset puts the changeset into the footer.
func (i *issue) showChangeset(page *pageView, v *voice) {
	id := shortChangeset(i.edition.Position.Changeset)
	page.Site.Changeset = &fact{Label: v.say("changeset"), Values: plain(id)}
}

// shortChangeset shortens the commit in "<commit>@<sequence>".
func shortChangeset(id string) string {
	commit, sequence, ok := strings.Cut(id, "@")
	if !ok {
		return shortCommit(id)
	}
	return shortCommit(commit) + "@" + sequence
}

func shortCommit(sha string) string { return sha[:min(8, len(sha))] }

// FullTitle is the page's title with the site's behind it.
func (p pageView) FullTitle() string {
	if p.Title.Body == p.Site.Title.Body {
		return strings.Trim(p.Title.Body+" – "+p.Site.Institution.Body, " –")
	}
	return p.Title.Body + " – " + p.Site.Title.Body
}

// ShortDescription is cut to what a search engine shows.
func (p pageView) ShortDescription() string { return describe.Shorten(p.Description, maxDescription) }
