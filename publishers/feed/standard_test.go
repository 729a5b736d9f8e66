package feed_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/text/language"

	"netsync/schema/testkit/corpora"
	"netsync/schema/testkit/npmtest"
)

// A clause is a requirement or recommendation of JSON Feed 1.1, with its heading
// (https://www.jsonfeed.org/version/1.1/).
type clause struct {
	section string
	holds   func(feed object) error
}

type object = map[string]any

var clauses = []clause{
	{"Top-level: version is the address of the format", func(f object) error { return equal(f["version"], "https://jsonfeed.org/version/1.1") }},
	{"Top-level: title is there", func(f object) error { return text(f, "title") }},
	{"Top-level: home_page_url is an address", func(f object) error { return address(f, "home_page_url") }},
	{"Top-level: feed_url is an address", func(f object) error { return address(f, "feed_url") }},
	{"Top-level: description is text", func(f object) error { return text(f, "description") }},
	{"Top-level: next_url is an address, and not feed_url", func(f object) error {
		if _, ok := f["next_url"]; !ok {
			return nil
		}
		if f["next_url"] == f["feed_url"] {
			return fmt.Errorf("next_url is feed_url")
		}
		return address(f, "next_url")
	}},
	{"Top-level: authors have a name, url or avatar", authors},
	{"Top-level: author of 1.0 is not used", func(f object) error { return absent(f, "author") }},
	{"Top-level: language is of RFC 5646", tag},
	{"Top-level: expired is not there while the feed goes on", func(f object) error { return absent(f, "expired") }},
	{"Top-level: hubs have a type and a url", func(f object) error {
		for _, hub := range list(f["hubs"]) {
			if err := equal(hub.(object)["type"], "WebSub"); err != nil {
				return err
			}
			if err := address(hub.(object), "url"); err != nil {
				return err
			}
		}
		return nil
	}},
	{"Top-level: items is an array, and not empty", func(f object) error {
		if len(list(f["items"])) == 0 {
			return fmt.Errorf("no items")
		}
		return nil
	}},
	{"Items: id is text, and each is there once", func(f object) error {
		seen := make(map[any]bool)
		for _, item := range list(f["items"]) {
			id := item.(object)["id"]
			if seen[id] {
				return fmt.Errorf("%v is there twice", id)
			}
			seen[id] = true
		}
		return items(func(i object) error { return text(i, "id") })(f)
	}},
	{"Items: id never changes, so that it is a URI", items(func(i object) error { return address(i, "id") })},
	{"Items: url is an address", items(func(i object) error { return address(i, "url") })},
	{"Items: title is plain text", items(func(i object) error { return text(i, "title") })},
	{"Items: content_html or content_text is there", items(func(i object) error {
		if err := text(i, "content_html"); err != nil {
			return err
		}
		return text(i, "content_text")
	})},
	{"Items: summary is plain text, if there", items(func(i object) error { return optional(i, "summary", text) })},
	{"Items: date_published is of RFC 3339", items(func(i object) error { return date(i, "date_published") })},
	{"Items: date_modified is of RFC 3339", items(func(i object) error { return date(i, "date_modified") })},
	{"Items: authors have a name, url or avatar", items(authors)},
	{"Items: author of 1.0 is not used", items(func(i object) error { return absent(i, "author") })},
	{"Items: tags are text", items(func(i object) error {
		for _, tag := range list(i["tags"]) {
			if s, ok := tag.(string); !ok || s == "" {
				return fmt.Errorf("tag %v", tag)
			}
		}
		return nil
	})},
	{"Items: language is of RFC 5646", items(tag)},
	{"Extensions: names begin with _ and a letter, values are objects that say what they are about", func(f object) error {
		if err := address(f["_netsync"].(object), "about"); err != nil {
			return err
		}
		return unknown(f, "version title home_page_url feed_url description user_comment next_url icon favicon authors language expired hubs items")
	}},
	{"Extensions: of items, too", items(func(i object) error {
		return unknown(i, "id url external_url title content_html content_text summary image banner_image date_published date_modified authors tags language attachments")
	})},
}

func equal(got, want any) error {
	if got != want {
		return fmt.Errorf("it is %v, not %v", got, want)
	}
	return nil
}

func list(v any) []any { l, _ := v.([]any); return l }

func text(o object, name string) error {
	if s, ok := o[name].(string); !ok || s == "" {
		return fmt.Errorf("%s is %v", name, o[name])
	}
	return nil
}

func optional(o object, name string, check func(object, string) error) error {
	if _, ok := o[name]; !ok {
		return nil
	}
	return check(o, name)
}

func absent(o object, name string) error {
	if v, ok := o[name]; ok {
		return fmt.Errorf("%s is %v", name, v)
	}
	return nil
}

func address(o object, name string) error {
	s, _ := o[name].(string)
	if u, err := url.Parse(s); err != nil || !u.IsAbs() {
		return fmt.Errorf("%s is %q", name, s)
	}
	return nil
}

func date(o object, name string) error {
	s, _ := o[name].(string)
	_, err := time.Parse(time.RFC3339, s)
	return err
}

func tag(o object) error {
	s, _ := o["language"].(string)
	_, err := language.Parse(s)
	return err
}

func authors(o object) error {
	if len(list(o["authors"])) == 0 {
		return fmt.Errorf("no authors")
	}
	for _, author := range list(o["authors"]) {
		if err := text(author.(object), "name"); err != nil {
			return err
		}
		if err := optional(author.(object), "url", address); err != nil {
			return err
		}
	}
	return nil
}

func items(check func(object) error) func(object) error {
	return func(f object) error {
		for _, item := range list(f["items"]) {
			if err := check(item.(object)); err != nil {
				return fmt.Errorf("item %v: %w", item.(object)["id"], err)
			}
		}
		return nil
	}
}

var extensionName = regexp.MustCompile(`^_[a-zA-Z]`)

func unknown(o object, names string) error {
	for name, value := range o {
		if value == nil {
			return fmt.Errorf("%s is null", name)
		}
		if slices.Contains(strings.Fields(names), name) {
			continue
		}
		if _, ok := value.(object); !ok || !extensionName.MatchString(name) {
			return fmt.Errorf("%s is no extension", name)
		}
	}
	return nil
}

// TestJSONFeedsAreToTheLetter checks every feed and page against every clause.
func TestJSONFeedsAreToTheLetter(t *testing.T) {
	t.Parallel()
	eachKind(t, ".json", func(t *testing.T, feeds map[string]string) {
		for name, data := range feeds {
			if !utf8.ValidString(data) {
				t.Errorf("%s is not UTF-8", name)
			}
			var f object
			if err := json.Unmarshal([]byte(data), &f); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			for _, c := range clauses {
				if err := c.holds(f); err != nil {
					t.Errorf("%s: %s: %v", name, c.section, err)
				}
			}
		}
	})
}

// An atomDocument holds elements for which the text of RFC 4287 requires more
// than its grammar.
type atomDocument struct {
	ID      string     `xml:"id"`
	Updated string     `xml:"updated"`
	Links   []atomLink `xml:"link"`
	Archive *struct{}  `xml:"http://purl.org/syndication/history/1.0 archive"`
	Entries []struct {
		ID        string     `xml:"id"`
		Title     string     `xml:"title"`
		Published time.Time  `xml:"published"`
		Updated   time.Time  `xml:"updated"`
		Authors   []string   `xml:"author>name"`
		Links     []atomLink `xml:"link"`
	} `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr"`
	Href string `xml:"href,attr"`
}

// TestAtomFeedsSayWhatTheyAre checks every feed and page against the text of
// RFC 4287 and RFC 5005, and against further checks of the W3C's validator.
func TestAtomFeedsSayWhatTheyAre(t *testing.T) {
	t.Parallel()
	eachKind(t, ".xml", func(t *testing.T, feeds map[string]string) {
		for name, data := range feeds {
			var d atomDocument
			if err := xml.Unmarshal([]byte(data), &d); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if err := d.check(name); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func (d atomDocument) check(name string) error {
	links := make(map[atomLink]bool)
	rels := make(map[string]string)
	for _, link := range d.Links {
		kind := atomLink{Rel: link.Rel, Type: link.Type}
		if links[kind] {
			return fmt.Errorf("RFC 4287 §4.1.1: two links %v", kind)
		}
		links[kind] = true
		rels[link.Rel] = link.Href
		if err := address(object{"href": link.Href}, "href"); err != nil {
			return err
		}
	}
	if rels["self"] != baseURL+"/"+name {
		return fmt.Errorf("W3C SelfDoesntMatchLocation: %s", rels["self"])
	}
	isPage := archived.MatchString(name)
	switch {
	case isPage != (d.Archive != nil), isPage != (rels["current"] != ""):
		return fmt.Errorf("RFC 5005 §4: archive is %v, current is %q", d.Archive, rels["current"])
	case rels["prev-archive"] == rels["self"]:
		return fmt.Errorf("RFC 5005 §4: the archive before is itself")
	case !strings.HasPrefix(d.ID, "urn:"):
		return fmt.Errorf("RFC 4287 §4.2.6: id %q", d.ID)
	case len(d.Entries) == 0:
		return fmt.Errorf("no entries")
	case d.Updated != d.Entries[0].Updated.Format(time.RFC3339) && !isPage:
		return fmt.Errorf("RFC 4287 §4.2.15: updated is %s", d.Updated)
	}
	ids := make(map[string]bool)
	for _, e := range d.Entries {
		switch {
		case ids[e.ID] || e.ID == "":
			return fmt.Errorf("RFC 4287 §4.1.1: two entries %q", e.ID)
		case e.Title == "":
			return fmt.Errorf("RFC 4287 §4.2.14: %s has no title", e.ID)
		case e.Published.IsZero() || e.Updated.Before(e.Published):
			return fmt.Errorf("RFC 4287 §4.2.9: %s was published after its update", e.ID)
		case len(e.Authors) == 0 || slices.Contains(e.Authors, ""):
			return fmt.Errorf("RFC 4287 §3.2.1: the authors of %s are %q", e.ID, e.Authors)
		case len(e.Links) != 1 || e.Links[0].Rel != "alternate":
			return fmt.Errorf("RFC 4287 §4.1.2: the links of %s are %v", e.ID, e.Links)
		}
		ids[e.ID] = true
	}
	return nil
}

// TestAtomFeedsAreValid checks every feed and page against the RELAX NG grammar
// of RFC 4287, with the validator of the Nu HTML checker.
func TestAtomFeedsAreValid(t *testing.T) {
	t.Parallel()
	jar := filepath.Join(npmtest.Folder(t, "vnu-jar", "html"), "build", "dist", "vnu.jar")
	java := npmtest.Program(t, "html", "java")
	validate := func(files ...string) ([]byte, error) {
		return exec.CommandContext(t.Context(), java, slices.Concat([]string{"-cp", jar,
			"nu.validator.vendor.thaiopensource.relaxng.util.Driver", "-c", filepath.Join("testdata", "atom.rnc")}, files)...).CombinedOutput()
	}
	eachKind(t, ".xml", func(t *testing.T, feeds map[string]string) {
		dir := t.TempDir()
		feeds["wrong.xml"] = strings.Replace(feeds["feed.xml"], "<updated>", "<updated>on ", 1)
		var files []string
		for name, data := range feeds {
			file := filepath.Join(dir, strings.ReplaceAll(name, "/", "_"))
			if err := os.WriteFile(file, []byte(data), 0o644); err != nil {
				t.Fatal(err)
			}
			if name != "wrong.xml" {
				files = append(files, file)
			}
		}
		if out, err := validate(files...); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		if out, err := validate(filepath.Join(dir, "wrong.xml")); err == nil {
			t.Errorf("a wrong feed is valid: %s", out)
		}
	})
}

// eachKind calls a function for the feeds and pages of the story, and of a
// history whose texts are from the Big List of Naughty Strings.
func eachKind(t *testing.T, format string, look func(t *testing.T, feeds map[string]string)) {
	t.Helper()
	only := func(files map[string]string) map[string]string {
		maps.DeleteFunc(files, func(name, _ string) bool {
			return !strings.HasSuffix(name, format) || name == "channel.json" || name == "kept.json"
		})
		return files
	}
	t.Run("the story", func(t *testing.T) {
		t.Parallel()
		_, files := read(t, story(t), 2)
		look(t, only(files))
	})
	t.Run("naughty strings", func(t *testing.T) {
		t.Parallel()
		_, files := read(t, naughtyHistory(t), 50)
		look(t, only(files))
	})
}

func naughtyHistory(t *testing.T) *history {
	t.Helper()
	h := &history{tb: t}
	for _, s := range corpora.NaughtyStrings(t) {
		quoted, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		h.commit(s, s, []edit{{"networks/a", fmt.Sprintf(`{"name":{"en":%[1]s,"nl":%[1]s},"summary":{"en":%[1]s},"acronym":%[1]s,
			"topics":["water",%[1]s],"links":[{"rel":"homepage","url":%[1]s,"title":{"en":%[1]s}}],"x-a":{%[1]s:%[1]s}}`, quoted)}})
	}
	return h
}
