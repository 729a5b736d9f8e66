package webtest

import (
	"fmt"
	"strings"

	"github.com/chromedp/chromedp/kb"
)

// A focusedElement is the element with the keyboard focus.
type focusedElement struct {
	Element string // its start, for a finding
	Link    string // its target, if it is a link
	Shown   bool   // it is in the window with a visible focus
}

// focusScript describes the focused element. An outline or a shadow marks the
// focus.
const focusScript = `(() => {
  const e = document.activeElement, s = getComputedStyle(e), r = e.getBoundingClientRect()
  const marked = n => { const s = getComputedStyle(n); return s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 1 || s.boxShadow !== "none" }
  const inside = r.width > 0 && r.height > 0 && r.bottom > 0 && r.right > 0 && r.top < innerHeight && r.left < innerWidth
  return {Element: e.outerHTML.slice(0, 160), Link: e.href ?? "",
    Shown: e === document.body || inside && (marked(e) || [...(e.labels ?? [])].some(marked))}
})()`

// TabTo presses Tab until an element has the focus for which the condition on
// "e" holds. It reports elements on the way without a visible focus.
func (tab *Tab) TabTo(what, condition string) ([]Finding, error) {
	tab.t.Helper()
	const most = 400
	page := strings.TrimPrefix(Evaluate[string](tab, `location.href`), tab.origin)
	var findings []Finding
	for range most {
		tab.Press(kb.Tab)
		f := Evaluate[focusedElement](tab, focusScript)
		if !f.Shown {
			findings = append(findings, Finding{page, "keyboard", "visible focus", f.Element, "has the focus and does not show it"})
		}
		if Evaluate[bool](tab, `(e => Boolean(`+condition+`))(document.activeElement)`) {
			return findings, nil
		}
	}
	return findings, fmt.Errorf("%s: %s is not reached by %d presses of the tab key", page, what, most)
}

// LeadsTo returns the condition that an element is a link in the main part, to
// a page of the site whose path contains part.
func LeadsTo(part string) string {
	return fmt.Sprintf(`e.closest("main") && e.href && e.href.startsWith(location.origin) && new URL(e.href).pathname.includes(%q)`, part)
}

// Follow presses Enter on a link and waits for its page.
func (tab *Tab) Follow() error {
	tab.t.Helper()
	to := Evaluate[string](tab, `document.activeElement.href ?? ""`)
	if to == "" {
		return fmt.Errorf("no link has the focus: %s", Evaluate[focusedElement](tab, focusScript).Element)
	}
	tab.Press(kb.Enter)
	return tab.Wait("to be at "+to, fmt.Sprintf(`location.href === %q && document.readyState === "complete"`, to))
}

// Filter selects the form that filters a page's list, by the role search in
// the page's main part. FilterShown reports whether it is visible.
const (
	Filter      = `(document.querySelector("main :is(form[role=search], search form, [role=search])"))`
	FilterShown = `Boolean(` + Filter + `?.checkVisibility())`
)

// NetworksShown counts the visible networks on the overview: links in headings
// to their pages.
const NetworksShown = `new Set([...document.querySelectorAll("main :is(h2, h3, h4) a[href*='networks/']")].filter(a => a.checkVisibility()).map(a => a.href)).size`
