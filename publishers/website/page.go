package website

import (
	"slices"
	"strings"
	"sync"

	"netsync/publishers"
	"netsync/schema"
	"netsync/schema/story"
)

// maxDescription limits a page's description, in characters.
const maxDescription = 160

// pageView is what all pages share: the layout around a body.
type pageView struct {
	Lang, Dir   string
	Title       text
	Description string
	Kind        string // of the page, for stylesheets: record, list, …
	Site        siteView
	Canonical   string // absolute, or ""
	Noindex     bool
	Refresh     string      // URL to redirect to
	Alternates  []alternate // nil on pages without an address of their own
	Crumbs      []link
	LinkedData  any
	Data        string // the page's subject as JSON
	OEmbed      string // absolute, or ""
	Body        any
}

// siteView is the part of the layout that all pages of a language share.
type siteView struct {
	Title       text
	Institution text
	Root        string // the site's root
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
	Mail        []link     // the newsletter's
	MailFeeds   []feedLink // the newsletter's
	BrowseLabel text
	Browse      []link
	LicenceTerm text
	Licence     link
	Homepage    link
	Changeset   *fact // on pages that every changeset renders again
}

// A navItem links to one of the site's main pages.
type navItem struct {
	Text    text
	URL     string
	Current bool
}

// A searchBox is a form that opens the search page.
type searchBox struct {
	Label  text
	Action string
}

// An alternate is the same page in one of the languages.
type alternate struct {
	Lang, Name, URL string
	Whole           string // for search engines; "" if the host is unknown
	Current         bool
	Default         bool
}

// A feedLink links to a feed.
type feedLink struct {
	Type, URL string
	Text      text
}

// newPage returns the layout of a page, given its path in each language.
func (p *pageContext) newPage(path func(*locale) string) *pageView {
	page := p.newPageWithoutAddress()
	page.Canonical = p.addresses.absoluteURL(p.path)
	for n, other := range p.locales {
		page.Alternates = append(page.Alternates, alternate{
			Lang: other.language, Name: other.nativeName,
			URL: p.urlFor(path(other)), Whole: p.addresses.absoluteURL(path(other)),
			Current: other == p.locale, Default: n == 0,
		})
	}
	return page
}

// newPageWithoutAddress returns the layout of a page without its own address.
func (p *pageContext) newPageWithoutAddress() *pageView {
	return &pageView{Lang: p.language, Dir: p.direction, Site: p.siteView()}
}

func (p *pageContext) siteView() siteView {
	view := p.siteViews.get(p)
	if scope, ok := p.feedScope(); ok && p.feeds {
		view.Feeds = append(p.feedLinks(scope, p.labelText("page-feed-json"), p.labelText("page-feed-atom")), view.Feeds...)
	}
	for n, item := range view.Nav {
		if p.path != "" && item.URL == p.urlFor(p.path) {
			view.Nav = slices.Clone(view.Nav)
			view.Nav[n].Current = true
		}
	}
	return view
}

// siteViewCache holds what pages of one language and one depth below the root
// have in common. The views must not be modified.
type siteViewCache struct {
	mu    sync.Mutex
	views map[siteViewKey]siteView
}

type siteViewKey struct {
	locale   *locale
	rootPath string
}

func (c *siteViewCache) get(p *pageContext) siteView {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := siteViewKey{p.locale, p.rootPath}
	view, ok := c.views[key]
	if !ok {
		view = p.commonSiteView()
		c.views[key] = view
	}
	return view
}

func (p *pageContext) commonSiteView() siteView {
	m := p.manifest
	view := siteView{
		Title:       p.localText(m.Title),
		Root:        p.urlFor("/"),
		Home:        p.urlFor(p.overviewPath(p.locale)),
		Stylesheet:  p.assetURL("site.css"),
		Script:      p.assetURL("site.js"),
		Icon:        p.assetURL("favicon.svg"),
		Skip:        p.labelText("skip"),
		NavLabel:    p.labelText("main").Body,
		CrumbsLabel: p.labelText("breadcrumb").Body,
		LangLabel:   p.labelText("language").Body,
		FeedsLabel:  p.labelText("follow"),
		BrowseLabel: p.labelText("browse"),
		LicenceTerm: p.labelText("licence"),
		Licence:     licenceLink(m.License),
		Nav:         p.navItems(),
		Search:      searchBox{p.labelText("search"), p.urlFor(p.searchPath(p.locale))},
		Homepage:    link{Text: text{Body: hostName(m.Homepage)}, URL: webURL(m.Homepage)},
	}
	if card := p.catalog.cards[institutionID(m)]; card != nil {
		view.Institution = p.localText(card.name)
	}
	for _, name := range []string{"networks", "activities", "organizations", "topics", "regions", "purposes"} {
		view.Browse = append(view.Browse, p.folderLink(name))
	}
	if p.feeds {
		view.Feeds = p.feedLinks(publishers.AllChanges, p.labelText("feed-json"), p.labelText("feed-atom"))
	}
	view.Mail, view.MailFeeds = p.mailLinks(), p.mailFeeds()
	return view
}

// Followed reports whether the site has a feed or a newsletter.
func (v siteView) Followed() bool { return len(v.Feeds)+len(v.Mail) > 0 }

// feedLinks returns links to a feed in the page's language.
func (p *pageContext) feedLinks(scope string, asJSON, asAtom text) []feedLink {
	path := publishers.FeedPath(p.manifest, p.language, scope)
	return []feedLink{
		{"application/feed+json", p.urlFor(path + ".json"), asJSON},
		{"application/atom+xml", p.urlFor(path + ".xml"), asAtom},
	}
}

// feedScope returns the scope of the feed about the page's subject: a network,
// or a topic in use.
func (p *pageContext) feedScope() (scope string, ok bool) {
	rest, _ := strings.CutPrefix(p.path, publishers.LanguagePath(p.manifest, p.language))
	parts := strings.Split(rest, "/")
	if len(parts) < 2 || parts[1] == "" {
		return "", false
	}
	scope = parts[0] + "/" + parts[1]
	switch parts[0] {
	case string(schema.Networks):
		return scope, p.catalog.cards[schema.RecordID{Collection: schema.Networks, ID: parts[1]}] != nil
	case "topics":
		return scope, len(p.catalog.lists[termList("topics", parts[1])]) > 0
	}
	return "", false
}

func (p *pageContext) navItems() []navItem {
	var items []navItem
	for _, item := range []struct{ label, path string }{
		{"overview", p.overviewPath(p.locale)},
		{"connections", p.connectionsPath(p.locale)},
		{"changes", p.changesPath(p.locale)},
		{"about-data", p.aboutPath(p.locale)},
	} {
		items = append(items, navItem{Text: p.labelText(item.label), URL: p.urlFor(item.path)})
	}
	return items
}

// assetURL returns the link to an embedded asset.
func (p *pageContext) assetURL(source string) string {
	for _, a := range p.assets {
		if a.source == source {
			return p.urlFor("/" + a.name)
		}
	}
	return ""
}

// showChangeset adds the changeset to the footer.
func (p *pageContext) showChangeset(page *pageView) {
	id := shortChangeset(p.edition.Position.Changeset)
	page.Site.Changeset = &fact{Label: p.labelText("changeset"), Values: textLinks(id)}
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

// Translated reports whether the page exists in another language.
func (p *pageView) Translated() bool { return len(p.Alternates) > 1 }

// FullTitle returns the page's title followed by the site's.
func (p *pageView) FullTitle() string {
	if p.Title.Body == p.Site.Title.Body {
		return strings.Trim(p.Title.Body+" – "+p.Site.Institution.Body, " –")
	}
	return p.Title.Body + " – " + p.Site.Title.Body
}

// ShortDescription returns the description, cut to what a search engine shows.
func (p *pageView) ShortDescription() string { return story.Shorten(p.Description, maxDescription) }
