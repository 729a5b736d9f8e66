package website_test

import (
	"fmt"
	"sync"
	"testing"

	"netsync/publishers/website/webtest"
)

// TestEverybodyCanReadThePages checks pages of every kind and language with
// axe, on a phone and a desktop, in light and dark mode.
func TestEverybodyCanReadThePages(t *testing.T) {
	t.Parallel()
	axe, browser := webtest.Axe(t), webtest.Start(t)
	site := openBuilt(t, eventfulStory(t), "")
	chosen := site.Samples()
	if *longRun {
		chosen = site.Pages
	}
	webtest.Report(t, runInTabs(t, browser, site.Serve(t), chosen, func(tab *webtest.Tab, p *webtest.Page) []webtest.Finding {
		return tab.Access(p, axe, *longRun)
	}))
}

// runInTabs checks pages in a few tabs at the same time.
func runInTabs(t *testing.T, browser *webtest.Browser, origin string, pages []*webtest.Page,
	look func(*webtest.Tab, *webtest.Page) []webtest.Finding) (findings []webtest.Finding) {
	t.Helper()
	const tabs = 3
	queue := make(chan *webtest.Page, len(pages))
	for _, p := range pages {
		queue <- p
	}
	close(queue)
	var mu sync.Mutex
	t.Run("tabs", func(t *testing.T) {
		for n := range tabs {
			t.Run(fmt.Sprint(n), func(t *testing.T) {
				t.Parallel()
				tab := browser.Tab(t, origin)
				for p := range queue {
					found := look(tab, p)
					mu.Lock()
					findings = append(findings, found...)
					mu.Unlock()
				}
			})
		}
	})
	return findings
}
