package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"netsync/publishers/website/webtest"
)

// browser returns a Chromium tab and the list of what its console complained
// about.
func browser(t *testing.T) (context.Context, func() []string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(webtest.Chromium(t), 3*time.Minute)
	t.Cleanup(cancel)

	var mu sync.Mutex
	var complaints []string
	complain := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		complaints = append(complaints, fmt.Sprintf(format, args...))
	}
	err := chromedp.Listen(ctx, func(event any) {
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			complain("exception: %s", e.ExceptionDetails.Text)
		case *runtime.EventConsoleAPICalled:
			complain("console.%s", e.Type)
		case *log.EventEntryAdded:
			complain("%s: %s %s", e.Entry.Level, e.Entry.Text, e.Entry.URL)
		}
	})
	if err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	return ctx, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(complaints)
	}
}

func TestTheWebsiteWorksInABrowser(t *testing.T) {
	t.Parallel()
	ctx, complaints := browser(t)
	d := newDemo(t)
	d.start()
	base := "http://" + d.http

	for _, width := range []int64{1280, 360} {
		err := chromedp.Do(ctx,
			chromedp.EmulateViewport(width, 900),
			chromedp.Navigate(base+"/"),
			chromedp.Click("main details summary"),
			chromedp.WaitVisible("main details[open] p"),
		)
		if err != nil {
			t.Fatalf("overview at width %d: %v", width, err)
		}
		if over := evaluate[int](t, ctx, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); over > 0 {
			t.Errorf("the overview is %d pixels wider than a window of %d", over, width)
		}
		headings := evaluate[[]string](t, ctx, `[...document.querySelectorAll("main h2")].map(h => h.innerText)`)
		shown := evaluate[string](t, ctx, `document.querySelector("main details[open]").innerText`)
		if len(headings) < 4 || headings[0] != "Una Europa" || !strings.Contains(shown, "inherently international network") {
			t.Errorf("width %d: headings %q; the details of the first: %.100q", width, headings, shown)
		}
	}

	pages := crawl(t, ctx, base)
	if len(pages) < 2*(1+8+6+4+1) {
		t.Errorf("only %d pages are linked: %v", len(pages), pages)
	}
	if c := complaints(); len(c) > 0 {
		t.Errorf("the console complains: %v", c)
	}
}

// crawl follows every link within the site, fails the test for each that does
// not work, and returns the pages that it saw.
func crawl(t *testing.T, ctx context.Context, base string) []string {
	t.Helper()
	seen := map[string]bool{base + "/": true}
	queue := []string{base + "/"}
	var pages []string
	for len(queue) > 0 {
		address := queue[0]
		queue = queue[1:]
		if ext := path.Ext(address); ext == ".csv" || ext == ".zip" { // a browser saves it
			if answer, err := http.Get(address); err != nil || answer.Body.Close() != nil || answer.StatusCode != http.StatusOK {
				t.Errorf("%s: %v, %v", address, answer, err)
			}
			continue
		}
		response, err := chromedp.RunResponse(ctx, chromedp.Navigate(address))
		if err != nil || response.Status != 200 {
			t.Errorf("%s: %v, %v", address, response, err)
			continue
		}
		if !strings.HasPrefix(response.MimeType, "text/html") {
			continue
		}
		pages = append(pages, address)
		if heading := evaluate[string](t, ctx, `document.querySelector("h1")?.innerText ?? ""`); heading == "" {
			t.Errorf("%s has no heading", address)
		}
		links := evaluate[[]string](t, ctx, `[...document.querySelectorAll("a[href], link[rel=alternate], link[rel=stylesheet]")].map(a => new URL(a.getAttribute("href"), document.baseURI).href)`)
		for _, link := range links {
			u, err := url.Parse(link)
			if err != nil {
				t.Errorf("%s links to %q: %v", address, link, err)
				continue
			}
			u.Fragment = ""
			if strings.HasPrefix(u.String(), base+"/") && !seen[u.String()] {
				seen[u.String()] = true
				queue = append(queue, u.String())
			}
		}
	}
	return pages
}

func evaluate[T any](t *testing.T, ctx context.Context, script string) T {
	t.Helper()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](script))
	if err != nil {
		t.Fatalf("evaluate %s: %v", script, err)
	}
	return value
}
