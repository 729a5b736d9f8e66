package website

import (
	"slices"
	"strings"
	"sync"

	"netsync/publishers"
	"netsync/schema"
	"netsync/schema/story"
)

// maxDescription is how long a page's description may be, in characters.
const maxDescription = 160

// pageView is what all pages share: the frame around a body.
type pageView struct {
	Lang, Dir   string
	Title       text
	Description string
	Kind        string // of the page, for stylesheets: record, list, …
	Site        siteView
	Canonical   string // whole, or ""
	Noindex     bool
	Refresh     string      // where the page leads on to at once
	Alternates  []alternate // nil on pages that are at no address of their own
	Crumbs      []link
	LinkedData  any
	Data        string // the page's subject as JSON
	OEmbed      string // whole, or ""
	Body        any
}

// siteView is the part of the frame that a language's pages have in common.
type siteView struct {
	Title       text
	Institution text
	Root        string // leads to the site's root
	Home        string // the overview
	Stylesheet  string
	Script      string
	Icon        string
	Skip        text
	NavLabel    string
	CrumbsLabel string
	LangLabel   string
	Nav         []navItem
	Search      searchBox
	Feeds       []feedLink
	FeedsLabel  text
	Mail        []link     // to the newsletter
	MailFeeds   []feedLink // of the newsletter
	BrowseLabel text
	Browse      []link
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

// A searchBox leads to the search page.
type searchBox struct {
	Label  text
	Action string
}

// An alternate is the same page in one of the languages.
type alternate struct {
	Lang, Name, URL string
	Whole           string // for search engines; "" where the host is not known
	Current         bool
	Default         bool
}

// A feedLink is a feed that the site points to.
type feedLink struct {
	Type, URL string
	Text      text
}

// page makes the frame of a page whose path in each language is known.
func (s *sheet) page(path func(*voice) string) *pageView {
	page := s.frame()
	page.Canonical = s.addresses.whole(s.path)
	for n, other := range s.voices {
		page.Alternates = append(page.Alternates, alternate{
			Lang: other.language, Name: other.autonym,
			URL: s.to(path(other)), Whole: s.addresses.whole(path(other)),
			Current: other == s.voice, Default: n == 0,
		})
	}
	return page
}

// frame makes the frame of a page that is at no address of its own.
func (s *sheet) frame() *pageView {
	return &pageView{Lang: s.language, Dir: s.direction, Site: s.site()}
}

func (s *sheet) site() siteView {
	view := s.frames.of(s)
	if scope, ok := s.scope(); ok && s.feeds {
		view.Feeds = append(s.feedLinks(scope, s.say("page-feed-json"), s.say("page-feed-atom")), view.Feeds...)
	}
	for n, item := range view.Nav {
		if s.path != "" && item.URL == s.to(s.path) {
			view.Nav = slices.Clone(view.Nav)
			view.Nav[n].Current = true
		}
	}
	return view
}

// frames are what the pages of a language have in common that lie equally deep
// below the root. None of it may be changed.
type frames struct {
	mu  sync.Mutex
	all map[frameKey]siteView
}

type frameKey struct {
	voice *voice
	up    string
}

func (f *frames) of(s *sheet) siteView {
	f.mu.Lock()
	defer f.mu.Unlock()
	key := frameKey{s.voice, s.up}
	view, ok := f.all[key]
	if !ok {
		view = s.commonSite()
		f.all[key] = view
	}
	return view
}

func (s *sheet) commonSite() siteView {
	m := s.manifest
	view := siteView{
		Title:       s.text(m.Title),
		Root:        s.to("/"),
		Home:        s.to(s.overviewPath(s.voice)),
		Stylesheet:  s.asset("site.css"),
		Script:      s.asset("site.js"),
		Icon:        s.asset("favicon.svg"),
		Skip:        s.say("skip"),
		NavLabel:    s.say("main").Body,
		CrumbsLabel: s.say("breadcrumb").Body,
		LangLabel:   s.say("language").Body,
		FeedsLabel:  s.say("follow"),
		BrowseLabel: s.say("browse"),
		LicenceTerm: s.say("licence"),
		Licence:     licence(m.License),
		Nav:         s.nav(),
		Search:      searchBox{s.say("search"), s.to(s.searchPath(s.voice))},
		Homepage:    link{Text: text{Body: host(m.Homepage)}, URL: web(m.Homepage)},
	}
	if card := s.catalog.cards[institution(m)]; card != nil {
		view.Institution = s.text(card.name)
	}
	for _, name := range []string{"networks", "activities", "organizations", "topics", "regions", "purposes"} {
		view.Browse = append(view.Browse, s.folder(name))
	}
	if s.feeds {
		view.Feeds = s.feedLinks(publishers.AllChanges, s.say("feed-json"), s.say("feed-atom"))
	}
	view.Mail, view.MailFeeds = s.mailLinks(), s.mailFeeds()
	return view
}

// Followed reports whether there is anything by which the site is followed.
func (v siteView) Followed() bool { return len(v.Feeds)+len(v.Mail) > 0 }

// feedLinks leads to a feed in the page's language.
func (s *sheet) feedLinks(scope string, asJSON, asAtom text) []feedLink {
	path := publishers.FeedPath(s.manifest, s.language, scope)
	return []feedLink{
		{"application/feed+json", s.to(path + ".json"), asJSON},
		{"application/atom+xml", s.to(path + ".xml"), asAtom},
	}
}

// scope is that of the feed of what the page is about: a network, or a topic
// that something is on.
func (s *sheet) scope() (scope string, ok bool) {
	rest, _ := strings.CutPrefix(s.path, publishers.LanguagePath(s.manifest, s.language))
	parts := strings.Split(rest, "/")
	if len(parts) < 2 || parts[1] == "" {
		return "", false
	}
	scope = parts[0] + "/" + parts[1]
	switch parts[0] {
	case string(schema.Networks):
		return scope, s.catalog.cards[schema.RecordID{Collection: schema.Networks, ID: parts[1]}] != nil
	case "topics":
		return scope, len(s.catalog.lists[termList("topics", parts[1])]) > 0
	}
	return "", false
}

func (s *sheet) nav() []navItem {
	var items []navItem
	for _, item := range []struct{ label, path string }{
		{"overview", s.overviewPath(s.voice)},
		{"connections", s.connectionsPath(s.voice)},
		{"changes", s.changesPath(s.voice)},
		{"about-data", s.aboutPath(s.voice)},
	} {
		items = append(items, navItem{Text: s.say(item.label), URL: s.to(item.path)})
	}
	return items
}

// asset returns the address of an embedded asset.
func (s *sheet) asset(source string) string {
	for _, a := range s.assets {
		if a.source == source {
			return s.to("/" + a.name)
		}
	}
	return ""
}

// showChangeset puts the changeset into the footer.
func (s *sheet) showChangeset(page *pageView) {
	id := shortChangeset(s.edition.Position.Changeset)
	page.Site.Changeset = &fact{Label: s.say("changeset"), Values: plain(id)}
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

// Translated reports whether there is the page in another language.
func (p *pageView) Translated() bool { return len(p.Alternates) > 1 }

// FullTitle is the page's title with the site's behind it.
func (p *pageView) FullTitle() string {
	if p.Title.Body == p.Site.Title.Body {
		return strings.Trim(p.Title.Body+" – "+p.Site.Institution.Body, " –")
	}
	return p.Title.Body + " – " + p.Site.Title.Body
}

// ShortDescription is cut to what a search engine shows.
func (p *pageView) ShortDescription() string { return story.Shorten(p.Description, maxDescription) }
