package website

import (
	"bytes"
	"fmt"
	"html"
	"io/fs"
	"iter"
	"path"
	"slices"
	"strings"
	"sync"

	"netsync/publishers/release"
	"netsync/schema"
)

// A GateError is why a site does not go live. Readers go on seeing the one
// before. As the site's own templates are tested, a theme is at fault as a
// rule.
type GateError struct {
	File    string
	Problem string
}

func (e *GateError) Error() string {
	return fmt.Sprintf("%s %s; the site stays as it was. If it has a theme, correct that", e.File, e.Problem)
}

// Sane sizes of a page in bytes: less is no page, and more is none that
// anybody would wait for.
const (
	minPage = 300
	maxPage = 32 << 20
)

// A gate looks at a site before readers see it: that pages are whole, that
// links within the site lead somewhere, and that no record's page vanishes.
type gate struct {
	addresses addresses
	theme     *theme
	elsewhere []string // served beside the site by others

	mu    sync.RWMutex
	links map[string]string // what is linked to, and one of the pages that do
	// known are links of pages without the way up to the site's root, from
	// where they lead to the same place on all pages.
	known map[string]bool
}

func newGate(p *press) *gate {
	g := &gate{addresses: p.addresses, theme: p.theme, links: make(map[string]string), known: make(map[string]bool)}
	if p.feeds {
		g.elsewhere = []string{"feed.json", "feed.xml", "feeds.opml", "feeds/"}
	}
	g.elsewhere = append(g.elsewhere, p.mail.beside(p.addresses)...)
	return g
}

// page looks at a file that is about to be staged. It may be called by several
// goroutines.
func (g *gate) page(name string, data []byte) error {
	if path.Ext(name) != ".html" || strings.HasPrefix(name, "fragments/") {
		return nil
	}
	switch {
	case len(data) < minPage || bytes.LastIndex(data, []byte("</html>")) < 0: // which is near the end
		return &GateError{name, "is not a whole page"}
	case len(data) > maxPage:
		return &GateError{name, fmt.Sprintf("has %d MiB, more than any reader would wait for", len(data)>>20)}
	}
	g.note(name, data)
	return nil
}

// note remembers what a page links to.
func (g *gate) note(page string, data []byte) {
	up := strings.Repeat("../", strings.Count(page, "/"))
	fresh := g.fresh(up, data)
	if len(fresh) == 0 {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, link := range fresh {
		if below, ok := strings.CutPrefix(link, up); ok && up != "" {
			g.known[below] = true
		}
		target, ok := g.target(page, html.UnescapeString(link))
		if ok && g.links[target] == "" {
			g.links[target] = page
		}
	}
}

// fresh are the links of a page, the way up to the root from which is given,
// but for those that are known.
func (g *gate) fresh(up string, data []byte) []string {
	g.mu.RLock()
	defer g.mu.RUnlock()
	var all []string
	for link := range links(data) {
		if below, ok := bytes.CutPrefix(link, []byte(up)); !ok || up == "" || !g.known[string(below)] {
			all = append(all, string(link))
		}
	}
	return all
}

// links are the values of href and src attributes, as they are written.
func links(page []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for {
			at := bytes.IndexByte(page, '=')
			if at < 0 || at+1 == len(page) {
				return
			}
			before, quote := page[:at], page[at+1]
			page = page[at+1:]
			if quote != '"' && quote != '\'' || !bytes.HasSuffix(before, []byte(" href")) && !bytes.HasSuffix(before, []byte(" src")) {
				continue
			}
			end := bytes.IndexByte(page[1:], quote)
			if end < 0 || !yield(page[1:1+end]) {
				return
			}
			page = page[1+end:]
		}
	}
}

// target is the file that a link within the site leads to; ok is false for
// links that lead elsewhere.
func (g *gate) target(page, link string) (name string, ok bool) {
	link, _, _ = strings.Cut(link, "#")
	link, _, _ = strings.Cut(link, "?")
	first, _, _ := strings.Cut(link, "/")
	if link == "" || strings.Contains(first, ":") || strings.HasPrefix(link, "//") {
		return "", false
	}
	folder := strings.HasSuffix(link, "/") || strings.HasSuffix(link, "/.") || link == "." || strings.HasSuffix(link, "..")
	if rooted, isRooted := strings.CutPrefix(link, g.addresses.base); isRooted && link[0] == '/' {
		name = path.Join(rooted)
	} else {
		name = path.Join(path.Dir(page), link)
	}
	if folder || name == "." {
		name = path.Join(name, "index.html")
	}
	return name, !slices.ContainsFunc(g.elsewhere, func(e string) bool {
		return name == e || strings.HasSuffix(e, "/") && strings.HasPrefix(name, e)
	})
}

// pass makes sure that links within the site lead somewhere.
func (g *gate) pass(p *plan, look release.Look) error {
	var dead []string
	for target := range g.links {
		if p.taken[target] {
			continue
		}
		if _, err := fs.Stat(look.FS, target); err != nil {
			dead = append(dead, target)
		}
	}
	if len(dead) == 0 {
		return nil
	}
	first := slices.Min(dead) // the same each time it is tried
	return g.dead(g.links[first], first)
}

// remains makes sure that where a record was, a reader still finds a page.
func (i *issue) remains(look release.Look) error {
	for _, name := range look.Removed {
		id, ok := recordOf(name)
		if !ok {
			continue
		}
		for _, v := range i.voices {
			page := pageFile(i.recordPath(v, id))
			if _, err := fs.Stat(look.FS, page); err != nil {
				return &GateError{page, "would vanish without a word"}
			}
		}
	}
	return nil
}

// recordOf is the record that a data file holds.
func recordOf(name string) (schema.RecordID, bool) {
	name, inData := strings.CutPrefix(name, "data/")
	name, isJSON := strings.CutSuffix(name, ".json")
	id, err := schema.ParseRecordID(name)
	return id, inData && isJSON && err == nil
}
