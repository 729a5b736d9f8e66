package webtest

import (
	"os"
	"path/filepath"
	"testing"

	"netsync/schema/testkit/npmtest"
)

// axeScript runs axe-core with the given rules and returns the violations.
const axeScript = `((context, runOnly) => axe.run(context, {resultTypes: ["violations"], runOnly})
  .then(r => r.violations.flatMap(v => v.nodes.map(n => ({rule: v.id, element: n.html, message: v.help + ": " + n.failureSummary})))))`

// Rules of axe-core: WCAG 2.2 at level AA with axe's own good practice, and
// the rules about colours.
const (
	allRules    = `["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]`
	colourRules = `{type: "rule", values: ["color-contrast", "link-in-text-block"]}`
)

// preferenceChecks check a page for readers who prefer reduced motion or their
// own colours, or who zoom. A page must never be wider than its window.
var preferenceChecks = []struct {
	screen Screen
	script string // returns the elements that fail
}{
	{Screen{Name: "reflow at 320 pixels", Width: 320, Height: 640}, tooWide},
	{Screen{Name: "200 percent zoom", Width: 640, Height: 450, Scale: 2}, tooWide},
	{Screen{Name: "phone", Width: 360, Height: 740}, tooWide},
	{Screen{Name: "reduced motion", Width: 1280, Height: 900, Media: map[string]string{"prefers-reduced-motion": "reduce"}}, moves},
	{Screen{Name: "forced colours", Width: 1280, Height: 900, Media: map[string]string{"forced-colors": "active"}}, keepsColours},
}

const (
	tooWide = `(() => {
  const room = document.documentElement.clientWidth
  if (document.documentElement.scrollWidth <= room) return []
  const wide = [...document.body.querySelectorAll("*")].filter(e => e.getBoundingClientRect().right > room + 1)
  return wide.filter(e => !wide.some(o => o !== e && e.contains(o))).slice(0, 3).map(e => e.outerHTML.slice(0, 200))
})()`
	moves = `(() => {
  const slow = t => t.split(",").some(s => parseFloat(s) > 0.02)
  const found = [...document.querySelectorAll("*")].filter(e => { const s = getComputedStyle(e)
    return slow(s.transitionDuration) || (s.animationName !== "none" && slow(s.animationDuration)) })
  if (getComputedStyle(document.documentElement).scrollBehavior === "smooth") found.push(document.documentElement)
  return found.slice(0, 3).map(e => e.outerHTML.slice(0, 200))
})()`
	keepsColours = `[...document.querySelectorAll("*")].filter(e => getComputedStyle(e).forcedColorAdjust === "none" && e.namespaceURI.endsWith("xhtml"))
  .slice(0, 3).map(e => e.outerHTML.slice(0, 200))`
)

// Axe returns the source of axe-core.
func Axe(t testing.TB) string {
	t.Helper()
	source, err := os.ReadFile(filepath.Join(npmtest.Folder(t, "axe-core", needAxe), "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	return string(source)
}

// Access checks a page on every screen, with axe and with checks of our own.
// Unless thorough is set, it checks only the rules about colours in dark mode,
// where nothing else differs.
func (tab *Tab) Access(p *Page, axe string, thorough bool) []Finding {
	tab.t.Helper()
	tab.Open(p.Path() + "?stay")
	context := "document"
	if p.Kind == Fragment { // a part of a page without title and landmarks
		context = "document.body.firstElementChild"
	}
	return tab.checkAccess(p.Name, context, axe, thorough)
}

// Judge is Access for the page that the tab already shows, such as the answer
// to a form.
func (tab *Tab) Judge(name, axe string, thorough bool) []Finding {
	tab.t.Helper()
	return tab.checkAccess(name, "document", axe, thorough)
}

func (tab *Tab) checkAccess(name, context, axe string, thorough bool) []Finding {
	tab.t.Helper()
	type violation struct{ Rule, Element, Message string }
	var findings []Finding
	Evaluate[bool](tab, axe+"; true")
	for _, screen := range Screens() {
		tab.Use(screen)
		rules := allRules
		if screen.Night() && !thorough {
			rules = colourRules
		}
		for _, v := range Evaluate[[]violation](tab, axeScript+"("+context+", "+rules+")") {
			findings = append(findings, Finding{name, "axe", v.Rule, v.Element, screen.Name + ": " + v.Message})
		}
	}
	for _, preference := range preferenceChecks {
		tab.Use(preference.screen)
		for _, element := range Evaluate[[]string](tab, preference.script) {
			findings = append(findings, Finding{name, "preferences", preference.screen.Name, element, "is not as it should be"})
		}
	}
	for _, complaint := range tab.Complaints() {
		findings = append(findings, Finding{name, "browser", "complaint", "", complaint})
	}
	return findings
}
