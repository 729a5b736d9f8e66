package website_test

import (
	"io/fs"
	"strings"
	"testing"

	"go.uber.org/zap/zaptest"

	"netsync/publishers/website"
	"netsync/publishers/website/webtest"
)

// newsletterAt returns a newsletter below a base URL.
func newsletterAt(base string) website.Mail {
	return website.Mail{Archive: base + "/newsletter/archive/", Feed: base + "/newsletter/archive/feed.json", Signup: base + "/newsletter/subscribe"}
}

func TestReadersFindTheNewsletter(t *testing.T) {
	t.Parallel()
	const base = "https://www.example.org/networks"
	here, elsewhere, closed := newsletterAt(base), newsletterAt("https://mail.example.org"), newsletterAt(base)
	closed.Signup = ""
	const (
		overview, about = "index.html", "about/index.html"
		dutch, aboutNL  = "nl/networks/leru/index.html", "nl/about/index.html"
		missing         = "404.html"
	)
	for name, test := range map[string]struct {
		mail    website.Mail
		feeds   bool
		has     map[string][]string // by page
		hasNone []string            // on any page
	}{
		"beside the site": {mail: here, feeds: true, has: map[string][]string{
			overview: {`<li><a href="newsletter/subscribe?lang=en">By mail</a></li>`, `<li><a href="newsletter/archive/">Past digests</a></li>`,
				`<link rel="alternate" type="application/feed&#43;json" title="Past digests, as JSON Feed" href="newsletter/archive/feed.json">`},
			dutch:   {`<a href="../../../newsletter/subscribe?lang=nl">Per mail</a>`, `<a href="../../../newsletter/archive/">Eerdere nieuwsbrieven</a>`},
			about:   {`<h2 id="mail">Follow by mail</h2>`, `<a href="../newsletter/subscribe?lang=en">Subscribe by mail</a>`, `<a href="../newsletter/archive/feed.json">`},
			aboutNL: {`<h2 id="mail">Volgen per mail</h2>`, `<a href="../../newsletter/subscribe?lang=nl">Inschrijven voor de nieuwsbrief</a>`},
			missing: {`<a href="/networks/newsletter/archive/">`},
		}},
		"elsewhere": {mail: elsewhere, feeds: true, has: map[string][]string{
			overview: {`href="https://mail.example.org/newsletter/subscribe?lang=en"`, `href="https://mail.example.org/newsletter/archive/"`, `href="https://mail.example.org/newsletter/archive/feed.json"`},
		}, hasNone: []string{`="newsletter/`, `../newsletter/`}},
		"where nobody can subscribe": {mail: closed, feeds: true, has: map[string][]string{
			overview: {`>Past digests</a>`}, about: {"Digests tell what was added", `>Past digests</a>`},
		}, hasNone: []string{"By mail", "Subscribe by mail", "newsletter/subscribe"}},
		"without feeds": {mail: here, has: map[string][]string{
			overview: {"<h2>Follow</h2>", `>By mail</a>`},
		}, hasNone: []string{"<h2>Follow</h2>\n<ul>\n</ul>"}},
		"without a newsletter": {feeds: true, hasNone: []string{"newsletter", "By mail", "Past digests"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			site, err := website.New(website.Config{Dir: dir, BaseURL: base, Feeds: test.feeds, Mail: test.mail, Log: zaptest.NewLogger(t)})
			must(t, err)
			publish(t, site, sampleStory(t).edition(0, true)) // the gate accepts its links
			release := current(dir)
			for _, page := range []string{overview, about, dutch, aboutNL, missing} {
				data, err := fs.ReadFile(release, page)
				must(t, err)
				for _, text := range test.has[page] {
					if !strings.Contains(string(data), text) {
						t.Errorf("%s does not have %s", page, text)
					}
				}
				for _, text := range test.hasNone {
					if strings.Contains(string(data), text) {
						t.Errorf("%s has %s", page, text)
					}
				}
			}
			for _, f := range webtest.Open(t, dir+"/current", base).Links() {
				t.Error(f)
			}
		})
	}
}

func TestTheNewsletterIsOfTheWeb(t *testing.T) {
	t.Parallel()
	_, err := website.New(website.Config{Dir: t.TempDir(), Mail: website.Mail{Archive: "javascript:alert(1)"}, Log: zaptest.NewLogger(t)})
	if err == nil || !strings.Contains(err.Error(), "is none of the web") {
		t.Errorf("taken: %v", err)
	}
}
