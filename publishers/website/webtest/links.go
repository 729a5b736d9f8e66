package webtest

import (
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// Links checks that each address within the site has a file, that each
// fragment has an element, and that ids are unique on a page. It ignores links
// to other sites.
func (s *Site) Links() []Finding {
	l := linkCheck{site: s, ids: make(map[string]map[string]int)}
	for _, p := range s.Pages {
		l.ids[p.Name] = countIDs(p)
	}
	for _, p := range s.Pages {
		l.checkPage(p)
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

func (l *linkCheck) checkPage(p *Page) {
	for id, n := range l.ids[p.Name] {
		if n > 1 || id == "" || strings.ContainsAny(id, " \t\n\f\r") {
			l.add(p, "id", id, "stands more than once, or is no id")
		}
	}
	for n := range p.Root.Descendants() {
		for _, address := range linkAddresses(n) {
			l.checkLink(p, n, address)
		}
		for _, a := range n.Attr {
			if slices.Contains(idReferences, a.Key) {
				for id := range strings.FieldsSeq(a.Val) {
					if l.ids[p.Name][id] == 0 {
						l.add(p, a.Key, startTag(n), "no element has this id")
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

// linkAddresses returns the addresses that an element refers to.
func linkAddresses(n *html.Node) []string {
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

// checkLink resolves an address from the page's own. The 404 page is shown at
// any address, so its links are resolved from another folder.
func (l *linkCheck) checkLink(p *Page, n *html.Node, address string) {
	base := l.site.publicURL(p)
	if p.Kind == NotFound && !strings.HasPrefix(address, "#") {
		base = base.ResolveReference(&url.URL{Path: "deep/down/"})
	}
	u, err := base.Parse(address)
	if err != nil {
		l.add(p, "address", startTag(n), err.Error())
		return
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		if u.Scheme != "data" || n.Data == "a" {
			l.add(p, "scheme", startTag(n), "leads to "+u.Scheme+":")
		}
		return
	}
	if u.Host != base.Host {
		return
	}
	name, ok := strings.CutPrefix(u.Path, strings.TrimSuffix(pathOf(l.site.Base), "/")+"/")
	if !ok {
		l.add(p, "outside", startTag(n), "leads out of the site's folder")
		return
	}
	l.checkTarget(p, n, name, u.Fragment)
}

// pathOf returns the path of a valid address.
func pathOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		panic(err)
	}
	return u.Path
}

func (l *linkCheck) checkTarget(p *Page, n *html.Node, name, fragment string) {
	if slices.ContainsFunc(l.site.Elsewhere, func(e string) bool {
		return name == e || strings.HasSuffix(e, "/") && strings.HasPrefix(name, e)
	}) {
		return
	}
	if name == "" || strings.HasSuffix(name, "/") {
		name += "index.html"
	}
	if !l.site.files[name] {
		l.add(p, "broken", startTag(n), "there is no "+name)
		return
	}
	if ids, ok := l.ids[name]; ok && fragment != "" && ids[fragment] == 0 {
		l.add(p, "fragment", startTag(n), "no element of "+name+" has the id "+fragment)
	}
}
