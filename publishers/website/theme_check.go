package website

import (
	"errors"
	"fmt"
	"html/template"
	"maps"
	"path"
	"slices"
	"strings"
	"text/template/parse"

	"netsync/publishers"
)

// maxRounds limits the rounds of finding mistakes that hide one another.
const maxRounds = 50

// CheckTheme renders every page of an edition with a theme, in all languages,
// and checks it as the gate does. It renders the site twice, the second time
// split as if it had very many records. It returns the number of pages, and
// all mistakes as ThemeErrors. Any other error means that the check failed.
func CheckTheme(dir string, e publishers.Edition) (pages int, err error) {
	const base = "https://www.example.org/networks/"
	mail := Mail{Archive: base + "newsletter/archive/", Feed: base + "newsletter/archive/feed.json", Signup: base + "newsletter/subscribe"}
	c := &themeChecker{config: Config{Theme: dir, BaseURL: base, Feeds: true, Mail: mail}, edition: e}
	for _, l := range []limits{defaultLimits(), {dataFile: 3, indexFile: 4, indexPrefix: 3, prefixSample: 2, listPage: 2, overview: 1, section: 2}} {
		more, err := c.check(l)
		if err != nil {
			return pages, err
		}
		pages += more
	}
	return pages, c.errors.asError()
}

type themeChecker struct {
	config  Config
	edition publishers.Edition
	errors  ThemeErrors
	removed ThemeErrors // errors whose actions were removed
}

// check renders the pages repeatedly, without the actions that failed, until
// it finds no new mistakes.
func (c *themeChecker) check(l limits) (pages int, err error) {
	for range maxRounds {
		r, err := newRenderer(c.config)
		for _, mistake := range FindThemeErrors(err) {
			c.errors.add(mistake)
		}
		if r == nil {
			return 0, err
		}
		r.limits = l
		c.checkUnused(r)
		for _, mistake := range c.removed {
			removeAction(r.templates, mistake)
		}
		known := len(c.removed)
		if pages, err = c.render(r); err != nil || len(c.removed) == known {
			return pages, err
		}
	}
	return pages, nil
}

// render renders all pages once.
func (c *themeChecker) render(r *renderer) (pages int, err error) {
	p := &Preview{renderer: r}
	if p.catalog, err = newCatalog(r.limits, c.edition.Manifest, c.edition.State); err != nil {
		return 0, err
	}
	if err := p.showEdition(c.edition); err != nil {
		return 0, err
	}
	gate, complete := newGate(r), true
	for _, name := range p.Names() {
		if path.Ext(name) != ".html" && !strings.HasPrefix(name, "oembed/") {
			continue
		}
		pages++
		data, _, err := p.Read(name)
		if err == nil {
			err = gate.checkPage(name, data)
		}
		if err != nil {
			complete = false
			if err = c.addError(err); err != nil {
				return pages, err
			}
		}
	}
	if !complete {
		return pages, nil
	}
	for _, target := range slices.Sorted(maps.Keys(gate.links)) {
		if _, exists := p.files[target]; !exists {
			if err := c.addError(gate.deadLinkError(gate.links[target], target)); err != nil {
				return pages, err
			}
		}
	}
	return pages, nil
}

// addError records a mistake. It returns any other error.
func (c *themeChecker) addError(err error) error {
	var g *GateError
	if errors.As(err, &g) {
		same := func(m *ThemeError) bool { return m.Err.Error() == g.Problem }
		if !slices.ContainsFunc(c.errors, same) { // the same problem is on all pages of a kind, as a rule
			c.errors.add(&ThemeError{File: "page " + g.File, Err: fmt.Errorf("%s", g.Problem), Remedy: `Begin pages with {{template "top" .}} and end them with {{template "bottom" .}}.`})
		}
		return nil
	}
	found := FindThemeErrors(err)
	if found == nil {
		return err
	}
	for _, mistake := range found {
		c.errors.add(mistake)
		if mistake.Line > 0 {
			c.removed.add(mistake)
		}
	}
	return nil
}

// checkUnused records templates of the theme that are never used, mostly
// because of a misspelled name.
func (c *themeChecker) checkUnused(r *renderer) {
	own, err := readTemplates(r.assets)
	if err != nil {
		return
	}
	called := make(map[string]bool)
	var known []string
	for _, t := range r.templates.Templates() {
		if t.Tree != nil && t.Tree.Root != nil {
			visitActions(t.Tree.Root, func(n *parse.Node) {
				if call, ok := (*n).(*parse.TemplateNode); ok {
					called[call.Name] = true
				}
			})
		}
	}
	for _, t := range own.Templates() {
		called[t.Name()] = true
		known = append(known, t.Name())
	}
	slices.Sort(known)
	for file := range r.theme.sources {
		wrong := func(m *ThemeError) bool { return m.File == "templates/"+file }
		if slices.ContainsFunc(c.errors, wrong) {
			continue // the mistake may be the cause
		}
		if !called[file] && !slices.ContainsFunc(definedTemplates(r.templates, file), func(name string) bool { return called[name] }) {
			c.errors.add(&ThemeError{
				File: "templates/" + file, Err: fmt.Errorf("nothing shows this template, and nothing that it defines"),
				Remedy: suggestRemedy(file, known, "Give it the name of one in reference/templates, or define a block that one of those shows."),
			})
		}
	}
}

// definedTemplates returns the names of templates that a file defines.
func definedTemplates(templates *template.Template, file string) []string {
	var names []string
	for _, t := range templates.Templates() {
		if t.Tree != nil && t.Tree.ParseName == file && t.Name() != file {
			names = append(names, t.Name())
		}
	}
	return names
}
