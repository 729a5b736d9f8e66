package ops

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/zap"

	"netsync/publishers/release"
)

func TestTheNewslettersArchiveIsServed(t *testing.T) {
	t.Parallel()
	dir, err := release.Open(filepath.Join(t.TempDir(), "newsletter"))
	if err != nil {
		t.Fatal(err)
	}
	publishFolder(t, dir, "1", map[string]string{
		"index.html": "<p>Sent", "next.html": "<p>An old draft", "pending.json": "{}", "style.css": "p{}", "archive/index.html": "<p>All",
		"archive/0a/index.html": "<p>One", "archive/feed.json": "{}", "archive/feed.xml": "<feed/>",
	})
	server := httptest.NewServer(New(Config{Newsletter: dir.Path(), Log: zap.NewNop()}).http.Handler)
	t.Cleanup(server.Close)
	for _, tt := range []struct{ path, mediaType, origin string }{
		{"/newsletter/", "text/html; charset=utf-8", ""},
		{"/newsletter/style.css", "text/css; charset=utf-8", ""},
		{"/newsletter/archive/", "text/html; charset=utf-8", ""},
		{"/newsletter/archive/0a/", "text/html; charset=utf-8", ""},
		{"/newsletter/archive/feed.json", "application/feed+json; charset=utf-8", "*"},
		{"/newsletter/archive/feed.xml", "application/atom+xml; charset=utf-8", "*"},
	} {
		w, _ := do(t, server, http.MethodGet, tt.path)
		if w.StatusCode != http.StatusOK || w.Header.Get("Content-Type") != tt.mediaType || w.Header.Get("Access-Control-Allow-Origin") != tt.origin ||
			w.Header.Get("Content-Security-Policy") != pagePolicy {
			t.Errorf("%s: %s, %v", tt.path, w.Status, w.Header)
		}
	}
	// Until the folder of an earlier netsync is rebuilt, its drafts are in it.
	for _, path := range []string{"/newsletter/next.html", "/newsletter/pending.json", "/newsletter/./next.html", "/newsletter/next.html/"} {
		if w, body := do(t, server, http.MethodGet, path); w.StatusCode == http.StatusOK || strings.Contains(body, "draft") {
			t.Errorf("%s: %s, %q", path, w.Status, body)
		}
	}
	if w, _ := do(t, server, http.MethodGet, "/newsletter/archive/0a"); w.StatusCode != http.StatusMovedPermanently || w.Header.Get("Location") != "./0a/" {
		t.Errorf("without a slash: %s, %v", w.Status, w.Header)
	}
}
