package ops

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/zap"

	"netsync/publishers"
	"netsync/publishers/feed"
	"netsync/publishers/publishertest"
	"netsync/schema/stream"
	"netsync/schema/stream/streamtest"
)

// A reader gets 304 each time while the feeds are regenerated without changes.
func TestRegenerationsThatChangeNothingAreNotModified(t *testing.T) {
	t.Parallel()
	const regenerations = 1000
	js := streamtest.JetStream(t)
	history := publishertest.NewHistory(t, js)
	history.Commit(true, publishertest.Revision{ID: "networks/leru", Value: map[string]any{
		"name": "LERU", "tier": "key", "kind": "alliance", "purposes": []any{"advocacy"}, "summary": "Research.", "topics": []any{"water"}}})
	reader, err := stream.Open(t.Context(), js, publishertest.Dataset)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	channel, err := feed.New(feed.Config{Dir: dir, BaseURL: "https://example.org", Log: zap.NewNop()})
	if err != nil {
		t.Fatal(err)
	}
	runner, err := publishers.NewRunner(publishers.Config{
		Channel: channel, Log: zap.NewNop(),
		Open: func(context.Context) (*stream.Reader, error) { return reader, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := runner.Rebuild(t.Context()); err != nil {
		t.Fatal(err)
	}
	server := New(Config{Feed: dir, Log: zap.NewNop()}).http.Handler
	get := func(path, etag string) *http.Response {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		if etag != "" {
			r.Header.Set("If-None-Match", etag)
		}
		w := httptest.NewRecorder()
		server.ServeHTTP(w, r)
		return w.Result()
	}
	etags := make(map[string]string)
	for path, want := range map[string]string{
		"/feed.json": "application/feed+json; charset=utf-8", "/feed.xml": "application/atom+xml; charset=utf-8",
		"/feeds/nl/all.json": "application/feed+json; charset=utf-8", "/feeds/networks/leru.xml": "application/atom+xml; charset=utf-8",
		"/feeds/topics/water.json": "application/feed+json; charset=utf-8", "/feeds.opml": "text/x-opml; charset=utf-8",
	} {
		response := get(path, "")
		if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != want ||
			response.Header.Get("Access-Control-Allow-Origin") != "*" || response.Header.Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: %s, %v", path, response.Status, response.Header)
		}
		etags[path] = response.Header.Get("ETag")
	}
	for _, path := range []string{"/channel.json", "/kept.json", "/feeds/../kept.json"} {
		if response := get(path, ""); response.StatusCode == http.StatusOK {
			t.Errorf("%s is served", path)
		}
	}
	written := modified(t, dir)
	for n := range regenerations {
		if err := runner.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		for path, etag := range etags {
			if response := get(path, etag); response.StatusCode != http.StatusNotModified {
				t.Fatalf("%s after %d regenerations: %s", path, n+1, response.Status)
			}
		}
	}
	if now := modified(t, dir); now != written {
		t.Errorf("feed.json was written at %s, now %s", written, now)
	}

	// A file that was changed from outside is written again by the next
	// regeneration.
	if err := os.WriteFile(filepath.Join(dir, "current", "feed.json"), []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := runner.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if response := get("/feed.json", etags["/feed.json"]); response.StatusCode != http.StatusNotModified {
		t.Errorf("after a repair: %s", response.Status)
	}
}

func modified(t *testing.T, dir string) time.Time {
	t.Helper()
	info, err := os.Stat(filepath.Join(dir, "current", "feed.json"))
	if err != nil {
		t.Fatal(err)
	}
	return info.ModTime()
}
