package webtest_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"netsync/publishers/website/webtest"
)

// faultySite has faults that the checks must find.
var faultySite = map[string]string{
	"index.html": `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Faults</title>
<style>a { color: #999; outline: none } p { animation: x 2s infinite } @keyframes x { to { opacity: .9 } }</style>
<script type="application/ld+json">{"@context":"https://schema.org","@type":"Organisation","name":"x"}</script>
<script type="application/ld+json">{"@context":"https://schema.org","@type":"Organization","url":"/x","founder":5,"colour":"red"}</script>
</head><body><main><h1 id="a">Faults</h1><p id="a" style="width: 90rem">Text <a href="gone/">gone</a> <a href="#nowhere">x</a>
<a href="/outside/">out</a> <a href="javascript:x()">script</a><img src="logo.svg"><b><i>crossed</b></i></p></main></body></html>`,
	"404.html":                 `<!DOCTYPE html><html lang="en"><head><title>Not here</title></head><body><a href="index.html">Overview</a></body></html>`,
	"networks/gone/index.html": `<!DOCTYPE html><html lang="en"><head><title>Was removed</title></head><body><h1>Was removed</h1></body></html>`,
	"nl/networks/x/index.html": `<!DOCTYPE html><html lang="nl"><head><title>X</title></head><body><h1>X</h1></body></html>`,
	"nl/index.html":            `<!DOCTYPE html><html lang="nl"><head><title>X</title><meta http-equiv="refresh" content="0; url=../"></head><body></body></html>`,
	"fragments/list.html":      `<ul><li>One</li></ul>`,
	"data/networks/x.json":     `{}`,
}

func openFaulty(t *testing.T) *webtest.Site {
	t.Helper()
	dir := t.TempDir()
	for name, content := range faultySite {
		full := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return webtest.Open(t, dir, "https://www.example.org/folder/")
}

// checkFound fails the test for each fault that no finding mentions.
func checkFound(t *testing.T, findings []webtest.Finding, faults ...string) {
	t.Helper()
	for _, fault := range faults {
		if !slices.ContainsFunc(findings, func(f webtest.Finding) bool { return strings.Contains(f.String(), fault) }) {
			t.Errorf("nobody saw %q among %v", fault, findings)
		}
	}
}

func TestPagesAreToldByTheirPaths(t *testing.T) {
	t.Parallel()
	want := map[string]webtest.Kind{"index.html": webtest.Overview, "404.html": webtest.NotFound, "networks/gone/index.html": webtest.Tombstone,
		"nl/networks/x/index.html": webtest.Network, "nl/index.html": webtest.Redirect, "fragments/list.html": webtest.Fragment}
	for _, p := range openFaulty(t).Pages {
		if p.Kind != want[p.Name] {
			t.Errorf("%s is taken for %s", p.Name, p.Kind)
		}
	}
}

func TestBrokenLinksAreSeen(t *testing.T) {
	t.Parallel()
	checkFound(t, openFaulty(t).Links(), "there is no gone/index.html", "has the id nowhere", "leads out", "leads to javascript:",
		"links id", "there is no logo.svg", "404.html: links broken")
}

func TestWrongLinkedDataIsSeen(t *testing.T) {
	t.Parallel()
	checkFound(t, openFaulty(t).LinkedData(t), "Organisation", "required Organization.name", "address Organization.url",
		"range Organization.founder", "property Organization.colour", "nl/networks/x/index.html: json-ld missing")
}

func TestInvalidMarkupIsSeen(t *testing.T) {
	t.Parallel()
	checkFound(t, openFaulty(t).Nu(t), "Duplicate ID", "alt", "violates nesting rules")
	checkFound(t, openFaulty(t).HTMLValidate(t), "html-validate no-dup-id", "html-validate wcag/h37", "html-validate close-order")
}

func TestPagesThatShutPeopleOutAreSeen(t *testing.T) {
	t.Parallel()
	axe, site := webtest.Axe(t), openFaulty(t)
	tab := webtest.Start(t).Tab(t, site.Serve(t))
	tab.IgnorePolicy() // it would block the faulty styles
	page := site.Pages[slices.IndexFunc(site.Pages, func(p *webtest.Page) bool { return p.Name == "index.html" })]
	checkFound(t, tab.Access(page, axe, false), "axe color-contrast", "axe image-alt", "preferences reflow", "preferences reduced motion", "browser complaint")
}

func TestTextsThatGotOutAreSeen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const escaped = `<!DOCTYPE html><html lang="en"><head><title>x</title></head><body><script>window.xss=1</script>
<img src="https://evil.example/x.png" onerror="alert(1)"><p>Text</p></body></html>`
	if err := os.WriteFile(filepath.Join(dir, "index.html"), []byte(escaped), 0o644); err != nil {
		t.Fatal(err)
	}
	site := webtest.Open(t, dir, "")
	tab := webtest.Start(t).Tab(t, site.Serve(t))
	tab.IgnorePolicy()
	checkFound(t, tab.Contained(site.Pages[0], []string{"Text", "Missing"}),
		"window.xss is 1", "naughty handler", "naughty element", "a request to https://evil.example/", "Missing")
}
