package webtest

import (
	"bytes"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// A Site is a folder with a built site.
type Site struct {
	Dir string
	// Base is the public address that the site was built for, ending with a
	// slash, or a placeholder if unknown.
	Base string
	// Elsewhere are paths below the base that other channels serve.
	Elsewhere []string
	Pages     []*Page // by name
	files     map[string]bool
}

// A Page is one HTML file of a site.
type Page struct {
	Name     string // nl/networks/leru/index.html
	Kind     Kind
	Language string // of the html element
	Root     *html.Node
	Size     int
}

// Open reads the pages of a site in a folder. The base is the address that it
// was built for, or "". The paths of other channels are in Elsewhere.
func Open(t testing.TB, dir, base string) *Site {
	t.Helper()
	if base == "" {
		base = "http://site.invalid/"
	}
	s := &Site{Dir: resolveLink(t, dir), Base: strings.TrimRight(base, "/") + "/",
		Elsewhere: []string{"feed.json", "feed.xml", "feeds.opml", "feeds/", "newsletter/"}, files: make(map[string]bool)}
	err := fs.WalkDir(os.DirFS(s.Dir), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		s.files[name] = true
		if path.Ext(name) != ".html" {
			return nil
		}
		p, err := s.readPage(name)
		s.Pages = append(s.Pages, p)
		return err
	})
	if err != nil {
		t.Fatalf("read the site in %s: %v", dir, err)
	}
	if len(s.Pages) == 0 {
		t.Fatalf("there is no page in %s", dir)
	}
	for _, p := range s.Pages {
		p.Kind = s.pageKind(p)
	}
	return s
}

// resolveLink resolves symbolic links, such as a channel's "current".
func resolveLink(t testing.TB, dir string) string {
	t.Helper()
	resolved, err := filepath.EvalSymlinks(dir)
	if err != nil {
		t.Fatalf("open the site: %v", err)
	}
	return resolved
}

func (s *Site) readPage(name string) (*Page, error) {
	data, err := os.ReadFile(filepath.Join(s.Dir, filepath.FromSlash(name)))
	if err != nil {
		return nil, err
	}
	root, err := html.Parse(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	p := &Page{Name: name, Root: root, Size: len(data)}
	if top := p.Elements("html"); len(top) > 0 {
		p.Language = Attribute(top[0], "lang")
	}
	return p, nil
}

// Path returns a page's path below the base: networks/leru/.
func (p *Page) Path() string {
	if path.Base(p.Name) != "index.html" {
		return p.Name
	}
	return strings.TrimSuffix(p.Name, "index.html")
}

// publicURL returns the page's public address.
func (s *Site) publicURL(p *Page) *url.URL {
	base, err := url.Parse(s.Base)
	if err != nil {
		panic(err) // the site was built for it
	}
	return base.ResolveReference(&url.URL{Path: "./" + p.Path()})
}

// Samples returns the largest page of each kind and language.
func (s *Site) Samples() []*Page {
	type group struct {
		kind     Kind
		language string
	}
	groups := make(map[group][]*Page)
	for _, p := range s.Pages {
		g := group{p.Kind, p.Language}
		groups[g] = append(groups[g], p)
	}
	var chosen []*Page
	for _, all := range groups {
		slices.SortStableFunc(all, func(a, b *Page) int { return b.Size - a.Size })
		chosen = append(chosen, all[0])
	}
	slices.SortFunc(chosen, func(a, b *Page) int { return strings.Compare(a.Name, b.Name) })
	return chosen
}
