package website_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"netsync/publishers/website/webtest"
)

var screenshots = flag.String("screenshots", "", "folder for pictures of the pages")

// TestScreenshots writes screenshots:
//
//	NETSYNC_TEST_REQUIRE=browser go test ./publishers/website -run Screenshots -args -screenshots DIR
func TestScreenshots(t *testing.T) {
	if *screenshots == "" {
		t.Skip("skipped: nobody asked for pictures (-args -screenshots DIR)")
	}
	browser := webtest.Start(t)
	site := openBuilt(t, eventfulStory(t), "")
	tab := browser.Tab(t, site.Serve(t))
	if err := os.MkdirAll(*screenshots, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, p := range site.Samples() {
		for _, screen := range webtest.Screens() {
			tab.Use(screen)
			tab.Open(p.Path() + "?stay")
			name := strings.ReplaceAll(strings.TrimSuffix(string(p.Kind)+"-"+p.Path(), "/"), "/", "-") + "-" + screen.Name + ".png"
			if err := os.WriteFile(filepath.Join(*screenshots, name), tab.Picture(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}
