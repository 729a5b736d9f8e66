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

// maxRounds is how many mistakes that hide one another are looked for.
const maxRounds = 50

// LoadTheme reads a theme and returns what is wrong with its files: ThemeErrors
// or nil.
func LoadTheme(dir string) error {
	_, err := newPress(Config{Theme: dir})
	return err
}

// CheckTheme makes every page of an edition with a theme, in all languages, as
// it is and cut up as if there were very many records, and looks at them like
// the gate that a site passes before it goes live. It returns how many pages
// it made, and all mistakes that it found as ThemeErrors. Another error says
// that it could not look.
func CheckTheme(dir string, e publishers.Edition) (pages int, err error) {
	const base = "https://www.example.org/networks/"
	mail := Mail{Archive: base + "newsletter/archive/", Feed: base + "newsletter/archive/feed.json", Signup: base + "newsletter/subscribe"}
	c := &themeCheck{config: Config{Theme: dir, BaseURL: base, Feeds: true, Mail: mail}, edition: e}
	for _, l := range []limits{defaultLimits(), {whole: 3, oneIndex: 4, node: 3, some: 2, page: 2, overview: 1, section: 2}} {
		more, err := c.check(l)
		if err != nil {
			return pages, err
		}
		pages += more
	}
	return pages, c.found.err()
}

type themeCheck struct {
	config  Config
	edition publishers.Edition
	found   ThemeErrors
	excised ThemeErrors // where an action was taken out to look behind it
}

// check makes the pages again and again, each time without the actions that
// were wrong, until nothing new is found.
func (c *themeCheck) check(l limits) (pages int, err error) {
	for range maxRounds {
		press, err := newPress(c.config)
		for _, mistake := range Mistakes(err) {
			c.found.add(mistake)
		}
		if press == nil {
			return 0, err
		}
		press.limits = l
		c.unused(press)
		for _, mistake := range c.excised {
			excise(press.templates, mistake)
		}
		known := len(c.excised)
		if pages, err = c.render(press); err != nil || len(c.excised) == known {
			return pages, err
		}
	}
	return pages, nil
}

// render makes all pages once.
func (c *themeCheck) render(press *press) (pages int, err error) {
	p := &Preview{press: press}
	if p.catalog, err = newCatalog(press.limits, c.edition.Manifest, c.edition.State); err != nil {
		return 0, err
	}
	if err := p.show(c.edition); err != nil {
		return 0, err
	}
	gate, whole := newGate(press), true
	for _, name := range p.Names() {
		if path.Ext(name) != ".html" && !strings.HasPrefix(name, "oembed/") {
			continue
		}
		pages++
		data, _, err := p.Read(name)
		if err == nil {
			err = gate.page(name, data)
		}
		if err != nil {
			whole = false
			if err = c.take(err); err != nil {
				return pages, err
			}
		}
	}
	if !whole {
		return pages, nil
	}
	for _, target := range slices.Sorted(maps.Keys(gate.links)) {
		if _, there := p.files[target]; !there {
			if err := c.take(gate.dead(gate.links[target], target)); err != nil {
				return pages, err
			}
		}
	}
	return pages, nil
}

// take notes a mistake; another error is returned.
func (c *themeCheck) take(err error) error {
	var g *GateError
	if errors.As(err, &g) {
		same := func(m *ThemeError) bool { return m.Err.Error() == g.Problem }
		if !slices.ContainsFunc(c.found, same) { // on all pages of a kind, as a rule
			c.found.add(&ThemeError{File: "page " + g.File, Err: fmt.Errorf("%s", g.Problem), Remedy: `Begin pages with {{template "top" .}} and end them with {{template "bottom" .}}.`})
		}
		return nil
	}
	found := Mistakes(err)
	if found == nil {
		return err
	}
	for _, mistake := range found {
		c.found.add(mistake)
		if mistake.Line > 0 {
			c.excised.add(mistake)
		}
	}
	return nil
}

// unused notes templates of the theme that nothing shows: a name that is
// mistyped, as a rule.
func (c *themeCheck) unused(press *press) {
	own, err := readTemplates(press.assets)
	if err != nil {
		return
	}
	called := make(map[string]bool)
	var known []string
	for _, t := range press.templates.Templates() {
		if t.Tree != nil && t.Tree.Root != nil {
			actions(t.Tree.Root, func(n *parse.Node) {
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
	for file := range press.theme.sources {
		wrong := func(m *ThemeError) bool { return m.File == "templates/"+file }
		if slices.ContainsFunc(c.found, wrong) {
			continue // which may be why
		}
		if !called[file] && !slices.ContainsFunc(defined(press.templates, file), func(name string) bool { return called[name] }) {
			c.found.add(&ThemeError{
				File: "templates/" + file, Err: fmt.Errorf("nothing shows this template, and nothing that it defines"),
				Remedy: suggestion(file, known, "Give it the name of one in reference/templates, or define a block that one of those shows."),
			})
		}
	}
}

// defined are the templates that a file defines.
func defined(templates *template.Template, file string) []string {
	var names []string
	for _, t := range templates.Templates() {
		if t.Tree != nil && t.Tree.ParseName == file && t.Name() != file {
			names = append(names, t.Name())
		}
	}
	return names
}
