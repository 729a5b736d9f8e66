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

// A GateError is the reason why a site is not published. The previous release
// stays current. The cause is a theme, as a rule, since the site's own
// templates are tested.
type GateError struct {
	File    string
	Problem string
}

func (e *GateError) Error() string {
	return fmt.Sprintf("%s %s; the site stays as it was. If it has a theme, correct that", e.File, e.Problem)
}

// Limits of a page's size, in bytes.
const (
	minPage = 300
	maxPage = 32 << 20
)

// A gate checks a site before it is published: pages are complete, links
// within the site work, and no record's page disappears.
type gate struct {
	addresses addresses
	theme     *theme
	external  []string // paths that other channels serve beside the site

	mu    sync.RWMutex
	links map[string]string // linked files, each with a page that links to it
	// knownLinks holds links without their way up to the root. They lead to
	// the same file from any page.
	knownLinks map[string]bool
}

func newGate(r *renderer) *gate {
	g := &gate{addresses: r.addresses, theme: r.theme, links: make(map[string]string), knownLinks: make(map[string]bool)}
	if r.feeds {
		g.external = []string{"feed.json", "feed.xml", "feeds.opml", "feeds/"}
	}
	g.external = append(g.external, r.mail.servedPaths(r.addresses)...)
	return g
}

// checkPage checks a file before it is staged. It is safe for concurrent use.
func (g *gate) checkPage(name string, data []byte) error {
	if path.Ext(name) != ".html" || strings.HasPrefix(name, "fragments/") {
		return nil
	}
	switch {
	case len(data) < minPage || bytes.LastIndex(data, []byte("</html>")) < 0: // found near the end
		return &GateError{name, "is not a whole page"}
	case len(data) > maxPage:
		return &GateError{name, fmt.Sprintf("has %d MiB, more than any reader would wait for", len(data)>>20)}
	}
	g.addLinks(name, data)
	return nil
}

// addLinks records the targets of a page's links.
func (g *gate) addLinks(page string, data []byte) {
	up := strings.Repeat("../", strings.Count(page, "/"))
	unknown := g.newLinks(up, data)
	if len(unknown) == 0 {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, link := range unknown {
		if below, ok := strings.CutPrefix(link, up); ok && up != "" {
			g.knownLinks[below] = true
		}
		target, ok := g.linkTarget(page, html.UnescapeString(link))
		if ok && g.links[target] == "" {
			g.links[target] = page
		}
	}
}

// newLinks returns the links of a page that are not known. The string up leads
// from the page to the root.
func (g *gate) newLinks(up string, data []byte) []string {
	g.mu.RLock()
	defer g.mu.RUnlock()
	var all []string
	for link := range pageLinks(data) {
		if below, ok := bytes.CutPrefix(link, []byte(up)); !ok || up == "" || !g.knownLinks[string(below)] {
			all = append(all, string(link))
		}
	}
	return all
}

// pageLinks iterates over the escaped values of href and src attributes.
func pageLinks(page []byte) iter.Seq[[]byte] {
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

// linkTarget returns the file that a link leads to; ok is false for links to
// other sites and channels.
func (g *gate) linkTarget(page, link string) (name string, ok bool) {
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
	return name, !slices.ContainsFunc(g.external, func(e string) bool {
		return name == e || strings.HasSuffix(e, "/") && strings.HasPrefix(name, e)
	})
}

// checkLinks returns an error if a link leads to a file that does not exist.
func (g *gate) checkLinks(p *plan, look release.Look) error {
	var dead []string
	for target := range g.links {
		if p.planned[target] {
			continue
		}
		if _, err := fs.Stat(look.FS, target); err != nil {
			dead = append(dead, target)
		}
	}
	if len(dead) == 0 {
		return nil
	}
	first := slices.Min(dead) // the same in each attempt
	return g.deadLinkError(g.links[first], first)
}

// checkRemovedPages returns an error if a removed record leaves no page.
func (b *build) checkRemovedPages(look release.Look) error {
	for _, name := range look.Removed {
		id, ok := recordInFile(name)
		if !ok {
			continue
		}
		for _, l := range b.locales {
			page := pageFile(b.recordPath(l, id))
			if _, err := fs.Stat(look.FS, page); err != nil {
				return &GateError{page, "would vanish without a word"}
			}
		}
	}
	return nil
}

// recordInFile returns the record of a data file.
func recordInFile(name string) (schema.RecordID, bool) {
	name, inData := strings.CutPrefix(name, "data/")
	name, isJSON := strings.CutSuffix(name, ".json")
	id, err := schema.ParseRecordID(name)
	return id, inData && isJSON && err == nil
}
