package website_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"netsync/publishers/website/webtest"
)

// TestAWalkWithTheKeyboard goes from the overview through the filters to a
// network and one of its activities, using only the keyboard.
func TestAWalkWithTheKeyboard(t *testing.T) {
	t.Parallel()
	browser := webtest.Start(t)
	tab := browser.Tab(t, openBuilt(t, sampleStory(t), "").Serve(t))
	// With reduced motion the page scrolls at once when the focus moves.
	tab.Use(webtest.Screen{Name: "desktop", Width: 1280, Height: 900, Media: map[string]string{"prefers-reduced-motion": "reduce"}})
	tab.Open("")

	tab.Press(kb.Tab)
	if !webtest.Evaluate[bool](tab, `document.activeElement.hash === "#" + document.querySelector("main").id`) {
		t.Error("the first stop is no link to the main part")
	}
	tab.Press(kb.Enter)
	must(t, tab.Wait("the main part has the focus", `document.activeElement.closest("main") !== null`))

	t.Run("filter", func(t *testing.T) { filterByKeyboard(t, tab) })
	tab.Open("")
	for _, part := range []string{"/networks/lde-global/", "/activities/"} {
		findings, err := tab.TabTo("a link to "+part, webtest.LeadsTo(part))
		webtest.Report(t, findings)
		must(t, err)
		must(t, tab.Follow())
	}
	webtest.Report(t, tabFindings(tab, "the walk"))
}

// filterByKeyboard types into the search, clears it, and sets every other
// control by keyboard.
func filterByKeyboard(t *testing.T, tab *webtest.Tab) {
	if !webtest.Evaluate[bool](tab, webtest.FilterShown) {
		t.Skip("skipped: the overview has no form with the role of a search yet")
	}
	if bare := webtest.Evaluate[[]string](tab, `[...`+webtest.Filter+`.querySelectorAll("input:not([type=hidden], [type=submit], [type=reset]), select")]
		.filter(e => !e.labels?.length && !e.ariaLabel && !e.getAttribute("aria-labelledby")).map(e => e.outerHTML)`); len(bare) > 0 {
		t.Errorf("controls without a label: %q", bare)
	}
	all := webtest.Evaluate[int](tab, webtest.NetworksShown)
	fewer := fmt.Sprintf("%s < %d", webtest.NetworksShown, all)
	again := fmt.Sprintf("%s === %d", webtest.NetworksShown, all)

	findings, err := tab.TabTo("the search", `e.matches("input[type=search], input[type=text], [role=searchbox]")`)
	webtest.Report(t, findings)
	must(t, err)
	tab.Press("Coimbra")
	must(t, tab.Wait("the search narrows the list down", fewer))
	if webtest.Evaluate[int](tab, webtest.NetworksShown) == 0 {
		t.Error("the search for Coimbra finds nothing")
	}
	if !webtest.Evaluate[bool](tab, `[...document.querySelectorAll("[role=status], [aria-live], output")].some(e => /\d/.test(e.textContent))`) {
		t.Error("no live region says how many there are")
	}
	tab.Press(kb.Escape)
	must(t, tab.Wait("Escape takes the search back", again))

	kinds := map[string]string{
		`e.matches("select")`:          kb.ArrowDown,
		`e.matches("[type=checkbox]")`: " ",
		`e.matches("[type=radio]")`:    kb.ArrowDown,
	}
	for condition, key := range kinds {
		tab.Open("")
		if !webtest.Evaluate[bool](tab, `[...`+webtest.Filter+`.querySelectorAll("*")].some(e => e.checkVisibility() && `+condition+`)`) {
			continue
		}
		findings, err := tab.TabTo("a control", webtest.Filter+`.contains(e) && `+condition)
		webtest.Report(t, findings)
		must(t, err)
		tab.Press(key)
		must(t, tab.Wait("a control narrows the list down: "+condition, fewer))
	}
}

// TestAWalkWithoutScripts goes the same way with a mouse and without scripts.
func TestAWalkWithoutScripts(t *testing.T) {
	t.Parallel()
	browser := webtest.Start(t)
	tab := browser.Tab(t, openBuilt(t, sampleStory(t), "").Serve(t))
	tab.WithoutScripts()
	tab.Use(webtest.Screen{Name: "desktop", Width: 1280, Height: 900})
	tab.Open("")
	const networks = 8 // of the sample
	if n := webtest.Evaluate[int](tab, webtest.NetworksShown); n != networks {
		t.Errorf("%d networks are shown, not %d", n, networks)
	}
	if webtest.Evaluate[bool](tab, `document.querySelector("main details") !== null`) {
		tab.Click("main details summary")
		must(t, tab.Wait("the details open", `document.querySelector("main details[open] p")?.checkVisibility() ?? false`))
	}
	t.Run("filter", func(t *testing.T) { filterWithoutScripts(t, tab, networks) })
	tab.Open("")
	tab.Click(`main a[href*="networks/lde-global/"]`)
	must(t, tab.Wait("the network's page", `location.pathname.endsWith("/networks/lde-global/") && document.readyState === "complete"`))
	tab.Click(`main a[href*="activities/"]`)
	must(t, tab.Wait("the activity's page", `location.pathname.includes("/activities/") && document.querySelector("h1") !== null`))
	webtest.Report(t, tabFindings(tab, "the walk"))
}

// filterWithoutScripts checks that a visible filter works, and that readers
// find pages of topics, if there are any.
func filterWithoutScripts(t *testing.T, tab *webtest.Tab, all int) {
	const choice = `[role=search] :is([type=checkbox], [type=radio]), form[role=search] :is([type=checkbox], [type=radio]), search :is([type=checkbox], [type=radio])`
	const useless = `[...document.querySelectorAll("input, select")].some(e => e.checkVisibility() && !["checkbox", "radio"].includes(e.type))`
	if webtest.Evaluate[bool](tab, useless) {
		t.Error("controls are shown that do nothing without scripts")
	}
	topic := webtest.Evaluate[bool](tab, `document.querySelector("a[href*='topics/']")?.checkVisibility() ?? false`)
	switch {
	case webtest.Evaluate[bool](tab, `document.querySelector("`+choice+`")?.checkVisibility() ?? false`):
		tab.Click(choice)
		must(t, tab.Wait("a choice narrows the list down", fmt.Sprintf("%s < %d", webtest.NetworksShown, all)))
	case topic:
		tab.Click(`a[href*="topics/"]`)
		must(t, tab.Wait("a topic's page lists networks", `location.pathname.includes("/topics/") && document.querySelector("main a[href*='networks/']") !== null`))
	default:
		t.Skip("skipped: the overview has no filter and no pages by topic without scripts yet")
	}
}

func tabFindings(tab *webtest.Tab, where string) []webtest.Finding {
	var all []webtest.Finding
	for _, c := range tab.Complaints() {
		all = append(all, webtest.Finding{Page: where, Checker: "browser", Rule: "complaint", Message: c})
	}
	return all
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
