package website

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"netsync/publishers"
	"netsync/publishers/snapshot"
	"netsync/schema"
	"netsync/schema/event"
)

func testRenderer(t *testing.T) *renderer {
	t.Helper()
	r, err := newRenderer(Config{Dir: "unused", BaseURL: "https://www.example.org/x", Log: zap.NewNop()})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestBaseURL(t *testing.T) {
	for base, want := range map[string]string{
		"":                              "/nl/",
		"https://www.example.org":       "/nl/ https://www.example.org/nl/",
		"http://example.org:8080/a/b//": "/a/b/nl/ http://example.org:8080/a/b/nl/",
	} {
		a, err := newAddresses(base)
		if got := strings.TrimSpace(a.localURL("/nl/") + " " + a.absoluteURL("/nl/")); err != nil || got != want {
			t.Errorf("%q gives %q, %v; want %q", base, got, err, want)
		}
	}
	for _, base := range []string{"example.org", "ftp://example.org/", "https://u:p@example.org/", "https://example.org/?q", "https:///x"} {
		if _, err := newAddresses(base); err == nil {
			t.Errorf("%q is accepted", base)
		} else if strings.Contains(err.Error(), ":p@") {
			t.Errorf("the error tells the password: %v", err)
		}
	}
}

// TestLabelsAreUsedAndThere compares the keys of the labels in all languages
// with each other and with the source.
func TestLabelsAreUsedAndThere(t *testing.T) {
	all := testRenderer(t).labels
	english := slices.Sorted(maps.Keys(all["en"].Words))
	for tag, l := range all {
		if keys := slices.Sorted(maps.Keys(l.Words)); !slices.Equal(keys, english) {
			t.Errorf("the labels of %s have the keys\n%q, the English\n%q", tag, keys, english)
		}
	}
	used := map[string]bool{"networks": true, "organizations": true, "activities": true, "purposes": true, "topics": true, "regions": true}
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	key := regexp.MustCompile(`(?:labelText|formatLabel|words\[)\(?"([a-z.-]+)"`)
	for _, name := range sources {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range key.FindAllStringSubmatch(string(source), -1) {
			used[m[1]] = true
		}
	}
	for name := range used {
		if !strings.HasSuffix(name, ".") && !strings.HasSuffix(name, "-") && !slices.Contains(english, name) {
			t.Errorf("label %q is used and not there", name)
		}
	}
	for _, name := range english {
		if !strings.Contains(name, ".") && !used[name] {
			t.Errorf("label %q is not used", name)
		}
	}
}

func TestDatesInWords(t *testing.T) {
	m := &schema.Manifest{Languages: []string{"en", "nl"}, TimeZone: "Europe/Amsterdam"}
	labels := testRenderer(t).labels
	en, nl := newLocale(m, "en", labels), newLocale(m, "nl", labels)
	for date, want := range map[string]string{
		"1987":       "1987|1987",
		"199X":       "1990s|jaren 1990",
		"19XX":       "1900–1999|1900–1999",
		"2024-06":    "June 2024|juni 2024",
		"2024-06-03": "3 June 2024|3 juni 2024",
		"2024-XX":    "2024|2024",
		"2024-06-XX": "June 2024|juni 2024",
		"2024-21":    "spring 2024|voorjaar 2024",
		"1987~":      "about 1987|omstreeks 1987",
		"1987?":      "1987 (uncertain)|1987 (onzeker)",
		"1987%":      "about 1987 (uncertain)|omstreeks 1987 (onzeker)",
		"1987/199X":  "1987 – 1990s|1987 – jaren 1990",
		"1987/..":    "since 1987|sinds 1987",
		"/1990":      "until 1990|tot 1990",
		"soon":       "soon|soon",
		"":           "|",
	} {
		if got := en.dateText(date).Body + "|" + nl.dateText(date).Body; got != want {
			t.Errorf("%q is worded %q, want %q", date, got, want)
		}
	}
	got := en.formatTime(time.Date(2026, 11, 24, 23, 30, 0, 0, time.UTC))
	if got.Words.Body != "25 November 2026, 00:30" || got.DateTime != "2026-11-24T23:30:00Z" {
		t.Errorf("a moment is worded %+v", got)
	}
}

func TestLabelsFallBackToEnglish(t *testing.T) {
	m := &schema.Manifest{Languages: []string{"ar", "nl-BE"}}
	labels := testRenderer(t).labels
	if got := newLocale(m, "ar", labels).labelText("changes"); got != (text{"Changes", "en", "ltr"}) {
		t.Errorf("an Arabic page says %+v", got)
	}
	if got := newLocale(m, "nl-BE", labels).labelText("changes"); got != (text{Body: "Wijzigingen"}) {
		t.Errorf("a Flemish page says %+v", got)
	}
	if got := newLocale(m, "nl-BE", labels).localText(schema.Text{"ar": "س"}); got != (text{"س", "ar", "rtl"}) {
		t.Errorf("an Arabic text is %+v", got)
	}
}

func TestWebAddressesOnly(t *testing.T) {
	for _, address := range []string{"javascript:alert(1)", "data:text/html,x", "//example.org/", "/x", "https://", "https://a:b@example.org/", "mailto:a@b.c", ""} {
		if got := webURL(address); got != "" {
			t.Errorf("%q becomes %q", address, got)
		}
	}
	if got := licenceLink("CC-BY-4.0").URL; got != "https://creativecommons.org/licenses/by/4.0/" {
		t.Errorf("CC-BY-4.0 leads to %q", got)
	}
}

// TestTrimmingInStepsEqualsTrimmingAtOnce checks what incremental updates rely
// on.
func TestTrimmingInStepsEqualsTrimmingAtOnce(t *testing.T) {
	var all []publishers.Entry
	for n := range 300 {
		entry := publishers.Entry{Changeset: &event.Changeset{ID: fmt.Sprint("c@", n)}, Sequence: event.Seq(n + 1)}
		for k := range n * 7 % 130 {
			entry.Changes = append(entry.Changes, &event.Change{Collection: schema.Networks, ID: fmt.Sprint("n", k)})
		}
		all = append(all, entry)
	}
	atOnce, err := changeLog{}.withEdition(publishers.Edition{Entries: all})
	if err != nil {
		t.Fatal(err)
	}
	var inSteps changeLog
	for _, entry := range all {
		if inSteps, err = inSteps.withEdition(publishers.Edition{Entries: []publishers.Entry{entry}}); err != nil {
			t.Fatal(err)
		}
	}
	a, _ := json.Marshal(atOnce)
	b, _ := json.Marshal(inSteps)
	if string(a) != string(b) || len(atOnce.Entries) == 0 || len(atOnce.Entries) > maxLogChanges {
		t.Errorf("%d entries at once, %d in steps", len(atOnce.Entries), len(inSteps.Entries))
	}
}

func TestLargeCollectionsComeInParts(t *testing.T) {
	state := &schema.State{}
	for n := range defaultLimits().dataFile + 1 {
		id := schema.RecordID{Collection: schema.Organizations, ID: fmt.Sprint("o-", n)}
		r, err := schema.NewRecord(id, map[string]any{"id": id.ID})
		if err != nil {
			t.Fatal(err)
		}
		state.Put(r)
	}
	e := publishers.Edition{
		Manifest:  &schema.Manifest{ID: "x", Languages: []string{"en"}},
		Changeset: &event.Changeset{Manifest: json.RawMessage(`{"id":"x"}`)},
		State:     state,
	}
	catalog, err := newCatalog(defaultLimits(), e.Manifest, state)
	if err != nil {
		t.Fatal(err)
	}
	b := testRenderer(t).newBuild(e, catalog, newHistory())
	plan, err := b.newPlan(b.newFullStaleSet())
	if err != nil {
		t.Fatal(err)
	}
	byName := make(map[string]file)
	for _, f := range plan.files {
		byName[f.name] = f
	}
	var index struct{ Parts []string }
	decode(t, byName["data/organizations.json"], &index)
	total := 0
	for _, part := range index.Parts {
		var list struct{ Organizations []json.RawMessage }
		decode(t, byName["data/"+part], &list)
		total += len(list.Organizations)
	}
	if len(index.Parts) != snapshot.Buckets || total != defaultLimits().dataFile+1 {
		t.Errorf("%d parts with %d records", len(index.Parts), total)
	}
}

func decode(t *testing.T, f file, into any) {
	t.Helper()
	if f.render == nil {
		t.Fatal("a file is missing")
	}
	data, err := f.render()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatalf("%s: %v", f.name, err)
	}
}
