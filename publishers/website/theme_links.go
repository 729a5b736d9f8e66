package website

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// dead is the error of a link on a page that leads nowhere: at its place in
// the theme, where it comes from there.
func (g *gate) dead(page, target string) error {
	if file, at, ok := g.theme.linkTo(target); ok {
		return &ThemeError{
			"templates/" + file, at.line, at.column,
			fmt.Errorf("the link leads to %s, which is not there (as on %s)", target, page),
			"Begin addresses with {{.Site.Root}}, and name what the site has: pages end with a slash, and assets are {{.Site.Root}}{{asset \"logo.svg\"}}.",
		}
	}
	return &GateError{page, fmt.Sprintf("links to %s, which is not there", target)}
}

var (
	attribute = regexp.MustCompile(`\s(?:href|src)=(?:"([^"{]*(?:\{\{[^}]*\}\}[^"{]*)*)"|'([^'{]*(?:\{\{[^}]*\}\}[^'{]*)*)')`)
	action    = regexp.MustCompile(`\{\{[^}]*\}\}`)
)

// linkTo finds where a template of the theme links to a file of the site.
func (t *theme) linkTo(target string) (file string, at spot, ok bool) {
	for _, file := range slices.Sorted(maps.Keys(t.sources)) {
		source := t.sources[file]
		for _, found := range attribute.FindAllStringSubmatchIndex(source, -1) {
			from, to := found[2], found[3]
			if from < 0 {
				from, to = found[4], found[5]
			}
			if leadsTo(source[from:to], target) {
				before := source[:from]
				return file, spot{1 + strings.Count(before, "\n"), from - strings.LastIndex(before, "\n")}, true
			}
		}
	}
	return "", spot{}, false
}

// leadsTo reports whether what a template says of an address can be that of a
// file of the site.
func leadsTo(address, target string) bool {
	address, _, _ = strings.Cut(address, "#")
	if strings.HasSuffix(address, "/") {
		address += "index.html"
	}
	said := action.ReplaceAllString(address, "")
	if strings.Trim(strings.TrimSuffix(said, "index.html"), "./") == "" {
		return false // an action says all of it
	}
	var pattern strings.Builder
	for n, piece := range action.Split(address, -1) {
		if n > 0 {
			pattern.WriteString(".*")
		} else {
			piece = strings.TrimLeft(piece, "./")
		}
		pattern.WriteString(regexp.QuoteMeta(piece))
	}
	matches, err := regexp.MatchString("(?:^|/)"+pattern.String()+"$", "/"+target)
	return err == nil && matches
}
