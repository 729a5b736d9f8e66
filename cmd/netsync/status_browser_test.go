package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// TestTheStatusPageIsReadOnAPhone: a dataset with findings and a channel that
// fails, in a window of 360 pixels and a wide one, by day and by night.
func TestTheStatusPageIsReadOnAPhone(t *testing.T) {
	t.Parallel()
	ctx, complaints := browser(t)
	d := newDemo(t)
	d.start()
	pages := map[string]string{"": "http://" + d.http + "/status", "admin-": d.adminURL("/status")}

	look := func(state, page string) {
		for _, width := range []int64{360, 1280} {
			for _, scheme := range []string{"light", "dark"} {
				err := chromedp.Do(ctx,
					prefer(scheme),
					chromedp.EmulateViewport(width, 900),
					chromedp.Navigate(page),
				)
				if err != nil {
					t.Fatalf("%s: %v", state, err)
				}
				if over := evaluate[int](t, ctx, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); over > 0 {
					t.Errorf("%s: the page is %d pixels wider than a window of %d", state, over, width)
				}
				if n := evaluate[int](t, ctx, `performance.getEntriesByType("resource").length`); n > 0 {
					t.Errorf("%s: the page loads %d things more", state, n)
				}
				picture(t, ctx, fmt.Sprintf("%s-%d-%s.png", state, width, scheme))
			}
		}
	}
	see := func(state string) {
		for prefix, page := range pages {
			look(prefix+state, page)
		}
	}
	see("current")

	// Findings, and a website that cannot be published: its releases are gone.
	website := filepath.Join(d.dir, "data", "website", "releases")
	if err := os.Rename(website, website+".away"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(website, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	d.replace("networks/leru.yaml", "tier: key", "teir: key")
	d.replace("networks/eua.yaml", "count: 47", "count: 48")
	d.commit("A typo and a change")
	d.waitFor("/status", "The website has been failing for")
	d.waitFor("/status", "Did you mean")
	see("failing")
	if c := complaints(); len(c) > 0 {
		t.Errorf("the console complains: %v", c)
	}
}

// picture keeps what the browser shows, for go test -artifacts.
func picture(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	image, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatalf("take a picture: %v", err)
	}
	if err := os.WriteFile(filepath.Join(t.ArtifactDir(), name), image, 0o644); err != nil {
		t.Fatal(err)
	}
}

// prefer asks for a colour scheme.
func prefer(scheme string) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return chromedp.Void{}, err
	}
}
