package newsletter_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
	"pgregory.net/rapid"

	"netsync/publishers/newsletter"
	"netsync/schema/event"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestGolden(t *testing.T) {
	for name, m := range map[string]string{"en": manifest, "nl": replace(manifest, `["en", "nl"]`, `["nl", "en"]`)} {
		t.Run(name, func(t *testing.T) {
			h, dir := newHistory(t), t.TempDir()
			h.manifest = m
			h.story()
			publish(t, open(t, dir), h.edition(0, len(h.entries), true))
			golden(t, filepath.Join("testdata", name), shown(t, dir))
		})
	}
}

func golden(t *testing.T, dir string, got map[string]string) {
	t.Helper()
	if *update {
		for name, text := range got {
			err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755)
			if err == nil {
				err = os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	want := make(map[string]string)
	for name := range got {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		want[name] = string(data)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("run with -update if this is meant:\n%s", diff)
	}
}

// A draft is a draft as other programs decode it.
type draft struct {
	Subject  string    `json:"subject"`
	From     event.Seq `json:"from_sequence"`
	To       event.Seq `json:"to_sequence"`
	Empty    bool      `json:"empty"`
	More     int       `json:"more"`
	Note     string    `json:"note"`
	Sections []struct {
		Title string `json:"title"`
		Items []struct {
			Sentence    string `json:"sentence"`
			URL         string `json:"url"`
			Differences []struct{ Label, Old, New string }
			Commits     []struct{ Subject string }
		} `json:"items"`
	} `json:"sections"`
}

func drafted(tb testing.TB, n *newsletter.Newsletter) (d draft) {
	tb.Helper()
	data, err := n.Preview("json")
	if err == nil {
		err = json.Unmarshal(data, &d)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

func TestSubjectTellsWhatIsInside(t *testing.T) {
	const x = `{"name":{"en":"X"}}`
	cases := []struct {
		name  string
		edits []edit
		marks []func(*event.Change)
		want  string
	}{
		{"one change", []edit{{"networks/una-europa", replace(una, "10", "11")}}, nil, "1 change to Una Europa"},
		{"two fields of one", []edit{{"networks/una-europa", replace(una, "10", "11", "water", "energy")}}, nil, "2 changes to Una Europa"},
		{"new and gone", []edit{{"activities/x", x}, {"networks/leru", ""}}, nil, "new: X; removed: LERU"},
		{"bulk", []edit{{"networks/x", x}, {"networks/y", x}}, []func(*event.Change){bulk}, "2 networks were added"},
		{"many", []edit{{"networks/a", x}, {"networks/b", replace(x, "X", "B")}, {"networks/c", replace(x, "X", "C")},
			{"networks/d", replace(x, "X", "D")}, {"networks/e", replace(x, "X", "E")}}, nil, "new: X, B, C and 2 more"},
		{"trivial", []edit{{"networks/leru", x}}, []func(*event.Change){trivial}, "no changes"},
		{"republished", []edit{{"networks/leru", x}}, []func(*event.Change){republished}, "no changes"},
		{"header injection", []edit{{"networks/x", `{"name":{"en":"A\r\nBcc: eve@example.org\r\n\r\nB\u2028C\u202eD\u0000"}}`}}, nil,
			"new: A Bcc: eve@example.org B CD\uFFFD"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			h := newHistory(t)
			h.commit("Import", []edit{{"networks/una-europa", una}, {"networks/leru", `{"name":{"en":"LERU"}}`}}, trivial)
			h.commit("Change", c.edits, c.marks...)
			n := open(t, t.TempDir())
			publish(t, n, h.edition(0, 2, true))
			d := drafted(t, n)
			if want := "Networks and associations: " + c.want; d.Subject != want {
				t.Errorf("%q, want %q", d.Subject, want)
			}
			if d.Empty != (len(d.Sections) == 0) {
				t.Errorf("empty: %v with %d sections", d.Empty, len(d.Sections))
			}
		})
	}
}

func TestWhatCameAndWentIsNotTold(t *testing.T) {
	h := newHistory(t)
	h.commit("Import", []edit{{"networks/una-europa", una}}, bulk)
	h.commit("There", []edit{{"networks/x", una}, {"networks/una-europa", replace(una, "10", "11")}})
	h.commit("And back", []edit{{"networks/x", ""}, {"networks/una-europa", una}})
	n := open(t, t.TempDir())
	publish(t, n, h.edition(0, 3, true))
	if d := drafted(t, n); len(d.Sections) != 1 || d.Subject != "Networks and associations: 1 network was added" {
		t.Errorf("%+v", d)
	}
}

// A trivial change of a record with other changes is included, so that the digest
// describes the present state.
func TestATellingEndsWithWhatIsTrue(t *testing.T) {
	for _, mark := range []func(*event.Change){bulk, trivial} {
		h := newHistory(t)
		h.commit("There", []edit{{"networks/x", una}})
		h.commit("Gone", []edit{{"networks/x", ""}}, mark)
		n := open(t, t.TempDir())
		publish(t, n, h.edition(0, 2, true))
		if d := drafted(t, n); !d.Empty {
			t.Errorf("%+v", d)
		}
	}
}

func TestALongDigestIsBounded(t *testing.T) {
	h := newHistory(t)
	long := strings.Repeat("<&\"'> 字 ", 2000)
	var edits []edit
	for i := range 400 {
		record, err := json.Marshal(map[string]any{"name": map[string]string{"en": long}, "summary": map[string]string{"en": long}})
		if err != nil {
			t.Fatal(err)
		}
		edits = append(edits, edit{"networks/n" + strings.Repeat("x", i%60) + string(rune('a'+i%26)) + string(rune('a'+i/26)), string(record)})
	}
	h.commit(long, edits)
	n := open(t, t.TempDir())
	publish(t, n, h.edition(0, 1, true))
	d := drafted(t, n)
	told := 0
	for _, s := range d.Sections {
		told += len(s.Items)
	}
	if told+d.More != 400 || d.More == 0 {
		t.Errorf("%d told, %d more", told, d.More)
	}
	data, err := n.Preview("html")
	if err != nil || len(data) > 900_000 || utf8.RuneCountInString(d.Subject) > 150 {
		t.Errorf("%d bytes of HTML, a subject of %d, %v", len(data), utf8.RuneCountInString(d.Subject), err)
	}
}

// The two parts of a message have the same content, and neither loads anything.
func TestTextAndHTMLSayTheSame(t *testing.T) {
	h := newHistory(t)
	h.story()
	h.commit(`<script>alert("x")</script>`, []edit{{"networks/evil", `{"name":{"en":"<img src=x onerror=alert(1)>"},"summary":{"en":"</p><a href='javascript:x'>\n\nREMOVED\n-------"}}`}})
	n := open(t, t.TempDir())
	publish(t, n, h.edition(0, len(h.entries), true))
	asHTML, err := n.Preview("html")
	if err != nil {
		t.Fatal(err)
	}
	asText, err := n.Preview("text")
	if err != nil {
		t.Fatal(err)
	}
	words := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	plain := words(string(asText))
	z := html.NewTokenizer(strings.NewReader(string(asHTML)))
	var inside string
	for z.Next() != html.ErrorToken {
		token := z.Token()
		switch token.Type {
		case html.StartTagToken, html.SelfClosingTagToken:
			inside = token.Data
			check(t, token, plain)
		case html.TextToken:
			if s := words(token.Data); s != "" && inside != "style" && inside != "title" && !strings.Contains(plain, s) {
				t.Errorf("%q is not in the text", s)
			}
		}
	}
}

func check(t *testing.T, token html.Token, plain string) {
	t.Helper()
	if strings.Contains(" script img link iframe object embed form video audio ", " "+token.Data+" ") {
		t.Errorf("<%s>", token.Data)
	}
	attributes := make(map[string]string)
	for _, a := range token.Attr {
		attributes[a.Key] = a.Val
		if strings.HasPrefix(a.Key, "on") || strings.Contains(a.Val, "url(") {
			t.Errorf("<%s %s=%q>", token.Data, a.Key, a.Val)
		}
	}
	switch token.Data {
	case "a":
		if href := attributes["href"]; !strings.HasPrefix(href, baseURL+"/") || !strings.Contains(plain, href) {
			t.Errorf("link to %q", href)
		}
	case "table":
		if attributes["role"] != "presentation" {
			t.Error("a table for layout has no role")
		}
	case "html", "body":
		if attributes["lang"] != "en" || attributes["dir"] != "ltr" {
			t.Errorf("<%s> has no language: %v", token.Data, attributes)
		}
	}
}

// The draft does not depend on how the history is divided into editions.
func TestRebuildEqualsIncremental(t *testing.T) {
	base := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		h := newHistory(t)
		drawHistory(rt, h)
		last := len(h.entries)
		scratch, err := os.MkdirTemp(base, "")
		if err != nil {
			rt.Fatal(err)
		}
		grown, rebuilt := filepath.Join(scratch, "grown"), filepath.Join(scratch, "rebuilt")
		for from := 0; from < last; {
			to := rapid.IntRange(from+1, last).Draw(rt, "to")
			publish(t, open(t, grown), h.edition(from, to, from == 0))
			from = to
		}
		publish(t, open(t, rebuilt), h.edition(0, last, true))
		if diff := cmp.Diff(shown(t, rebuilt), shown(t, grown)); diff != "" {
			rt.Fatal(diff)
		}
	})
}

func drawHistory(rt *rapid.T, h *history) {
	records := []string{"networks/a", "networks/b", "organizations/c", "activities/d"}
	texts := rapid.SampledFrom([]string{
		`{"name":{"en":"One"},"topics":["water"]}`, `{"name":{"en":"Two & <b>"},"partners":["c"],"tier":"key"}`,
		`{"name":{"nl":"Drie\u2028"},"x-a":1.5,"membership":{"status":"current"}}`, `{"membership":{"status":"former"}}`, "",
	})
	marks := rapid.SampledFrom([]func(*event.Change){bulk, trivial, func(*event.Change) {}, func(*event.Change) {}})
	for range rapid.IntRange(1, 6).Draw(rt, "changesets") {
		var edits []edit
		for _, record := range records {
			text := texts.Draw(rt, "text")
			if touched := rapid.Bool().Draw(rt, "touched"); touched && (text != "" || h.has(record)) {
				edits = append(edits, edit{record, text})
			}
		}
		subject := rapid.SampledFrom([]string{"Fix", "<script>", "Ünïcode\u2029", ""}).Draw(rt, "subject")
		h.commit(subject, edits, marks.Draw(rt, "mark"))
	}
}

func (h *history) has(record string) bool {
	for r := range h.state.All() {
		if r.ID.String() == record {
			return true
		}
	}
	return false
}

func TestPublishingTwiceChangesNothing(t *testing.T) {
	h, dir := newHistory(t), t.TempDir()
	h.story()
	n, last := open(t, dir), len(h.entries)
	publish(t, n, h.edition(0, last, true))
	before := shown(t, dir)
	publish(t, n, h.edition(0, last, true))
	publish(t, n, h.edition(last-2, last, false))
	publish(t, n, h.edition(last, last, false))
	publish(t, n, h.edition(1, 2, false)) // late, and older than what is shown
	if diff := cmp.Diff(before, shown(t, dir)); diff != "" {
		t.Error(diff)
	}
	p, err := n.Position(context.Background())
	if err != nil || p != h.edition(0, last, true).Position {
		t.Errorf("position %+v, %v", p, err)
	}
}

func TestADraftWithoutItsSourcesIsMadeAnew(t *testing.T) {
	h, dir := newHistory(t), t.TempDir()
	h.story()
	n, last := open(t, dir), len(h.entries)
	if _, err := n.Preview("html"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("preview of nothing: %v", err)
	}
	publish(t, n, h.edition(0, last, true))
	for _, damage := range []string{"", "{", "{}"} {
		if err := os.WriteFile(filepath.Join(dir, newsletter.DraftsFolder, "current", "pending.json"), []byte(damage), 0o644); err != nil {
			t.Fatal(err)
		}
		if p, err := n.Position(context.Background()); err != nil || p != (event.Position{}) {
			t.Errorf("%q: %+v, %v", damage, p, err)
		}
	}
}
