package newsletter_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mmcdole/gofeed"
	"github.com/nats-io/nats.go/jetstream"

	"netsync/publishers/newsletter"
	"netsync/publishers/website/webtest"
)

// sentTwice sends a digest with a note, then another in the next year.
func sentTwice(t *testing.T) (d *desk, n *newsletter.Newsletter, dir string, ids []string) {
	t.Helper()
	d, dir = newDesk(t), t.TempDir()
	n = d.newsletter(t, dir)
	setNote(t, n, "", welcome)
	ids = append(ids, send(t, n).Digest)
	d.now = d.now.AddDate(1, 0, 0)
	d.commit("More <members> & less", []edit{{"networks/una-europa", replace(una, "10", "12")}})
	d.catchUp(t, n)
	ids = append(ids, send(t, n).Digest)
	return d, n, dir, ids
}

func TestTheArchiveHasWhatWasSent(t *testing.T) {
	t.Parallel()
	d, n, dir, ids := sentTwice(t)
	files := shown(t, dir)
	index := files["archive/index.html"]
	newer, older := strings.Index(index, `<a href="`+ids[1]+`/">3 changes to Una Europa</a>`), strings.Index(index, `<a href="`+ids[0]+`/">`)
	if newer < 0 || older < newer || !strings.Contains(index, "<h2>2026</h2>") || !strings.Contains(index, "<h2>2027</h2>") {
		t.Errorf("index:\n%s", index)
	}
	first := files["archive/"+ids[0]+"/index.html"]
	for _, part := range []string{"<h2>Welcome</h2>", `href="mailto:editor@example.org"`, "Hub was added", "Changes of 24 November 2026. Sent on",
		`<a href="../">Digests</a>`, `<a href="https://networks.example.org/">Networks and associations</a>`} {
		if !strings.Contains(first, part) {
			t.Errorf("no %s in\n%s", part, first)
		}
	}
	if front := files["index.html"]; !strings.Contains(front, `<a href="archive/">`) || !strings.Contains(front, `<a href="archive/`+ids[1]+`/">`) {
		t.Errorf("front:\n%s", front)
	}
	rebuilt := filepath.Join(dir, "rebuilt")
	d.newsletter(t, rebuilt)
	if diff := cmp.Diff(shown(t, rebuilt), files); diff != "" {
		t.Error(diff)
	}
	// A new process writes all files, and a running one carries them over.
	for _, n := range []*newsletter.Newsletter{d.newsletter(t, dir), n} {
		before := inodes(t, dir)
		setNote(t, n, "nl", fmt.Sprint(time.Now()))
		if diff := cmp.Diff(before, inodes(t, dir)); diff != "" {
			t.Errorf("files of the archive were written again: %s", diff)
		}
	}
}

// inodes returns the inodes of the archive's files.
func inodes(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "current", "archive", "*", "index.html"))
	if err != nil || len(names) != 2 {
		t.Fatalf("%v, %v", names, err)
	}
	var all []string
	for _, name := range append(names, filepath.Join(dir, "current", "archive", "feed.json"), filepath.Join(dir, "current", "archive", "feed.xml")) {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, fmt.Sprint(filepath.Base(filepath.Dir(name)), " ", info.ModTime().UnixNano()))
	}
	return all
}

// Two independent feed readers get the same items.
func TestTheFeedOfDigests(t *testing.T) {
	t.Parallel()
	_, _, dir, ids := sentTwice(t)
	files := shown(t, dir)
	for _, name := range []string{"archive/feed.json", "archive/feed.xml"} {
		f, err := gofeed.NewParser().ParseString(files[name])
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if f.Title != "Networks and associations: Digests" || f.Language != "en" || len(f.Items) != 2 {
			t.Fatalf("%s: %q, %s, %d items", name, f.Title, f.Language, len(f.Items))
		}
		for i, item := range f.Items {
			id := ids[len(ids)-1-i]
			if item.GUID != "urn:netsync:leiden-networks:newsletter:"+id || item.Link != baseURL+"/newsletter/archive/"+id+"/" {
				t.Errorf("%s: %s at %s", name, item.GUID, item.Link)
			}
			if want := start.Add(24*time.Hour).AddDate(1-i, 0, 0); !item.PublishedParsed.Equal(want) {
				t.Errorf("%s: published %v, want %v", name, item.PublishedParsed, want)
			}
		}
		if it := f.Items[0]; it.Title != "3 changes to Una Europa" || !strings.Contains(it.Content, "More &lt;members&gt; &amp; less") {
			t.Errorf("%s: %q\n%s", name, it.Title, it.Content)
		}
		if it := f.Items[1]; !strings.Contains(it.Content, "<h2>Welcome</h2>") || strings.Contains(it.Content, `href="/`) || strings.Contains(it.Content, `href="..`) {
			t.Errorf("%s:\n%s", name, it.Content)
		}
	}
	var document struct {
		Version string
		Feed    string `json:"feed_url"`
		Items   []struct {
			HTML string `json:"content_html"`
		}
	}
	if err := json.Unmarshal([]byte(files["archive/feed.json"]), &document); err != nil || document.Version != "https://jsonfeed.org/version/1.1" ||
		document.Feed != baseURL+"/newsletter/archive/feed.json" || document.Items[0].HTML == "" {
		t.Errorf("%+v, %v", document, err)
	}
}

func TestTheArchiveHasNothingThatWasNotSent(t *testing.T) {
	t.Parallel()
	d, dir := newDesk(t), t.TempDir()
	n := d.newsletter(t, dir, hold)
	setNote(t, n, "", "Secret plans")
	archived := func() (names []string) {
		for name, text := range shown(t, dir) {
			if strings.HasPrefix(name, "archive/") {
				names = append(names, name)
				if strings.Contains(text, "Secret plans") || strings.Contains(text, "Hub was added") {
					t.Errorf("%s tells what was not sent", name)
				}
			}
		}
		slices.Sort(names)
		return names
	}
	none := []string{"archive/feed.json", "archive/feed.xml", "archive/index.html"}
	for _, step := range []struct {
		name string
		do   func()
	}{
		{"a draft", func() {}},
		{"one that waits", func() { runDue(t, n, d.now); d.commit("x", []edit{{"networks/x", una}}); d.catchUp(t, n) }},
		{"one with another note", func() { setNote(t, n, "", "Secret plans, and more") }},
		{"one that was cancelled", func() {
			if _, err := n.Cancel(t.Context(), ""); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		step.do()
		if got := archived(); !slices.Equal(got, none) {
			t.Errorf("%s: %v", step.name, got)
		}
	}
	if index := shown(t, dir)["archive/index.html"]; !strings.Contains(index, "No digest was sent yet.") {
		t.Errorf("%s", index)
	}
}

// The stored content and the public pages of a digest contain nothing of a single
// recipient.
func TestTheArchiveTellsOfNoReader(t *testing.T) {
	t.Parallel()
	d, _, dir, _ := sentTwice(t)
	var texts []string
	for name, text := range shown(t, dir) {
		if strings.HasPrefix(name, "archive/") {
			texts = append(texts, text)
		}
	}
	for _, text := range append(texts, contents(t, d)...) {
		for _, wrong := range []string{ada, strings.ToLower(grace), lynn, "unsubscribe", "token", "networks@leiden.test"} {
			if strings.Contains(strings.ToLower(text), wrong) {
				t.Errorf("there is %q in\n%s", wrong, text)
			}
		}
	}
}

// contents returns the stored contents of digests.
func contents(t *testing.T, d *desk) (all []string) {
	t.Helper()
	kv, err := d.js.KeyValue(t.Context(), newsletter.Bucket(dataset))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := kv.ListKeysFiltered(t.Context(), "content.>")
	if err != nil {
		t.Fatal(err)
	}
	for key := range keys.Keys() {
		entry, err := kv.Get(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, unzip(t, entry.Value()))
	}
	if len(all) < 2 {
		t.Fatalf("%d contents", len(all))
	}
	return all
}

func TestADigestWhoseContentIsGoneIsListed(t *testing.T) {
	t.Parallel()
	d, _, dir, ids := sentTwice(t)
	kv, err := d.js.KeyValue(t.Context(), newsletter.Bucket(dataset))
	if err != nil {
		t.Fatal(err)
	}
	if err := kv.Purge(t.Context(), "content.0."+ids[0], jetstream.LastRevision(0)); err != nil {
		t.Fatal(err)
	}
	rebuilt := filepath.Join(dir, "rebuilt")
	d.newsletter(t, rebuilt)
	files := shown(t, rebuilt)
	if _, ok := files["archive/"+ids[0]+"/index.html"]; ok || strings.Contains(files["archive/index.html"], ids[0]) ||
		strings.Count(files["archive/index.html"], "<time") != 2 || strings.Contains(files["archive/feed.json"], ids[0]) {
		t.Errorf("%s", files["archive/index.html"])
	}
}

// TestArchivePagesAreValidAndForEverybody checks the pages like those of the
// website.
func TestArchivePagesAreValidAndForEverybody(t *testing.T) {
	t.Parallel()
	site := archiveSite(t)
	t.Run("html", func(t *testing.T) {
		webtest.Report(t, append(site.Nu(t), site.HTMLValidate(t)...))
	})
	t.Run("axe", func(t *testing.T) {
		axe := webtest.Axe(t)
		tab := webtest.Start(t).Tab(t, site.Serve(t))
		for _, p := range site.Pages {
			webtest.Report(t, tab.Access(p, axe, true))
		}
	})
}

// archiveSite returns the archive and the page of the draft, in two languages.
func archiveSite(t *testing.T) *webtest.Site {
	t.Helper()
	_, n, dir, _ := sentTwice(t)
	setNote(t, n, "", welcome)
	out := t.TempDir()
	for name, text := range shown(t, dir) {
		if strings.HasPrefix(name, "next.") { // a mail, which is made for other programs than browsers
			continue
		}
		to := filepath.Join(out, filepath.FromSlash(name))
		err := os.MkdirAll(filepath.Dir(to), 0o755)
		if err == nil {
			err = os.WriteFile(to, []byte(text), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return webtest.Open(t, out, baseURL)
}

var screenshots = flag.String("screenshots", "", "folder for pictures of the archive and of messages")

// TestScreenshots takes screenshots for visual checks:
//
//	NETSYNC_TEST_REQUIRE=browser go test ./publishers/newsletter -run Screenshots -args -screenshots DIR
func TestScreenshots(t *testing.T) {
	if *screenshots == "" {
		t.Skip("skipped: nobody asked for pictures (-args -screenshots DIR)")
	}
	site := archiveSite(t)
	browser := webtest.Start(t)
	tab := browser.Tab(t, site.Serve(t))
	if err := os.MkdirAll(*screenshots, 0o755); err != nil {
		t.Fatal(err)
	}
	picture(t, browser, *screenshots)
	for _, p := range site.Pages {
		for _, width := range []int64{390, 1280} {
			for _, scheme := range []string{"light", "dark"} {
				tab.Use(webtest.Screen{Name: scheme, Width: width, Height: 844, Media: map[string]string{"prefers-color-scheme": scheme}})
				tab.Open(p.Path())
				name := fmt.Sprintf("%s-%d-%s.png", strings.ReplaceAll("front/"+p.Name, "/", "-"), width, scheme)
				if err := os.WriteFile(filepath.Join(*screenshots, name), tab.Picture(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

func TestTheArchiveIsBounded(t *testing.T) {
	t.Parallel()
	const many = 130
	d, n, dir := newDesk(t), (*newsletter.Newsletter)(nil), t.TempDir()
	n = d.newsletter(t, dir)
	id := send(t, n).Digest
	kv, err := d.js.KeyValue(t.Context(), newsletter.Bucket(dataset))
	if err != nil {
		t.Fatal(err)
	}
	digest, err := kv.Get(t.Context(), "digest.0")
	if err != nil {
		t.Fatal(err)
	}
	content, err := kv.Get(t.Context(), "content.0."+id)
	if err != nil {
		t.Fatal(err)
	}
	for from := 1; from < many; from++ { // as if it had been sent again and again
		other := fmt.Sprintf("%032x", from)
		text := replace(string(digest.Value()), id, other, `"from":0`, fmt.Sprintf(`"from":%d`, from))
		for key, data := range map[string][]byte{
			fmt.Sprintf("digest.%d", from): []byte(text), fmt.Sprintf("content.%d.%s", from, other): content.Value(),
		} {
			if _, err := kv.Put(t.Context(), key, data); err != nil {
				t.Fatal(err)
			}
		}
	}
	rebuilt := filepath.Join(dir, "rebuilt")
	d.newsletter(t, rebuilt)
	files := shown(t, rebuilt)
	pages := 0
	for name := range files {
		if strings.HasPrefix(name, "archive/0") || strings.HasPrefix(name, "archive/"+id) {
			pages++
		}
	}
	listed, linked := strings.Count(files["archive/index.html"], "<time"), strings.Count(files["archive/index.html"], `/">3 networks`)
	fed := strings.Count(files["archive/feed.xml"], "<entry>")
	if pages != 100 || listed != many || linked != 100 || fed != 20 {
		t.Errorf("%d pages, %d listed, %d with a link, %d in the feed", pages, listed, linked, fed)
	}
}

// Subscribers have links of their own in their messages, and some a digest of
// their own. Neither gets into the public pages, and monthly digests have no
// note.
func TestWhatSomeSubscribersGetIsNotForEverybody(t *testing.T) {
	t.Parallel()
	d, dir := newDesk(t), t.TempDir()
	n := d.newsletter(t, dir, nobody, hold)
	subscribe(t, n, "weekly@example.org", "monthly@example.org monthly")
	all := func(what string, archived int) {
		t.Helper()
		if got := strings.Count(shown(t, dir)["archive/index.html"], "<time"); got != archived {
			t.Errorf("%s: %d digests in the archive, want %d", what, got, archived)
		}
	}
	runDue(t, n, d.now)
	approve(t, n, "")
	all("the first", 1)
	d.now = d.now.AddDate(0, 0, 14)
	d.change(t, n, count(12))
	d.mail.clear()
	runDue(t, n, d.now)
	approve(t, n, "")
	d.change(t, n, count(13))
	d.now = d.now.AddDate(0, 0, 7)
	runDue(t, n, d.now)
	approve(t, n, "")
	all("the third", 3)

	d.now = d.now.AddDate(0, 1, 0)
	r := runDue(t, n, d.now)
	if r.Waiting.IsZero() || r.Recipients != 1 {
		t.Fatalf("no digest for who gets one a month: %+v", r)
	}
	if noted := setNote(t, n, "", welcome); noted.Digest != "" {
		t.Errorf("it got the note: %+v", noted)
	}
	if noted, err := n.Note(t.Context(), ""); err != nil || noted.Digest != "" || noted.Note != welcome {
		t.Errorf("%+v, %v", noted, err)
	}
	approve(t, n, r.Digest)
	all("that of the month", 3)
	if drafted(t, n).Note != welcome {
		t.Error("the note is used up")
	}
	for name, text := range shown(t, dir) {
		for _, wrong := range []string{newsletter.UnsubscribePath, newsletter.PreferencesPath, "weekly@example.org", "monthly@example.org"} {
			if strings.Contains(text, wrong) {
				t.Errorf("%s has %q in it", name, wrong)
			}
		}
	}
	for _, text := range contents(t, d) {
		if strings.Contains(text, newsletter.UnsubscribePath) || strings.Contains(text, newsletter.PreferencesPath) {
			t.Errorf("a link of a subscriber is kept: %s", text)
		}
	}
}
