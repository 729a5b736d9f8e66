package preview_test

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"netsync/publishers/website/webtest"
)

// TestABrowserLoadsAPageAgain checks that a page reloads after an edit, and
// that screen readers announce the strip.
func TestABrowserLoadsAPageAgain(t *testing.T) {
	t.Parallel()
	browser, axe := webtest.Start(t), webtest.Axe(t)
	f := open(t, true, "")
	tab := browser.Tab(t, f.address+"/")
	f.edit(f.dir, "networks/una-europa.yaml", "tier: key", "teir: key")
	tab.Open("networks/una-europa/")
	strip := `document.querySelector(".netsync-preview")?.shadowRoot?.querySelector("aside")?.textContent`
	if err := tab.Wait("the finding", strip+`?.includes("una-europa.yaml:4:1") ?? false`); err != nil {
		t.Fatal(err)
	}
	for _, page := range []string{"networks/una-europa/index.html", "_preview/index.html"} {
		found := tab.Access(&webtest.Page{Name: page}, axe, true)
		webtest.Report(t, slices.DeleteFunc(found, func(f webtest.Finding) bool {
			return strings.Contains(f.Message, "inline style") // set by axe to measure
		}))
		picture(t, tab, page)
	}
	tab.Open("networks/una-europa/")
	f.edit(f.dir, "networks/una-europa.yaml", "teir: key", "tier: key")
	if err := tab.Wait("the mended page", strip+`?.includes("nothing wrong") ?? false`); err != nil {
		t.Fatal(err)
	}
	picture(t, tab, "mended")
	if complaints := tab.Complaints(); len(complaints) > 0 {
		t.Errorf("the browser complains: %q", complaints)
	}
}

var screenshots = flag.String("screenshots", "", "folder for pictures of the pages")

// picture saves a screenshot of a page if requested.
func picture(t *testing.T, tab *webtest.Tab, name string) {
	t.Helper()
	if *screenshots == "" {
		return
	}
	for _, screen := range webtest.Screens() {
		tab.Use(screen)
		file := filepath.Join(*screenshots, strings.ReplaceAll(name, "/", "-")+"-"+screen.Name+".png")
		if err := os.WriteFile(file, tab.Picture(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
