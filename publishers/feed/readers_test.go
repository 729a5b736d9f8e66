package feed_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mmcdole/gofeed"
	"go.uber.org/zap"
	"golang.org/x/net/html"

	"netsync/publishers/feed"
	"netsync/schema/event"
)

// A document is a JSON Feed as readers decode it, by the specification.
type document struct {
	Version string `json:"version"`
	Title   string `json:"title"`
	Home    string `json:"home_page_url"`
	URL     string `json:"feed_url"`
	Next    string `json:"next_url"`
	Items   []struct {
		ID        string                  `json:"id"`
		URL       string                  `json:"url"`
		Title     string                  `json:"title"`
		Summary   string                  `json:"summary"`
		HTML      string                  `json:"content_html"`
		Text      string                  `json:"content_text"`
		Published time.Time               `json:"date_published"`
		Modified  time.Time               `json:"date_modified"`
		Tags      []string                `json:"tags"`
		Authors   []struct{ Name string } `json:"authors"`
		Netsync   struct {
			Op, Record, Changeset string
			Patch                 json.RawMessage
			Commits               []event.Commit
			Counts                map[string]map[string]int
		} `json:"_netsync"`
	} `json:"items"`
}

// read publishes a history and decodes feed.json.
func read(t *testing.T, h *history, items int) (document, map[string]string) {
	t.Helper()
	dir := t.TempDir()
	publish(t, open(t, dir, items), h.edition(0, len(h.entries), true))
	files := shown(t, dir)
	return decode(t, "feed.json", files["feed.json"]), files
}

func decode(t interface{ Fatalf(string, ...any) }, name, text string) (d document) {
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, text)
	}
	return d
}

func TestJSONFeedHasWhatTheSpecificationRequires(t *testing.T) {
	d, files := read(t, story(t), 0)
	if d.Version != "https://jsonfeed.org/version/1.1" || d.Title == "" || d.Home != baseURL+"/" || d.URL != baseURL+"/feed.json" {
		t.Errorf("feed: %s", files["feed.json"])
	}
	ids := make(map[string]bool)
	for _, item := range d.Items {
		if item.ID == "" || ids[item.ID] || item.HTML == "" || item.Text == "" || item.Published.IsZero() || len(item.Authors) == 0 {
			t.Errorf("item: %+v", item)
		}
		ids[item.ID] = true
	}
}

func TestEveryChangeIsAnItemNewestFirst(t *testing.T) {
	d, _ := read(t, story(t), 0)
	var titles []string
	for _, item := range d.Items {
		titles = append(titles, item.Title)
	}
	want := []string{
		"Membership of Una Europa ended; 2 more changes (partners, topics)",
		"LERU was removed",
		"Hub was added",
		"Una Europa: 2 changes (partners, topics)",
		"Member count of Una Europa: 10 → 11",
		"2 networks and 2 organizations were added",
	}
	if !slices.Equal(titles, want) {
		t.Errorf("%q", titles)
	}
	if item := d.Items[1]; item.URL != baseURL+"/networks/leru/" || item.Netsync.Op != "removed" {
		t.Errorf("removed: %+v", item)
	}
	edited := d.Items[4]
	for _, part := range []string{"10", "11", "Member count", "Una Europa has eleven members", "Grace Hopper"} {
		if !strings.Contains(edited.HTML, part) || !strings.Contains(edited.Text, part) {
			t.Errorf("%q is missing: %s", part, edited.HTML)
		}
	}
	if edited.URL != baseURL+"/networks/una-europa/" ||
		edited.ID != "urn:netsync:leiden-networks:"+edited.Netsync.Changeset+":networks/una-europa" ||
		!slices.Equal(edited.Tags, []string{"networks", "updated", "water"}) || len(edited.Netsync.Commits) != 1 {
		t.Errorf("%+v", edited)
	}
	if !slices.Contains(d.Items[0].Tags, "membership-ended") {
		t.Errorf("%v", d.Items[0].Tags)
	}
	if first := d.Items[5]; first.Netsync.Counts["created"]["networks"] != 2 || first.Authors[0].Name != "Ada Lovelace" {
		t.Errorf("bulk: %+v", first)
	}
}

// Each item that left the feed is in its archive.
func TestOlderItemsAreInTheArchive(t *testing.T) {
	t.Parallel()
	all, _ := read(t, story(t), 0)
	d, files := read(t, story(t), 2)
	got := d
	for d.Next != "" {
		name := strings.TrimPrefix(d.Next, baseURL+"/")
		page := decode(t, name, files[name])
		if page.URL != d.Next || page.Next == d.Next || len(page.Items) != 2 {
			t.Errorf("%s: %+v", name, page)
		}
		got.Items = append(got.Items, page.Items...)
		d = page
	}
	got.Next = ""
	if diff := cmp.Diff(all, got); diff != "" {
		t.Error(diff)
	}
	if _, ok := files["feeds/all.2.json"]; !ok {
		t.Errorf("%q", slices.Sorted(maps.Keys(files)))
	}
}

func TestThereIsAFeedForEachReader(t *testing.T) {
	t.Parallel()
	_, files := read(t, story(t), 0)
	for name, want := range map[string]struct {
		title, home string
		items       []string
	}{
		"feeds/nl/all.json": {"Netwerken: wijzigingen", "/nl/", []string{
			"Het lidmaatschap van Una Europa is beëindigd; nog 2 wijzigingen (partners, thema's)", "LERU is verwijderd", "Hub is toegevoegd",
			"Una Europa: 2 wijzigingen (partners, thema's)", "Aantal leden van Una Europa: 10 → 11", "2 netwerken en 2 organisaties zijn toegevoegd"}},
		"feeds/major.json":         {"Networks and associations: important changes", "/", []string{"LERU was removed", "Changes in Networks and associations can be followed here from now on"}},
		"feeds/organizations.json": {"Organizations: changes", "/", []string{"2 organizations were added"}},
		"feeds/networks/leru.json": {"LERU: changes", "/networks/leru/", []string{"LERU was removed", "LERU was added"}},
		"feeds/networks/una-europa.json": {"Una Europa: changes", "/networks/una-europa/", []string{
			"Membership of Una Europa ended; 2 more changes (partners, topics)", "Hub was added", "Una Europa: 2 changes (partners, topics)",
			"Member count of Una Europa: 10 → 11", "Una Europa was added"}},
		"feeds/topics/energy.json": {"Energy: changes", "/topics/energy/", []string{
			"Membership of Una Europa ended; 2 more changes (partners, topics)", "Una Europa: 2 changes (partners, topics)"}},
	} {
		d := decode(t, name, files[name])
		var titles []string
		for _, item := range d.Items {
			titles = append(titles, item.Title)
		}
		if d.Title != want.title || d.Home != baseURL+want.home || d.URL != baseURL+"/"+name {
			t.Errorf("%s: %q, %s, %s", name, d.Title, d.Home, d.URL)
		}
		if diff := cmp.Diff(want.items, titles); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if n := strings.Count(files["feeds.opml"], "<outline "); n != 2+2*(1+1+3+2+1) {
		t.Errorf("%d outlines in %s", n, files["feeds.opml"])
	}
}

func TestChangesOfLittleSignificanceCanBeLeftOut(t *testing.T) {
	t.Parallel()
	h, dir := story(t), t.TempDir()
	f, err := feed.New(feed.Config{Dir: dir, BaseURL: baseURL, Least: event.Major, Log: zap.NewNop()})
	if err != nil {
		t.Fatal(err)
	}
	publish(t, f, h.edition(0, len(h.entries), true))
	d := decode(t, "feed.json", shown(t, dir)["feed.json"])
	if len(d.Items) != 2 || d.Items[0].Title != "LERU was removed" || d.Items[1].Title != "Changes in Networks and associations can be followed here from now on" {
		t.Errorf("%+v", d.Items)
	}
	d = decode(t, "of a network", shown(t, dir)["feeds/networks/una-europa.json"])
	if len(d.Items) != 1 || d.Items[0].ID == "" || d.Items[0].URL != baseURL+"/changes/" {
		t.Errorf("%+v", d.Items)
	}
}

func TestAReaderLosesNothing(t *testing.T) {
	t.Parallel()
	_, files := read(t, story(t), 2)
	for name, text := range files {
		if name == "channel.json" || name == "kept.json" || !strings.HasSuffix(name, ".json") {
			continue
		}
		d := decode(t, name, text)
		for _, name := range []string{name, strings.TrimSuffix(name, ".json") + ".xml"} {
			got, err := gofeed.NewParser().ParseString(files[name])
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			language := "en"
			if strings.HasPrefix(name, "feeds/nl/") {
				language = "nl"
			}
			if got.Title != d.Title || got.Link != d.Home || got.FeedLink != baseURL+"/"+name ||
				got.Language != language || got.Authors[0].Name != "Leiden University" || len(got.Items) != len(d.Items) {
				t.Errorf("%s: %+v", name, got)
			}
			for i, item := range got.Items {
				want := d.Items[i]
				if item.GUID != want.ID || item.Link != want.URL || item.Title != want.Title || item.Description != want.Summary ||
					item.Content != want.HTML || !item.PublishedParsed.Equal(want.Published) || !item.UpdatedParsed.Equal(want.Modified) ||
					!slices.Equal(item.Categories, want.Tags) || item.Authors[0].Name != want.Authors[0].Name {
					t.Errorf("%s: %+v\nwant %+v", name, item, want)
				}
			}
		}
	}
}

const hostile = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'`]]>&amp;{{.}}\x00\x1b[31m\u202e\n\r\nLink: evil"

func TestNothingFromOutsideBecomesMarkup(t *testing.T) {
	quoted, err := json.Marshal(hostile)
	if err != nil {
		t.Fatal(err)
	}
	h := &history{tb: t}
	record := `{"name":{"en":` + string(quoted) + `},"summary":{"en":` + string(quoted) + `},"topics":[` + string(quoted) + `],
		"links":[{"rel":"homepage","url":"javascript:alert(1)"}],"x-<b>":{` + string(quoted) + `:` + string(quoted) + `}}`
	h.commit(hostile, hostile, []edit{{"networks/a", record}})
	h.commit(hostile, hostile, []edit{{"networks/a", strings.Replace(record, "Link", "Other", 1)}})
	h.commit(hostile, hostile, []edit{{"networks/b", record}}, bulk)
	h.commit(hostile, hostile, []edit{{"networks/a", ""}})
	d, files := read(t, h, 0)
	for name := range files {
		if !fs.ValidPath(name) || strings.ContainsAny(name, "<>&:\\") {
			t.Errorf("file %q", name)
		}
	}
	for _, item := range d.Items {
		checkElements(t, item.HTML)
		for _, s := range []string{item.Title, item.Summary, item.HTML, item.Text, item.Authors[0].Name} {
			if strings.ContainsAny(s, "\x00\x1b\r") {
				t.Errorf("control characters: %q", s)
			}
		}
		if strings.Contains(item.Title, "\n") {
			t.Errorf("title of two lines: %q", item.Title)
		}
	}
	for name, text := range files {
		if strings.HasSuffix(name, ".json") && strings.Contains(text, "<") {
			t.Errorf("%s holds a <", name)
		}
		if strings.HasSuffix(name, ".xml") {
			checkXML(t, text)
		}
	}
}

// checkElements reports elements and attributes that the template does not have.
func checkElements(t *testing.T, fragment string) {
	t.Helper()
	z := html.NewTokenizer(strings.NewReader(fragment))
	for z.Next() != html.ErrorToken {
		token := z.Token()
		if token.Type == html.TextToken {
			continue
		}
		if !slices.Contains(strings.Fields("p table thead tbody tr th td br ul li time code"), token.Data) {
			t.Errorf("element %q in %s", token.Data, fragment)
		}
		for _, a := range token.Attr {
			if a.Key != "scope" && a.Key != "datetime" {
				t.Errorf("attribute %q in %s", a.Key, fragment)
			}
		}
	}
}

// checkXML decodes the whole document and reports unknown elements.
func checkXML(t *testing.T, text string) {
	t.Helper()
	dec := xml.NewDecoder(strings.NewReader(text))
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		e, ok := token.(xml.StartElement)
		if ok && e.Name.Space != "http://www.w3.org/2005/Atom" && e.Name.Local != "opml" && !slices.Contains(strings.Fields("head title body outline"), e.Name.Local) {
			t.Errorf("element %s", e.Name.Local)
		}
	}
}
