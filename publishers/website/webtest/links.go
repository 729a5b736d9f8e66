package webtest

import (
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// Links follows every address within the site to its file, and every fragment
// to its element, and looks whether ids stand once on a page. Other sites are
// not asked.
func (s *Site) Links() []Finding {
	l := linkCheck{site: s, ids: make(map[string]map[string]int)}
	for _, p := range s.Pages {
		l.ids[p.Name] = countIDs(p)
	}
	for _, p := range s.Pages {
		l.page(p)
	}
	return l.findings
}

type linkCheck struct {
	site     *Site
	ids      map[string]map[string]int // by page
	findings []Finding
}

func countIDs(p *Page) map[string]int {
	ids := make(map[string]int)
	for n := range p.Root.Descendants() {
		for _, a := range n.Attr {
			if a.Key == "id" {
				ids[a.Val]++
			}
		}
	}
	return ids
}

func (l *linkCheck) page(p *Page) {
	for id, n := range l.ids[p.Name] {
		if n > 1 || id == "" || strings.ContainsAny(id, " \t\n\f\r") {
			l.add(p, "id", id, "stands more than once, or is no id")
		}
	}
	for n := range p.Root.Descendants() {
		for _, address := range addresses(n) {
			l.follow(p, n, address)
		}
		for _, a := range n.Attr {
			if slices.Contains(idReferences, a.Key) {
				for id := range strings.FieldsSeq(a.Val) {
					if l.ids[p.Name][id] == 0 {
						l.add(p, a.Key, tag(n), "no element has this id")
					}
				}
			}
		}
	}
}

var idReferences = []string{"aria-labelledby", "aria-describedby", "aria-controls", "aria-owns", "for", "list", "form"}

func (l *linkCheck) add(p *Page, rule, element, message string) {
	l.findings = append(l.findings, Finding{p.Name, "links", rule, element, message})
}

// addresses are what an element refers to.
func addresses(n *html.Node) []string {
	var all []string
	for _, a := range n.Attr {
		switch a.Key {
		case "href", "src", "action", "formaction", "poster", "cite":
			all = append(all, a.Val)
		case "srcset":
			for candidate := range strings.SplitSeq(a.Val, ",") {
				if fields := strings.Fields(candidate); len(fields) > 0 {
					all = append(all, fields[0])
				}
			}
		}
	}
	if strings.EqualFold(Attribute(n, "http-equiv"), "refresh") {
		if _, address, ok := strings.Cut(Attribute(n, "content"), "url="); ok {
			all = append(all, address)
		}
	}
	return all
}

// follow looks from the page's own address. The page for what is not there is
// shown at any, and must lead to the same places from all of them.
func (l *linkCheck) follow(p *Page, n *html.Node, address string) {
	base := l.site.address(p)
	if p.Kind == NotFound && !strings.HasPrefix(address, "#") {
		base = base.ResolveReference(&url.URL{Path: "deep/down/"})
	}
	u, err := base.Parse(address)
	if err != nil {
		l.add(p, "address", tag(n), err.Error())
		return
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		if u.Scheme != "data" || n.Data == "a" {
			l.add(p, "scheme", tag(n), "leads to "+u.Scheme+":")
		}
		return
	}
	if u.Host != base.Host {
		return
	}
	name, ok := strings.CutPrefix(u.Path, strings.TrimSuffix(pathOf(l.site.Base), "/")+"/")
	if !ok {
		l.add(p, "outside", tag(n), "leads out of the site's folder")
		return
	}
	l.file(p, n, name, u.Fragment)
}

// pathOf is the path of what is known to be an address.
func pathOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		panic(err)
	}
	return u.Path
}

func (l *linkCheck) file(p *Page, n *html.Node, name, fragment string) {
	if slices.ContainsFunc(l.site.Elsewhere, func(e string) bool {
		return name == e || strings.HasSuffix(e, "/") && strings.HasPrefix(name, e)
	}) {
		return
	}
	if name == "" || strings.HasSuffix(name, "/") {
		name += "index.html"
	}
	if !l.site.files[name] {
		l.add(p, "broken", tag(n), "there is no "+name)
		return
	}
	if ids, ok := l.ids[name]; ok && fragment != "" && ids[fragment] == 0 {
		l.add(p, "fragment", tag(n), "no element of "+name+" has the id "+fragment)
	}
}
