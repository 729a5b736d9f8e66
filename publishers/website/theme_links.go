package website

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// deadLinkError returns the error of a link on a page to a file that does not
// exist: a ThemeError with its place if it comes from the theme, else a
// GateError.
func (g *gate) deadLinkError(page, target string) error {
	if file, at, ok := g.theme.findLink(target); ok {
		return &ThemeError{
			"templates/" + file, at.line, at.column,
			fmt.Errorf("the link leads to %s, which is not there (as on %s)", target, page),
			"Begin addresses with {{.Site.Root}}, and name what the site has: pages end with a slash, and assets are {{.Site.Root}}{{asset \"logo.svg\"}}.",
		}
	}
	return &GateError{page, fmt.Sprintf("links to %s, which is not there", target)}
}

var (
	linkPattern   = regexp.MustCompile(`\s(?:href|src)=(?:"([^"{]*(?:\{\{[^}]*\}\}[^"{]*)*)"|'([^'{]*(?:\{\{[^}]*\}\}[^'{]*)*)')`)
	actionPattern = regexp.MustCompile(`\{\{[^}]*\}\}`)
)

// findLink finds a link to a file of the site in the theme's templates.
func (t *theme) findLink(target string) (file string, at sourcePosition, ok bool) {
	for _, file := range slices.Sorted(maps.Keys(t.sources)) {
		source := t.sources[file]
		for _, found := range linkPattern.FindAllStringSubmatchIndex(source, -1) {
			from, to := found[2], found[3]
			if from < 0 {
				from, to = found[4], found[5]
			}
			if matchesTarget(source[from:to], target) {
				before := source[:from]
				return file, sourcePosition{1 + strings.Count(before, "\n"), from - strings.LastIndex(before, "\n")}, true
			}
		}
	}
	return "", sourcePosition{}, false
}

// matchesTarget reports whether an address in a template can be that of a
// file. An action in the address matches anything.
func matchesTarget(address, target string) bool {
	address, _, _ = strings.Cut(address, "#")
	if strings.HasSuffix(address, "/") {
		address += "index.html"
	}
	literal := actionPattern.ReplaceAllString(address, "")
	if strings.Trim(strings.TrimSuffix(literal, "index.html"), "./") == "" {
		return false // the whole address is an action
	}
	var pattern strings.Builder
	for n, piece := range actionPattern.Split(address, -1) {
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
