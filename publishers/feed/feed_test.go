package feed_test

import (
	"context"
	"errors"
	"flag"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"
	"pgregory.net/rapid"

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
		for name, text := range got {
			if err := os.WriteFile(filepath.Join(golden, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	want := make(map[string]string)
	for name := range got {
		data, err := os.ReadFile(filepath.Join(golden, name))
		if err != nil {
			t.Fatal(err)
		}
		want[name] = string(data)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("run with -update if this is meant:\n%s", diff)
	}
}

// However the history was cut into editions, the feed is the same.
func TestRebuildEqualsIncremental(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		h := &history{tb: t}
		drawHistory(rt, h)
		items := rapid.IntRange(1, 8).Draw(rt, "items")
		last := len(h.entries)
		scratch, err := os.MkdirTemp(t.TempDir(), "")
		if err != nil {
			rt.Fatal(err)
		}
		grown, rebuilt := filepath.Join(scratch, "grown"), filepath.Join(scratch, "rebuilt")
		for from := 0; from < last; {
			to := rapid.IntRange(from+1, last).Draw(rt, "to")
			publish(t, open(t, grown, items), h.edition(from, to, from == 0))
			from = to
		}
		publish(t, open(t, rebuilt, items), h.edition(0, last, true))
		if diff := cmp.Diff(shown(t, rebuilt), shown(t, grown)); diff != "" {
			rt.Fatal(diff)
		}
	})
}

func drawHistory(rt *rapid.T, h *history) {
	records := rapid.SampledFrom([]string{"networks/a", "networks/b", "organizations/c", "activities/d"})
	texts := rapid.SampledFrom([]string{
		`{"name":{"en":"One"},"topics":["water"]}`, `{"name":{"en":"Two & <b>"},"partners":["c"]}`,
		`{"name":{"nl":"Drie\u2028"},"x-a":1.5,"membership":{"status":"current"}}`, `{"membership":{"status":"former"}}`,
	})
	for range rapid.IntRange(1, 6).Draw(rt, "changesets") {
		touched := make(map[string]string)
		for range rapid.IntRange(0, 3).Draw(rt, "changes") {
			touched[records.Draw(rt, "record")] = texts.Draw(rt, "text")
		}
		var edits []edit
		for _, record := range []string{"networks/a", "networks/b", "organizations/c", "activities/d"} {
			if text, ok := touched[record]; ok {
				edits = append(edits, edit{record, text})
			}
		}
		subject := rapid.SampledFrom([]string{"Fix", "<script>", "Ünïcode\u2029", ""}).Draw(rt, "subject")
		isBulk, again := rapid.Bool().Draw(rt, "bulk"), rapid.IntRange(0, 5).Draw(rt, "again") == 0
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

func TestAFeedWithoutItsSourcesIsBuiltAnew(t *testing.T) {
	h, dir := story(t), t.TempDir()
	f, last := open(t, dir, 0), len(h.entries)
	if p, err := f.Position(context.Background()); err != nil || p != (event.Position{}) {
		t.Fatalf("empty: %+v, %v", p, err)
	}
	if err := f.Publish(context.Background(), h.edition(1, last, false)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("half a history was published: %v", err)
	}
	publish(t, f, h.edition(0, last, true))
	want := shown(t, dir)
	for _, damage := range []string{"", "{", "{}"} {
		name := filepath.Join(dir, "current", "items.json")
		if err := os.WriteFile(name, []byte(damage), 0o644); err != nil {
			t.Fatal(err)
		}
		if p, err := f.Position(context.Background()); err != nil || p != (event.Position{}) {
			t.Errorf("%q: %+v, %v", damage, p, err)
		}
		publish(t, f, h.edition(0, last, true))
		if diff := cmp.Diff(want, shown(t, dir)); diff != "" {
			t.Error(diff)
		}
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
	for _, base := range []string{"", "/feed", "ftp://example.org", "javascript:alert(1)", "https://", "https://a/?q"} {
		if _, err := feed.New(feed.Config{Dir: t.TempDir(), BaseURL: base, Log: zap.NewNop()}); err == nil {
			t.Errorf("%q was taken", base)
		}
	}
}
