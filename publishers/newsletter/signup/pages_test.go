package signup_test

import (
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"netsync/publishers/newsletter"
	"netsync/publishers/newsletter/subscribers"
	"netsync/publishers/website/webtest"
)

var screenshots = flag.String("screenshots", "", "folder for pictures of the pages")

// A sight is a page as a visitor sees it.
type sight struct {
	name   string
	path   string
	after  string // the selector of a button that submits it; "" for none
	status int
	post   string // the same, for checks of the markup
}

// sights returns all pages in a language, each with its own subscriber.
func (d *desk) sights(lang string) []sight {
	d.t.Helper()
	address := func(name string) string { return name + "." + lang + "@students.example.org" }
	p := subscribers.Preferences{Language: lang, Topics: []string{"water", "open-science"}}
	preferences, _ := d.join(address("ada"), p)
	saved, unsubscribe := d.join(address("grace"), p)
	_, leaving := d.join(address("edsger"), p)
	away, _ := d.join(address("alan"), p)
	l, err := d.letter.Subscribers(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	if _, err := l.Remove(d.t.Context(), l.ID(address("alan")), d.clock.Now()); err != nil {
		d.t.Fatal(err)
	}
	old, err := l.Seal(subscribers.Request{Address: address("kurt"), Preferences: p, Made: d.clock.Now().Add(-30 * 24 * time.Hour)})
	if err != nil {
		d.t.Fatal(err)
	}
	fresh, err := l.Seal(subscribers.Request{Address: address("emmy"), Preferences: p, Made: d.clock.Now()})
	if err != nil {
		d.t.Fatal(err)
	}
	const button = "main button"
	q := "?lang=" + lang
	return []sight{
		{"form", newsletter.SignupPath + q, "", http.StatusOK, ""},
		{"wrong", newsletter.SignupPath + q, button, http.StatusUnprocessableEntity, "address=ada&topic%5B%5D=sports&language=fr&frequency=daily"},
		{"sent", newsletter.SignupPath + "sent" + q, "", http.StatusOK, ""},
		{"confirm", newsletter.ConfirmPath + fresh, "", http.StatusOK, ""},
		{"confirmed", newsletter.ConfirmPath + fresh, button, http.StatusOK, "x=y"},
		{"preferences", preferences, "", http.StatusOK, ""},
		{"saved", saved, button, http.StatusOK, "frequency=monthly&language=" + lang},
		{"leave", unsubscribe, "", http.StatusOK, ""},
		{"left", leaving, button, http.StatusOK, "List-Unsubscribe=One-Click"},
		{"away", away + q, "", http.StatusGone, ""},
		{"expired", newsletter.ConfirmPath + old + q, "", http.StatusGone, ""},
		{"forged", newsletter.UnsubscribePath + "forged" + q, "", http.StatusNotFound, ""},
	}
}

func TestEveryPageIsValidHTML(t *testing.T) {
	t.Parallel()
	d := open(t)
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	style := ""
	for _, lang := range []string{"en", "nl"} {
		for _, s := range d.sights(lang) {
			a := d.get(s.path)
			if s.post != "" {
				a = d.do(http.MethodPost, s.path, s.post)
			}
			a.expect(t, s.name, s.status)
			if !strings.Contains(a.body, `<html lang="`+lang+`"`) {
				t.Errorf("%s is not in %s", s.name, lang)
			}
			_, after, _ := strings.Cut(a.body, "assets/")
			style, _, _ = strings.Cut(after, `"`)
			write(lang+"-"+s.name+".html", a.body)
		}
	}
	write("signup.css", d.get("/newsletter/assets/"+style).expect(t, "the stylesheet", http.StatusOK).body)
	site := webtest.Open(t, dir, "")
	t.Run("Nu", func(t *testing.T) { webtest.Report(t, site.Nu(t)) })
	t.Run("html-validate", func(t *testing.T) { webtest.Report(t, site.HTMLValidate(t)) })
}

// TestEverybodyCanReadThePages checks the pages on a phone and a desktop, by
// day and night, magnified, with a screen reader, and printed.
func TestEverybodyCanReadThePages(t *testing.T) {
	t.Parallel()
	axe, browser := webtest.Axe(t), webtest.Start(t)
	d := open(t)
	tab := browser.Tab(t, d.server.URL)
	// axe-core is injected into the pages, and measures by inline styles.
	tab.IgnorePolicy()
	for _, lang := range []string{"en", "nl"} {
		for _, s := range d.sights(lang) {
			tab.Open(s.path)
			if s.name == "wrong" {
				webtest.Evaluate[bool](tab, `document.querySelector("form").noValidate = true`)
			}
			if s.after != "" {
				tab.Click(s.after)
				if err := tab.Wait("the page "+s.name, `document.readyState === "complete" && Boolean(document.querySelector("`+map[string]string{
					"wrong": "[aria-invalid]", "confirmed": "main ul.onward", "saved": ".saved", "left": "main:not(:has(button))"}[s.name]+`"))`); err != nil {
					t.Fatal(err)
				}
			}
			_ = tab.Complaints() // the console reports a page that is not found
			webtest.Report(t, tab.Judge(lang+"-"+s.name, axe, true))
			picture(t, tab, s.name+"-"+lang)
		}
	}
}

// TestTheFormIsSentByABrowser uses a browser, which enforces the policy.
func TestTheFormIsSentByABrowser(t *testing.T) {
	t.Parallel()
	browser := webtest.Start(t)
	d := open(t)
	tab := browser.Tab(t, d.server.URL)
	tab.WithoutScripts()
	tab.Open(newsletter.SignupPath)
	if got := webtest.Evaluate[string](tab, `getComputedStyle(document.querySelector("header")).borderTopStyle`); got != "solid" {
		t.Errorf("the stylesheet is not loaded: the header's border is %s", got)
	}
	if seen := webtest.Evaluate[bool](tab, `document.querySelector("#website").getBoundingClientRect().width > 1 && getComputedStyle(document.querySelector(".trap")).clipPath === "none"`); seen {
		t.Error("people see the field that is for programs")
	}
	tab.Click("#address")
	tab.Press("ada@example.org")
	tab.Click("#topic-water")
	tab.Click("main button")
	if err := tab.Wait("the page after the form", `location.pathname.endsWith("/sent") && document.readyState === "complete"`); err != nil {
		t.Fatal(err)
	}
	tab.Open(strings.TrimPrefix(d.invited(1), d.server.URL))
	tab.Click("main button")
	if err := tab.Wait("the confirmation", `Boolean(document.querySelector("main ul.onward"))`); err != nil {
		t.Fatal(err)
	}
	if got := d.list(); !strings.HasPrefix(got, "ada@example.org en weekly [water],") {
		t.Errorf("the list is %q", got)
	}
	if c := tab.Complaints(); len(c) > 0 {
		t.Errorf("the browser complains: %q", c)
	}
}

// picture saves a screenshot of a page if requested.
func picture(t *testing.T, tab *webtest.Tab, name string) {
	t.Helper()
	if *screenshots == "" {
		return
	}
	for _, scheme := range []string{"light", "dark"} {
		for width, size := range map[int64]string{390: "390", 1280: "1280"} {
			tab.Use(webtest.Screen{Name: size, Width: width, Height: 800, Scale: 1, Media: map[string]string{"prefers-color-scheme": scheme}})
			if err := os.WriteFile(filepath.Join(*screenshots, name+"-"+size+"-"+scheme+".png"), tab.Picture(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}
