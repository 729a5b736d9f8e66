package webtest

import (
	"fmt"
	"strings"

	"github.com/chromedp/chromedp/kb"
)

// A focused element is where a keyboard is.
type focused struct {
	Element string // its start, for a finding
	Link    string // where it leads, if it is a link
	Shown   bool   // it is in the window, with a mark of the focus
}

// focus describes the focused element. A mark is an outline or a shadow.
const focus = `(() => {
  const e = document.activeElement, s = getComputedStyle(e), r = e.getBoundingClientRect()
  const marked = n => { const s = getComputedStyle(n); return s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 1 || s.boxShadow !== "none" }
  const inside = r.width > 0 && r.height > 0 && r.bottom > 0 && r.right > 0 && r.top < innerHeight && r.left < innerWidth
  return {Element: e.outerHTML.slice(0, 160), Link: e.href ?? "",
    Shown: e === document.body || inside && (marked(e) || [...(e.labels ?? [])].some(marked))}
})()`

// TabTo presses the tab key until an element has the focus that meets a
// condition on "e", and reports elements on the way that do not show that they
// have it.
func (tab *Tab) TabTo(what, condition string) ([]Finding, error) {
	tab.t.Helper()
	const most = 400
	page := strings.TrimPrefix(Evaluate[string](tab, `location.href`), tab.origin)
	var findings []Finding
	for range most {
		tab.Press(kb.Tab)
		f := Evaluate[focused](tab, focus)
		if !f.Shown {
			findings = append(findings, Finding{page, "keyboard", "visible focus", f.Element, "has the focus and does not show it"})
		}
		if Evaluate[bool](tab, `(e => Boolean(`+condition+`))(document.activeElement)`) {
			return findings, nil
		}
	}
	return findings, fmt.Errorf("%s: %s is not reached by %d presses of the tab key", page, what, most)
}

// LeadsTo is the condition that an element is a link to a page whose address
// has a part, such as /networks/, in the main part of this one.
func LeadsTo(part string) string {
	return fmt.Sprintf(`e.closest("main") && e.href && e.href.startsWith(location.origin) && new URL(e.href).pathname.includes(%q)`, part)
}

// Follow presses Enter on a link and waits for its page.
func (tab *Tab) Follow() error {
	tab.t.Helper()
	to := Evaluate[string](tab, `document.activeElement.href ?? ""`)
	if to == "" {
		return fmt.Errorf("no link has the focus: %s", Evaluate[focused](tab, focus).Element)
	}
	tab.Press(kb.Enter)
	return tab.Wait("to be at "+to, fmt.Sprintf(`location.href === %q && document.readyState === "complete"`, to))
}

// Filter is the form that narrows down a page's list: it, or what holds it, has
// the role of a search, and stands in the page's main part. FilterShown tells whether a reader sees one.
const (
	Filter      = `(document.querySelector("main :is(form[role=search], search form, [role=search])"))`
	FilterShown = `Boolean(` + Filter + `?.checkVisibility())`
)

// NetworksShown counts the networks that a reader of the overview sees: links
// in headings to their pages.
const NetworksShown = `new Set([...document.querySelectorAll("main :is(h2, h3, h4) a[href*='networks/']")].filter(a => a.checkVisibility()).map(a => a.href)).size`
