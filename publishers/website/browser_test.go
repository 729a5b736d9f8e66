package website_test

import (
	"fmt"
	"sync"
	"testing"

	"netsync/publishers/website/webtest"
)

// TestEverybodyCanReadThePages shows pages of every kind and language to axe
// on a phone and on a desktop, by day and by night.
func TestEverybodyCanReadThePages(t *testing.T) {
	t.Parallel()
	axe, browser := webtest.Axe(t), webtest.Start(t)
	site := built(t, eventful(t), "")
	chosen := site.Samples()
	if *long {
		chosen = site.Pages
	}
	webtest.Report(t, inTabs(t, browser, site.Serve(t), chosen, func(tab *webtest.Tab, p *webtest.Page) []webtest.Finding {
		return tab.Access(p, axe, *long)
	}))
}

// inTabs looks at pages in a few tabs at the same time.
func inTabs(t *testing.T, browser *webtest.Browser, origin string, pages []*webtest.Page,
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
