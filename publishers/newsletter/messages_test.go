package newsletter_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"

	"netsync/publishers"
	"netsync/publishers/newsletter"
	"netsync/publishers/newsletter/signup"
	"netsync/publishers/newsletter/subscribers"
	"netsync/schema"
)

// kinds returns the kinds of messages: by recipient, language, and with or without
// a note.
func kinds() (all []string) {
	for _, language := range []string{"en", "nl"} {
		for _, who := range []string{"listed-", "subscriber-"} {
			all = append(all, who+language, who+language+"-note")
		}
		for _, who := range []string{"new-", "known-"} {
			all = append(all, who+language)
		}
	}
	return all
}

// kindOf returns the kind of the message to an address.
func kindOf(address string) string {
	kind, _, _ := strings.Cut(address, "@")
	return kind
}

// tellEverything sends a message of each kind to a mail server, and returns the
// URL of a website on which their links work. Each address begins with the kind.
func tellEverything(t *testing.T, smtp string) (site string) {
	t.Helper()
	pages := newLinkedPages(t)
	for language, m := range map[string]string{"en": manifest, "nl": replace(manifest, `["en", "nl"]`, `["nl", "en"]`)} {
		for _, ending := range []string{"", "-note"} {
			d := &desk{history: live(t), mail: &mailServer{address: smtp}, now: start.Add(24 * time.Hour)}
			d.manifest = m
			d.story()
			d.hardships(pages.site)
			n := d.newsletter(t, t.TempDir(), func(c *newsletter.Config) {
				c.BaseURL, c.Recipients = pages.site, []string{"listed-" + language + ending + "@example.org"}
			})
			subscribe(t, n, "subscriber-"+language+ending+"@example.org "+language)
			if ending != "" {
				setNote(t, n, language, replace(letterTo[language], "SITE", pages.site))
			}
			if r := send(t, n); r.Sent != 2 {
				t.Errorf("%+v", r)
			}
			pages.add(t, d, n)
			if ending == "" {
				subscribe(t, n, "known-"+language+"@example.org")
				invite(t, n, "new-"+language+"@example.org", language)
				invite(t, n, "known-"+language+"@example.org", language)
			}
		}
	}
	return pages.site
}

func invite(t *testing.T, n *newsletter.Newsletter, address, language string) {
	t.Helper()
	r := subscribers.Request{Address: address, Preferences: subscribers.Preferences{Language: language, Frequency: subscribers.Weekly}}
	if err := n.Invite(t.Context(), r); err != nil {
		t.Fatal(err)
	}
}

// letterTo returns an editor's note with all possible elements.
var letterTo = map[string]string{
	"en": "## Dear colleagues\n\nThe **annual meeting** is on 2026-12-03; [the programme](SITE/changes/) is out. Two things before it:\n\n" +
		"1. tell <editor@leiden.test> who comes\n2. read what changed below\n\n> Water is taught, not learned.\n\n---\n\n- Ada Lovelace\n- Grace Hopper",
	"nl": "## Beste collega’s\n\nDe **jaarvergadering** is op 2026-12-03; [het programma](SITE/changes/) is er. Twee dingen vooraf:\n\n" +
		"1. laat <editor@leiden.test> weten wie er komt\n2. lees hieronder wat er is veranderd\n\n> Water leer je niet, je leert ermee leven.\n\n---\n\n- Ada Lovelace\n- Grace Hopper",
}

// hardships adds content that is hard to lay out: words, addresses and values
// longer than a line, lists of dates, and more fields than are shown.
func (d *desk) hardships(site string) {
	d.tb.Helper()
	const word = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
	page := site + longPath + "?many=parameters&and=values&until=the-end-of-the-line"
	before := `{"id":"long","name":{"en":"The ` + word + ` and its Friends"},"tier":"key","website":"` + site + `/changes/",
		"summary":{"en":"Short."},"aliases":["LONG"],"notes":{"en":"From 2026-01-01."},"members":{"count":1,"as_of":"2025-12-31"}}`
	d.commit("A long name", []edit{{"networks/long", before}}, bulk)
	d.commit(strings.Repeat(word+" ", 2), []edit{{"networks/long", replace(before,
		site+"/changes/", page, "Short.", strings.Repeat("It takes more than a line to say what this network does. ", 6), `"LONG"`, `"`+word+`","L"`,
		"From 2026-01-01.", "Meetings are on 2026-01-12, 2026-02-16, 2026-03-16, 2026-04-20, 2026-05-18, 2026-06-15, 2026-09-14 and 2026-10-12.",
		`"count":1`, `"count":1234567`, "2025-12-31", "2026-11-24")}})
}

const longPath = "/a/very/long/address/that-goes-on-and-on/"

// linkedPages serves the pages that messages link to: empty ones for records, and
// the real ones for subscribers.
type linkedPages struct {
	site string

	mu    sync.Mutex
	known map[string]bool
	desks []http.Handler // for the subscribers of each newsletter
}

func newLinkedPages(t *testing.T) *linkedPages {
	p := &linkedPages{known: map[string]bool{longPath: true}}
	s := httptest.NewServer(p)
	t.Cleanup(s.Close)
	p.site = s.URL
	return p
}

func (p *linkedPages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known[r.URL.Path] {
		return
	}
	for _, d := range p.desks {
		answer := httptest.NewRecorder()
		if d.ServeHTTP(answer, r); answer.Code == http.StatusOK {
			return
		}
	}
	http.NotFound(w, r)
}

// add adds the pages of a dataset, and those for its subscribers.
func (p *linkedPages) add(t *testing.T, d *desk, n *newsletter.Newsletter) {
	t.Helper()
	people, err := signup.New(signup.Config{Letter: n, Open: true, Website: p.site, Log: zap.NewNop(), Now: func() time.Time { return d.now }})
	if err != nil {
		t.Fatal(err)
	}
	m, err := schema.DecodeManifest([]byte(d.manifest))
	if err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.desks = append(p.desks, people)
	for _, language := range m.Languages {
		p.known[publishers.LanguagePath(m, language)+"changes/"] = true
		for r := range d.state.All() {
			p.known[publishers.PagePath(m, language, r.ID)] = true
		}
	}
}
