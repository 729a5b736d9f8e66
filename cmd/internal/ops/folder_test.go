package ops

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"go.uber.org/zap"

	"netsync/publishers/release"
)

// long returns text worth compressing.
func long(s string) string { return strings.Repeat(s+" and so on. ", 100) }

var site = map[string]string{
	"index.html":                   long("<p>Networks"),
	"404.html":                     "<p>There is no such page.",
	"networks/leru/index.html":     long("<p>LERU"),
	"data/networks.json":           `{"networks":[]}`,
	"data/networks.csv":            "id,name\n",
	"data/networks.jsonld":         "{}",
	"data/all.zip":                 long("PK"),
	"assets/site.0123456789ab.css": long("body{}"),
	"assets/logo.svg":              long("<svg/>"),
	"assets/leru.webp":             "RIFF",
	"search/index.0123456789ab.js": "search()",
	"search/words.json":            "[]",
	"fragments/leru/index.html":    "<p>LERU",
	"oembed/leru.json":             "{}",
	"sitemap.xml":                  "<urlset/>",
	"site.webmanifest":             "{}",
	"..odd/a b.txt":                "odd but fine",
}

func publishFolder(t testing.TB, dir *release.Dir, label string, files map[string]string) {
	t.Helper()
	s, err := dir.Stage(label, false)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range files {
		if err := s.Write(name, []byte(data)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Flip(); err != nil {
		t.Fatal(err)
	}
}

// serving returns a server of a website and a feed.
func serving(t testing.TB) (*httptest.Server, *release.Dir) {
	t.Helper()
	root := t.TempDir()
	dir, err := release.Open(filepath.Join(root, "website"))
	if err != nil {
		t.Fatal(err)
	}
	feed, err := release.Open(filepath.Join(root, "feed"))
	if err != nil {
		t.Fatal(err)
	}
	letter, err := release.Open(filepath.Join(root, "newsletter"))
	if err != nil {
		t.Fatal(err)
	}
	publishFolder(t, dir, "1", site)
	publishFolder(t, letter, "1", map[string]string{
		"index.html": long("<p>Digests that were sent"), "style.css": long("p{}"),
		"archive/index.html": "<p>Digests", "archive/1/index.html": "<p>A digest", "archive/feed.json": "{}", "archive/feed.xml": "<feed/>",
	})
	publishFolder(t, feed, "1", map[string]string{"feed.json": long("{}"), "feed.xml": "<feed/>", "items.json": "[]"})
	s := New(Config{Website: dir.Path(), Feed: feed.Path(), Newsletter: letter.Path(), Mounts: subscribing(), Log: zap.NewNop()})
	server := httptest.NewServer(s.http.Handler)
	t.Cleanup(server.Close)
	return server, dir
}

// subscribing returns fake pages for subscribers that echo the request and its
// client.
func subscribing() map[string]http.Handler {
	mounts := make(map[string]http.Handler)
	for _, path := range []string{"subscribe", "subscribe/sent", "confirm/", "preferences/", "unsubscribe/", "assets/", "bounces"} {
		mounts["/newsletter/"+path] = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Set("Cache-Control", "no-store")
			w.Header().Set("Content-Security-Policy", "default-src 'none'")
			w.Header().Set("X-Robots-Tag", "noindex")
			fmt.Fprintf(w, "%s %s %s %s", r.Method, r.URL, long("<p>"), r.Header.Get("X-Forwarded-For"))
		})
	}
	return mounts
}

// do sends a request without automatic compression or redirects.
func do(t testing.TB, server *httptest.Server, method, path string, headers ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequest(method, server.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", "identity")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	client := &http.Client{
		Transport:     &http.Transport{DisableCompression: true, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	w, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close()
	body, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return w, string(body)
}

func TestFilesAreServedWithWhatBrowsersAreToKnow(t *testing.T) {
	t.Parallel()
	server, _ := serving(t)
	const forever, ask = "public, max-age=31536000, immutable", "no-cache"
	for _, tt := range []struct{ path, name, mediaType, cache, policy, resource, origin, frame string }{
		{"/", "index.html", "text/html; charset=utf-8", ask, pagePolicy, "same-origin", "", "DENY"},
		{"/networks/leru/", "networks/leru/index.html", "text/html; charset=utf-8", ask, pagePolicy, "same-origin", "", "DENY"},
		{"/data/networks.json", "", "application/json", ask, pagePolicy, "cross-origin", "*", "DENY"},
		{"/data/networks.csv", "", "text/csv; charset=utf-8", ask, pagePolicy, "cross-origin", "*", "DENY"},
		{"/data/networks.jsonld", "", "application/ld+json", ask, pagePolicy, "cross-origin", "*", "DENY"},
		{"/data/all.zip", "", "application/zip", ask, pagePolicy, "cross-origin", "*", "DENY"},
		{"/assets/site.0123456789ab.css", "", "text/css; charset=utf-8", forever, pagePolicy, "cross-origin", "", "DENY"},
		{"/assets/logo.svg", "", "image/svg+xml; charset=utf-8", ask, imagePolicy, "cross-origin", "", "DENY"},
		{"/assets/leru.webp", "", "image/webp", ask, pagePolicy, "cross-origin", "", "DENY"},
		{"/search/index.0123456789ab.js", "", "text/javascript; charset=utf-8", forever, pagePolicy, "same-origin", "", "DENY"},
		{"/search/words.json", "", "application/json", ask, pagePolicy, "same-origin", "", "DENY"},
		{"/fragments/leru/", "fragments/leru/index.html", "text/html; charset=utf-8", ask, fragmentPolicy, "cross-origin", "*", ""},
		{"/oembed/leru.json", "", "application/json", ask, pagePolicy, "cross-origin", "*", "DENY"},
		{"/sitemap.xml", "", "application/xml; charset=utf-8", ask, pagePolicy, "same-origin", "", "DENY"},
		{"/site.webmanifest", "", "application/manifest+json", ask, pagePolicy, "same-origin", "", "DENY"},
		{"/..odd/a%20b.txt", "..odd/a b.txt", "text/plain; charset=utf-8", ask, pagePolicy, "same-origin", "", "DENY"},
	} {
		name := tt.name
		if name == "" {
			name = tt.path[1:]
		}
		w, body := do(t, server, "GET", tt.path)
		if w.StatusCode != http.StatusOK || body != site[name] {
			t.Errorf("%s: %d, %d bytes", tt.path, w.StatusCode, len(body))
			continue
		}
		sum := sha256.Sum256([]byte(body))
		for header, want := range map[string]string{
			"Content-Type": tt.mediaType, "Cache-Control": tt.cache, "Content-Security-Policy": tt.policy,
			"Cross-Origin-Resource-Policy": tt.resource, "Access-Control-Allow-Origin": tt.origin, "X-Frame-Options": tt.frame,
			"Cross-Origin-Opener-Policy": "same-origin", "X-Content-Type-Options": "nosniff",
			"Referrer-Policy": "strict-origin-when-cross-origin", "Permissions-Policy": permissions,
			"ETag": `"` + base64.RawURLEncoding.EncodeToString(sum[:]) + `"`,
		} {
			if got := w.Header.Get(header); got != want {
				t.Errorf("%s: %s is %q, want %q", tt.path, header, got, want)
			}
		}
	}
	for path, mediaType := range map[string]string{"/feed.json": "application/feed+json; charset=utf-8", "/feed.xml": "application/atom+xml; charset=utf-8"} {
		w, _ := do(t, server, "GET", path)
		if w.StatusCode != http.StatusOK || w.Header.Get("Content-Type") != mediaType || w.Header.Get("Access-Control-Allow-Origin") != "*" || w.Header.Get("Cross-Origin-Resource-Policy") != "cross-origin" {
			t.Errorf("%s: %d, %v", path, w.StatusCode, w.Header)
		}
	}
}

func TestRequestsThatAreNotForAWholeFile(t *testing.T) {
	t.Parallel()
	server, _ := serving(t)
	w, _ := do(t, server, "GET", "/")
	tag, page := w.Header.Get("ETag"), site["index.html"]
	gzipTag := strings.TrimSuffix(tag, `"`) + `-gzip"`
	for _, tt := range []struct {
		what, method, path string
		headers            []string
		status             int
		body               string
		wants              map[string]string
	}{
		{"a head", "HEAD", "/", nil, 200, "", map[string]string{"Content-Length": fmt.Sprint(len(page)), "ETag": tag}},
		{"what is known", "GET", "/", []string{"If-None-Match", tag}, 304, "", map[string]string{"ETag": tag, "Vary": "Accept-Encoding", "Cache-Control": "no-cache"}},
		{"one of several that are known", "GET", "/", []string{"If-None-Match", `"x", W/` + tag}, 304, "", nil},
		{"what is known in another coding", "GET", "/", []string{"If-None-Match", tag, "Accept-Encoding", "gzip"}, 200, "*", nil},
		{"what is known compressed, to who takes it", "GET", "/", []string{"If-None-Match", gzipTag, "Accept-Encoding", "gzip"}, 304, "", map[string]string{"ETag": gzipTag, "Vary": "Accept-Encoding", "Cache-Control": "no-cache", "Content-Encoding": "", "Content-Type": ""}},
		{"what is known compressed, to who does not", "GET", "/", []string{"If-None-Match", gzipTag, "Accept-Encoding", "zstd"}, 200, "*", nil},
		{"a head of what is known compressed", "HEAD", "/", []string{"If-None-Match", gzipTag, "Accept-Encoding", "gzip"}, 304, "", map[string]string{"ETag": gzipTag}},
		{"anything that is known", "GET", "/", []string{"If-None-Match", "*"}, 304, "", nil},
		{"what is of that day, with another ETag", "GET", "/", []string{"If-None-Match", `"x"`, "If-Modified-Since", "Fri, 31 Dec 2100 23:59:59 GMT"}, 200, page, nil},
		{"what is of that day", "GET", "/", []string{"If-Modified-Since", "Fri, 31 Dec 2100 23:59:59 GMT"}, 304, "", nil},
		{"what changed", "GET", "/", []string{"If-None-Match", `"x"`}, 200, page, nil},
		{"a part", "GET", "/", []string{"Range", "bytes=3-10", "Accept-Encoding", "gzip"}, 206, page[3:11], map[string]string{"ETag": tag, "Content-Range": fmt.Sprintf("bytes 3-10/%d", len(page))}},
		{"several parts", "GET", "/", []string{"Range", "bytes=0-1000,1001-2000", "Accept-Encoding", "gzip"}, 206, "*", map[string]string{"ETag": tag, "Content-Encoding": ""}},
		{"a part of what it knows", "GET", "/", []string{"Range", "bytes=3-10", "If-Range", tag}, 206, page[3:11], nil},
		{"a part of what changed", "GET", "/", []string{"Range", "bytes=3-10", "If-Range", `"x"`}, 200, page, nil},
		{"a part that is not there", "GET", "/", []string{"Range", "bytes=999999-"}, 416, "*", nil},
		{"only if it is so", "GET", "/", []string{"If-Match", `"x"`, "Accept-Encoding", "gzip"}, 412, "", nil},
		{"a folder", "GET", "/networks/leru?a=b", nil, 301, "", map[string]string{"Location": "./leru/?a=b"}},
		{"nothing", "GET", "/networks/nobody/", nil, 404, site["404.html"], map[string]string{"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-cache", "ETag": ""}},
		{"nothing, a head", "HEAD", "/networks/nobody/", nil, 404, "", nil},
		{"to write", "POST", "/", nil, 405, "*", map[string]string{"Allow": "GET, HEAD, OPTIONS"}},
		{"to write data", "PUT", "/data/networks.json", nil, 405, "*", map[string]string{"Allow": "GET, HEAD, OPTIONS"}},
		{"to write the feed", "DELETE", "/feed.json", nil, 405, "*", map[string]string{"Allow": "GET, HEAD, OPTIONS"}},
		{"may I have data", "OPTIONS", "/data/networks.json", []string{"Origin", "https://example.org", "Access-Control-Request-Headers", "if-none-match"}, 204, "",
			map[string]string{"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS", "Access-Control-Allow-Headers": "*"}},
		{"may I have the feed", "OPTIONS", "/feed.json", []string{"Origin", "https://example.org"}, 204, "", map[string]string{"Access-Control-Allow-Origin": "*"}},
		{"may I have a page", "OPTIONS", "/", []string{"Origin", "https://example.org"}, 204, "", map[string]string{"Access-Control-Allow-Origin": "", "Access-Control-Allow-Methods": ""}},
	} {
		w, body := do(t, server, tt.method, tt.path, tt.headers...)
		if w.StatusCode != tt.status || (tt.body != "*" && body != tt.body) {
			t.Errorf("%s: %d, %d bytes %.40q", tt.what, w.StatusCode, len(body), body)
		}
		for header, want := range tt.wants {
			if got := w.Header.Get(header); got != want {
				t.Errorf("%s: %s is %q, want %q", tt.what, header, got, want)
			}
		}
	}
}

func TestTextIsPackedAsARequestLikes(t *testing.T) {
	t.Parallel()
	server, _ := serving(t)
	tags := make(map[string]string)
	for _, tt := range []struct{ path, accept, coding string }{
		{"/", "gzip, deflate, br, zstd", "zstd"},
		{"/", "gzip, deflate, br", "gzip"},
		{"/", "GZIP;q=0.5", "gzip"},
		{"/", "zstd;q=0.1, gzip;q=0.9", "gzip"},
		{"/", "*;q=0", ""},
		{"/", "gzip;q=0, zstd;q=0", ""},
		{"/", "gzip;q=nonsense", ""},
		{"/", "", ""},
		{"/assets/logo.svg", "gzip", "gzip"},
		{"/feed.json", "gzip", "gzip"},
		{"/data/all.zip", "gzip", ""},
		{"/sitemap.xml", "gzip", ""}, // too small
	} {
		w, body := do(t, server, "GET", tt.path, "Accept-Encoding", tt.accept)
		if got := w.Header.Get("Content-Encoding"); got != tt.coding {
			t.Errorf("%s for %q: coding %q, want %q", tt.path, tt.accept, got, tt.coding)
			continue
		}
		want := map[string]string{"/": site["index.html"], "/feed.json": long("{}")}[tt.path]
		if plain := unpack(t, tt.coding, body); plain != cmp.Or(want, site[tt.path[1:]]) {
			t.Errorf("%s for %q: other content", tt.path, tt.accept)
		}
		if vary := w.Header.Get("Vary"); (vary == "Accept-Encoding") != (tt.path != "/data/all.zip") {
			t.Errorf("%s: Vary is %q", tt.path, vary)
		}
		if tt.path == "/" {
			tags[w.Header.Get("ETag")] = tt.coding
		}
		head, _ := do(t, server, "HEAD", tt.path, "Accept-Encoding", tt.accept)
		if head.ContentLength != int64(len(body)) || head.Header.Get("ETag") != w.Header.Get("ETag") {
			t.Errorf("%s for %q: a head says %d bytes, %d came", tt.path, tt.accept, head.ContentLength, len(body))
		}
		again, _ := do(t, server, "GET", tt.path, "Accept-Encoding", tt.accept, "If-None-Match", w.Header.Get("ETag"))
		if again.StatusCode != http.StatusNotModified {
			t.Errorf("%s for %q: asked again, %d", tt.path, tt.accept, again.StatusCode)
		}
	}
	if len(tags) != 3 {
		t.Errorf("ETags of one page: %v", tags)
	}
}

func unpack(t testing.TB, coding, body string) string {
	t.Helper()
	var r io.Reader = strings.NewReader(body)
	var err error
	switch coding {
	case "gzip":
		r, err = gzip.NewReader(r)
	case "zstd":
		r, err = zstd.NewReader(r)
	}
	if err != nil {
		t.Fatal(err)
	}
	var plain bytes.Buffer
	if _, err := plain.ReadFrom(r); err != nil {
		t.Fatal(err)
	}
	return plain.String()
}

// No path reaches outside the release, or an unpublished file.
func TestNoPathEscapes(t *testing.T) {
	t.Parallel()
	server, dir := serving(t)
	secret := filepath.Join(dir.Path(), "releases", "secret.txt")
	if err := os.WriteFile(secret, []byte("secret"), 0o644); err != nil {
		t.Fatal(err)
	}
	r, _ := dir.Current()
	for link, target := range map[string]string{"out.txt": secret, "up": "../..", "in.txt": "index.html"} {
		if err := os.Symlink(target, filepath.Join(r.Path, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(r.Path, "planted.txt"), []byte("secret"), 0o644); err != nil {
		t.Fatal(err)
	}
	replaced := filepath.Join(r.Path, "data", "networks.csv")
	if err := os.Remove(replaced); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(secret, replaced); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{
		"/../secret.txt", "/..%2fsecret.txt", "/%2e%2e/secret.txt", "/%2e%2e%2fsecret.txt", "/a/../../secret.txt", "/./index.html%00",
		"/data%2Fnetworks.json", "/data%2fnetworks.json", "/data/..%2f..%2fsecret.txt", "/..%5csecret.txt", `/..\secret.txt`, "/data\\networks.json",
		"/index.html%00.png", "/%00", "/index.html%0a", "/out.txt", "/up/releases/secret.txt", "/up/", "/in.txt", "/planted.txt", "/data/networks.csv",
		"//etc/passwd", "/data//networks.json", "/index.html/", "/index.html/.", "/data", "/data/", "/1.index", "/../1.index", "/%C0%AE%C0%AE/secret.txt", "/%ff",
	} {
		address := strings.ReplaceAll(path, `\`, "%5c")
		w, body := do(t, server, "GET", address)
		if strings.TrimSpace(body) == "secret" || strings.Contains(body, "root:") || w.StatusCode == http.StatusOK {
			t.Errorf("%s: %d %.60q", path, w.StatusCode, body)
		}
		if to := w.Header.Get("Location"); strings.HasPrefix(to, "//") || strings.Contains(to, ":") {
			t.Errorf("%s leads to %s", path, to)
		}
	}
}

// A file that differs from the published one has no ETag.
func TestADamagedFileHasNoETag(t *testing.T) {
	t.Parallel()
	server, dir := serving(t)
	r, _ := dir.Current()
	for _, name := range []string{"index.html", "sitemap.xml"} {
		data := bytes.Repeat([]byte("x"), len(site[name]))
		if err := os.WriteFile(filepath.Join(r.Path, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for path, accept := range map[string]string{"/": "gzip", "/sitemap.xml": "identity"} {
		w, body := do(t, server, "GET", path, "Accept-Encoding", accept)
		if w.StatusCode != http.StatusOK || w.Header.Get("ETag") != "" || !strings.HasPrefix(unpack(t, w.Header.Get("Content-Encoding"), body), "xxx") {
			t.Errorf("%s: %d, ETag %s, %.20q", path, w.StatusCode, w.Header.Get("ETag"), body)
		}
	}
}
