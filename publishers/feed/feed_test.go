package feed_test

import (
	"context"
	"errors"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"
	"pgregory.net/rapid"

	"netsync/publishers"
	"netsync/publishers/feed"
	"netsync/schema/event"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestGolden(t *testing.T) {
	h, dir := story(t), t.TempDir()
	publish(t, open(t, dir, 0), h.edition(0, len(h.entries), true))
	got := shown(t, dir)
	golden := filepath.Join("testdata", "golden")
	if *update {
		if err := os.RemoveAll(golden); err != nil {
			t.Fatal(err)
		}
		if err := os.CopyFS(golden, os.DirFS(filepath.Join(dir, "current"))); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(filesOf(t, golden), got); diff != "" {
		t.Errorf("run with -update if this is meant:\n%s", diff)
	}
}

// The feeds do not depend on how the history is divided into editions, and
// archive pages do not change as long as the languages do not.
func TestRebuildEqualsIncremental(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		h := &history{tb: t}
		drawHistory(rt, h)
		items, page := rapid.IntRange(1, 4).Draw(rt, "items"), rapid.SampledFrom([]int{1, 5_000, 1 << 20}).Draw(rt, "page")
		last := len(h.entries)
		scratch, err := os.MkdirTemp(t.TempDir(), "")
		if err != nil {
			rt.Fatal(err)
		}
		grown, rebuilt := filepath.Join(scratch, "grown"), filepath.Join(scratch, "rebuilt")
		var before map[string]string
		for from := 0; from < last; {
			to := rapid.IntRange(from+1, last).Draw(rt, "to")
			publish(t, openPaged(t, grown, items, page), h.edition(from, to, from == 0))
			after := shown(t, grown)
			if stayed(h.entries[max(from-1, 0):to]) {
				checkFrozen(rt, before, after)
			}
			before, from = after, to
		}
		publish(t, openPaged(t, rebuilt, items, page), h.edition(0, last, true))
		if diff := cmp.Diff(shown(t, rebuilt), shown(t, grown)); diff != "" {
			rt.Fatal(diff)
		}
		checkFollowed(rt, h, shown(t, grown))
	})
}

// stayed reports whether all changesets have the same languages.
func stayed(entries []publishers.Entry) bool {
	return len(slices.CompactFunc(slices.Clone(entries), func(a, b publishers.Entry) bool {
		return languages.FindString(string(a.Changeset.Manifest)) == languages.FindString(string(b.Changeset.Manifest))
	})) == 1
}

var languages = regexp.MustCompile(`"languages": \[[^]]*\]`)

// checkFrozen reports archive pages that were changed or removed.
func checkFrozen(rt *rapid.T, before, after map[string]string) {
	for name, text := range before {
		if archived.MatchString(name) && after[name] != text {
			rt.Fatalf("%s changed from\n%s\nto\n%s", name, text, after[name])
		}
	}
}

var archived = regexp.MustCompile(`\.[0-9]+\.(json|xml)$`)

// checkFollowed checks that the feed of all changes and its archive hold each
// change since the languages last changed once.
func checkFollowed(rt *rapid.T, h *history, files map[string]string) {
	seen := make(map[string]bool)
	for name := "feed.json"; name != ""; {
		d := decode(rt, name, files[name])
		if len(d.Items) == 0 {
			rt.Fatalf("%s is empty", name)
		}
		for _, item := range d.Items {
			if seen[item.ID] {
				rt.Fatalf("%s is there twice", item.ID)
			}
			seen[item.ID] = true
		}
		name = strings.TrimPrefix(d.Next, baseURL+"/")
	}
	for i := len(h.entries) - 1; i >= 0; i-- {
		entry := h.entries[i]
		if !strings.Contains(string(entry.Changeset.Manifest), `"languages": ["en"`) {
			return // before, or since, feed.json is in another language
		}
		for _, c := range entry.Changes {
			id := "urn:netsync:leiden-networks:" + entry.Changeset.ID
			if !c.Republished && !seen[id] && !seen[id+":"+c.RecordID().String()] {
				rt.Fatalf("%s is in no feed", id)
			}
		}
	}
}

var records = []string{"networks/a", "networks/b", "organizations/leiden-university", "activities/d"}

func drawHistory(rt *rapid.T, h *history) {
	names := rapid.SampledFrom(records)
	texts := rapid.SampledFrom([]string{
		`{"name":{"en":"One"},"topics":["water"]}`, `{"name":{"en":"Two & <b>"},"partners":["c"]}`,
		`{"name":{"nl":"Drie\u2028"},"x-a":1.5,"membership":{"status":"current"}}`, `{"membership":{"status":"former"}}`,
		`{"name":{"en":"Hub"},"network":"a"}`, "",
	})
	for range rapid.IntRange(1, 6).Draw(rt, "changesets") {
		touched := make(map[string]string)
		for range rapid.IntRange(0, 3).Draw(rt, "changes") {
			touched[names.Draw(rt, "record")] = texts.Draw(rt, "text")
		}
		again := rapid.IntRange(0, 5).Draw(rt, "again") == 0
		var edits []edit
		for _, record := range records {
			text, ok := touched[record]
			if is := h.text(record); again {
				text, ok = is, ok && is != ""
			}
			if ok {
				edits = append(edits, edit{record, text})
			}
		}
		subject := rapid.SampledFrom([]string{"Fix", "<script>", "Ünïcode\u2029", ""}).Draw(rt, "subject")
		if rapid.IntRange(0, 3).Draw(rt, "manifest") == 0 {
			h.manifest = strings.NewReplacer(
				`["en", "nl"]`, rapid.SampledFrom([]string{`["en", "nl"]`, `["en"]`, `["nl", "en"]`, `["en", "nl", "de"]`}).Draw(rt, "languages"),
				`"Water"`, rapid.SampledFrom([]string{`"Water"`, `"Rivers"`}).Draw(rt, "label"),
			).Replace(manifest)
		}
		isBulk := rapid.Bool().Draw(rt, "bulk")
		h.commit(subject, "Ada", edits, func(c *event.Change) { c.Bulk, c.Republished = isBulk, again })
	}
}

func TestPublishingTwiceChangesNothing(t *testing.T) {
	h, dir := story(t), t.TempDir()
	f, last := open(t, dir, 0), len(h.entries)
	publish(t, f, h.edition(0, last, true))
	before, release := shown(t, dir), current(t, dir)
	publish(t, f, h.edition(0, last, true))
	publish(t, f, h.edition(last-2, last, false))
	publish(t, f, h.edition(last, last, false))
	if !maps.Equal(before, shown(t, dir)) || current(t, dir) != release {
		t.Error("the feed changed")
	}
	p, err := f.Position(context.Background())
	if err != nil || p != h.edition(0, last, true).Position {
		t.Errorf("position %+v, %v", p, err)
	}
}

func current(t *testing.T, dir string) string {
	t.Helper()
	target, err := os.Readlink(filepath.Join(dir, "current"))
	if err != nil {
		t.Fatal(err)
	}
	return target
}

func TestAFeedThatIsDamagedIsBuiltAnew(t *testing.T) {
	t.Parallel()
	h := story(t)
	last := len(h.entries)
	dir := t.TempDir()
	f := open(t, dir, 0)
	if p, err := f.Position(t.Context()); err != nil || p != (event.Position{}) {
		t.Fatalf("empty: %+v, %v", p, err)
	}
	if err := f.Publish(t.Context(), h.edition(1, last, false)); err == nil {
		t.Error("half a history was published")
	}
	publish(t, f, h.edition(0, last-1, true))
	publish(t, f, h.edition(last-1, last, false))
	want := shown(t, dir)
	for _, name := range []string{"feed.json", "feeds/nl/all.xml", "feeds/networks/leru.json", "feeds.opml", "kept.json", "channel.json"} {
		if want[name] == "" {
			t.Fatalf("there is no %s", name)
		}
		for _, edition := range []publishers.Edition{h.edition(last, last, false), h.edition(last-1, last, false)} {
			damaged := damage(t, dir, filepath.Join("current", name), []byte("{}"))
			f := open(t, damaged, 0)
			missesIt(t, f, name, edition)
			publish(t, f, h.edition(0, last, true))
			if diff := cmp.Diff(want, shown(t, damaged)); diff != "" {
				t.Error(diff)
			}
		}
	}
}

// damage copies a channel's folder, and overwrites a file.
func damage(t *testing.T, dir, name string, data []byte) string {
	t.Helper()
	damaged := t.TempDir()
	if err := os.CopyFS(damaged, os.DirFS(dir)); err != nil { // with the link current
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(damaged, name), data, 0o644); err != nil {
		t.Fatal(err)
	}
	return damaged
}

// missesIt checks that a feed finds a file damaged and asks for a rebuild.
func missesIt(t *testing.T, f *feed.Feed, name string, edition publishers.Edition) {
	t.Helper()
	if p, err := f.Position(t.Context()); err != nil || p.Sequence != 0 && f.Publish(t.Context(), edition) == nil {
		t.Errorf("%s: %+v, %v", name, p, err)
	}
	if p, err := f.Position(t.Context()); err != nil || p != (event.Position{}) {
		t.Errorf("%s: %+v, %v", name, p, err)
	}
}

func TestAFeedWithoutItsIndexIsBuiltAnew(t *testing.T) {
	t.Parallel()
	h, dir := story(t), t.TempDir()
	last := len(h.entries)
	publish(t, open(t, dir, 0), h.edition(0, last-1, true))
	const log = "releases/index.log"
	index := filepath.Join(dir, log)
	whole, err := os.ReadFile(index)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"cut short": whole[:len(whole)/2], "spoilt": append(make([]byte, 100), whole[100:]...), "empty": {}} {
		for _, edition := range []publishers.Edition{h.edition(last-1, last-1, false), h.edition(last-1, last, false)} {
			f := open(t, damage(t, dir, log, data), 0)
			missesIt(t, f, name, edition)
			publish(t, f, h.edition(0, last, true))
		}
	}
}

func TestOtherSettingsBeginAnew(t *testing.T) {
	t.Parallel()
	h, dir := story(t), t.TempDir()
	publish(t, open(t, dir, 0), h.edition(0, len(h.entries), true))
	if p, err := open(t, dir, 7).Position(t.Context()); err != nil || p != (event.Position{}) {
		t.Errorf("%+v, %v", p, err)
	}
	if p, err := open(t, dir, 0).Position(t.Context()); err != nil || p == (event.Position{}) {
		t.Errorf("%+v, %v", p, err)
	}
}

// An update reads and writes only the feeds that a change belongs to.
func TestAChangeTouchesTheFeedsItBelongsTo(t *testing.T) {
	t.Parallel()
	h, dir := story(t), t.TempDir()
	f := open(t, dir, 0)
	publish(t, f, h.edition(0, len(h.entries), true))
	before := shown(t, dir)
	h.commit("A city", "Ada", []edit{{"organizations/tu-delft", `{"id":"tu-delft","name":{"en":"Delft University of Technology"},"city":"Delft"}`}})
	publish(t, f, h.edition(len(h.entries)-1, len(h.entries), false))
	var changed []string
	for name, text := range shown(t, dir) {
		if before[name] != text {
			changed = append(changed, name)
		}
	}
	slices.Sort(changed)
	want := []string{"channel.json", "feed.json", "feed.xml", "feeds/nl/all.json", "feeds/nl/all.xml",
		"feeds/nl/organizations.json", "feeds/nl/organizations.xml", "feeds/organizations.json", "feeds/organizations.xml", "kept.json"}
	if diff := cmp.Diff(want, changed); diff != "" {
		t.Error(diff)
	}
}

func TestACancelledPublicationShowsWhatWasThere(t *testing.T) {
	h, dir := story(t), t.TempDir()
	f := open(t, dir, 0)
	publish(t, f, h.edition(0, 1, true))
	before := shown(t, dir)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := f.Publish(ctx, h.edition(1, 2, false)); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if !maps.Equal(before, shown(t, dir)) {
		t.Error("the feed changed")
	}
}

func TestConfigIsChecked(t *testing.T) {
	if _, err := feed.New(feed.Config{Dir: t.TempDir(), BaseURL: baseURL, Least: "huge", Log: zap.NewNop()}); err == nil {
		t.Error("a significance that there is not was taken")
	}
	for _, base := range []string{"", "/feed", "ftp://example.org", "javascript:alert(1)", "https://", "https://a/?q"} {
		if _, err := feed.New(feed.Config{Dir: t.TempDir(), BaseURL: base, Log: zap.NewNop()}); err == nil {
			t.Errorf("%q was taken", base)
		}
	}
}
