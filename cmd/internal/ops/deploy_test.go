package ops

import (
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"netsync/publishers/release"
	"netsync/schema/stream/streamtest"
	"netsync/schema/testkit/npmtest"
	"netsync/schema/testkit/porttest"
)

// The web servers in config/deploy serve releases as netsync itself does.
func TestShippedWebServersServeTheSame(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(t *testing.T, program, dir, data, port, at string) *exec.Cmd{"nginx": startNginx, "caddy": startCaddy} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			program := npmtest.Program(t, name, name)
			own, dir := serving(t)
			data := filepath.Dir(dir.Path())
			at := strings.TrimPrefix(own.URL, "http://")
			theirs := listen(t, func(port string) *exec.Cmd { return start(t, program, t.TempDir(), data, port, at) })
			for _, tt := range []struct{ method, path string }{
				{"GET", "/"}, {"GET", "/networks/leru/"}, {"GET", "/data/networks.json"}, {"GET", "/data/networks.csv"},
				{"GET", "/data/networks.jsonld"}, {"GET", "/data/all.zip"}, {"GET", "/assets/site.0123456789ab.css"},
				{"GET", "/assets/logo.svg"}, {"GET", "/assets/leru.webp"}, {"GET", "/search/index.0123456789ab.js"},
				{"GET", "/search/words.json"}, {"GET", "/fragments/leru/"}, {"GET", "/oembed/leru.json"}, {"GET", "/sitemap.xml"},
				{"GET", "/site.webmanifest"}, {"GET", "/feed.json"}, {"GET", "/feed.xml"}, {"HEAD", "/"}, {"HEAD", "/feed.json"},
				{"GET", "/networks/nobody/"}, {"POST", "/"}, {"PUT", "/data/networks.json"}, {"POST", "/feed.json"},
				{"OPTIONS", "/"}, {"OPTIONS", "/data/networks.json"}, {"OPTIONS", "/feed.json"},
				{"GET", "/newsletter/"}, {"GET", "/newsletter/style.css"}, {"GET", "/newsletter/archive/"},
				{"GET", "/newsletter/archive/1/"}, {"GET", "/newsletter/archive/feed.json"}, {"HEAD", "/newsletter/archive/feed.xml"},
				{"POST", "/newsletter/"}, {"POST", "/newsletter/archive/"}, {"OPTIONS", "/newsletter/archive/feed.json"},
			} {
				compareAnswers(t, own, theirs, tt.method, tt.path)
			}
			comparePacked(t, theirs)
			compareOwn(t, own, theirs)
			seesFlips(t, theirs, dir)
		})
	}
}

// compared are the headers in which a web server must not differ. ETags may
// differ, but must exist.
var compared = []string{
	"Content-Type", "Cache-Control", "Content-Security-Policy", "X-Frame-Options", "X-Content-Type-Options", "Referrer-Policy",
	"Permissions-Policy", "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy", "Access-Control-Allow-Origin",
	"Access-Control-Expose-Headers", "Access-Control-Allow-Methods", "Access-Control-Allow-Headers", "Access-Control-Max-Age", "Allow",
}

func compareAnswers(t *testing.T, own, theirs *httptest.Server, method, path string) {
	t.Helper()
	want, body := do(t, own, method, path)
	got, theirBody := do(t, theirs, method, path)
	if got.StatusCode != want.StatusCode || want.StatusCode != http.StatusMethodNotAllowed && theirBody != body {
		t.Errorf("%s %s: %d and %.40q, want %d and %.40q", method, path, got.StatusCode, theirBody, want.StatusCode, body)
	}
	for _, header := range compared {
		if (header == "Content-Type" || header == "Cache-Control") && (want.StatusCode == http.StatusMethodNotAllowed || want.StatusCode == http.StatusNoContent) {
			continue
		}
		if a, b := got.Header.Get(header), want.Header.Get(header); a != b {
			t.Errorf("%s %s: %s is %q, want %q", method, path, header, a, b)
		}
	}
	if want.StatusCode == http.StatusOK {
		if got.Header.Get("ETag") == "" {
			t.Errorf("%s %s has no ETag", method, path)
		}
		again, _ := do(t, theirs, method, path, "If-None-Match", got.Header.Get("ETag"))
		if again.StatusCode != http.StatusNotModified {
			t.Errorf("%s %s: asked again, %d", method, path, again.StatusCode)
		}
	}
}

// compareOwn checks that the pages for subscribers come from netsync, with its
// headers only, and that it learns the client's address.
func compareOwn(t *testing.T, own, theirs *httptest.Server) {
	t.Helper()
	for _, tt := range []struct{ method, path string }{
		{"GET", "/newsletter/subscribe?lang=nl"}, {"POST", "/newsletter/subscribe"}, {"GET", "/newsletter/confirm/a-_b"}, {"POST", "/newsletter/confirm/a-_b"},
		{"GET", "/newsletter/preferences/x"}, {"POST", "/newsletter/unsubscribe/x"}, {"GET", "/newsletter/assets/signup.0123456789ab.css"},
		{"POST", "/newsletter/bounces"}, {"PUT", "/newsletter/subscribe"}, {"GET", "/newsletter/subscribe/sent"},
	} {
		want, wantBody := do(t, own, tt.method, tt.path, "X-Forwarded-For", "192.0.2.1, 127.0.0.1")
		got, body := do(t, theirs, tt.method, tt.path, "Accept-Encoding", "gzip", "X-Forwarded-For", "192.0.2.1")
		if got.StatusCode != want.StatusCode || !strings.HasPrefix(body, tt.method+" "+tt.path) || got.Header.Get("Content-Encoding") != "" {
			t.Errorf("%s %s: %d %q, coding %q", tt.method, tt.path, got.StatusCode, body, got.Header.Get("Content-Encoding"))
		}
		if !strings.HasSuffix(wantBody, " 127.0.0.1") || !strings.HasSuffix(body, " 127.0.0.1") {
			t.Errorf("%s %s: who asks is not known: %q", tt.method, tt.path, body)
		}
		for _, header := range append([]string{"X-Robots-Tag", "Netsync"}, compared...) {
			if a, b := got.Header.Values(header), want.Header.Values(header); !slices.Equal(a, b) {
				t.Errorf("%s %s: %s is %q, want %q", tt.method, tt.path, header, a, b)
			}
		}
	}
}

func comparePacked(t *testing.T, theirs *httptest.Server) {
	t.Helper()
	for path, packed := range map[string]bool{"/": true, "/assets/logo.svg": true, "/feed.json": true, "/sitemap.xml": false, "/data/all.zip": false} {
		w, body := do(t, theirs, "GET", path, "Accept-Encoding", "gzip")
		if (w.Header.Get("Content-Encoding") == "gzip") != packed {
			t.Errorf("%s: coding %q", path, w.Header.Get("Content-Encoding"))
		} else if packed && !strings.Contains(w.Header.Get("Vary"), "Accept-Encoding") {
			t.Errorf("%s: Vary is %q", path, w.Header.Get("Vary"))
		} else if packed && path == "/" && unpack(t, "gzip", body) != site["index.html"] {
			t.Errorf("%s: other content", path)
		}
	}
	w, body := do(t, theirs, "GET", "/", "Range", "bytes=3-10")
	if w.StatusCode != http.StatusPartialContent || body != site["index.html"][3:11] {
		t.Errorf("a part: %d %q", w.StatusCode, body)
	}
	if w, _ := do(t, theirs, "GET", "/networks/leru"); w.StatusCode/100 != 3 || !strings.HasSuffix(w.Header.Get("Location"), "leru/") {
		t.Errorf("a folder: %d to %q", w.StatusCode, w.Header.Get("Location"))
	}
}

// seesFlips checks that a new release is served at once.
func seesFlips(t *testing.T, theirs *httptest.Server, dir *release.Dir) {
	t.Helper()
	files := map[string]string{"index.html": "the next release"}
	publishFolder(t, dir, "2", files)
	if _, body := do(t, theirs, "GET", "/"); body != files["index.html"] {
		t.Errorf("after a flip: %.40q", body)
	}
	if w, _ := do(t, theirs, "GET", "/sitemap.xml"); w.StatusCode != http.StatusNotFound {
		t.Errorf("a file that is gone: %d", w.StatusCode)
	}
}

// shipped returns a configuration with the data directory and port of a test.
func shipped(t *testing.T, name, data string, port ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "config", "deploy", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return strings.NewReplacer(append(port, "/var/lib/netsync", data)...).Replace(string(text))
}

func startNginx(t *testing.T, program, dir, data, port, at string) *exec.Cmd {
	text := shipped(t, "nginx/netsync.conf", data, "listen 80;", "listen 127.0.0.1:"+port+";", "127.0.0.1:8080", at)
	user := ""
	if os.Getuid() == 0 {
		user = "user root;\n" // the test's folder is private
	}
	write(t, filepath.Join(dir, "netsync.conf"), text)
	write(t, filepath.Join(dir, "nginx.conf"), user+`daemon off;
pid `+dir+`/pid;
error_log stderr;
events {}
http {
	access_log off;
	client_body_temp_path `+dir+`/body;
	proxy_temp_path `+dir+`/proxy;
	fastcgi_temp_path `+dir+`/fastcgi;
	uwsgi_temp_path `+dir+`/uwsgi;
	scgi_temp_path `+dir+`/scgi;
	include `+dir+`/netsync.conf;
}
`)
	return exec.Command(program, "-p", dir, "-e", "stderr", "-c", filepath.Join(dir, "nginx.conf"))
}

func startCaddy(t *testing.T, program, dir, data, port, at string) *exec.Cmd {
	text := shipped(t, "caddy/Caddyfile", data, "\n:80 {", "\n:"+port+" {\n\tbind 127.0.0.1", "127.0.0.1:8080", at)
	write(t, filepath.Join(dir, "Caddyfile"), "{\n\tadmin off\n\tauto_https off\n\tpersist_config off\n}\n"+text)
	cmd := exec.Command(program, "run", "--adapter", "caddyfile", "--config", filepath.Join(dir, "Caddyfile"))
	cmd.Env = append(os.Environ(), "HOME="+dir, "XDG_DATA_HOME="+dir, "XDG_CONFIG_HOME="+dir)
	return cmd
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// listen starts a program on a free port and waits for it.
func listen(t *testing.T, command func(port string) *exec.Cmd) *httptest.Server {
	t.Helper()
	address := porttest.Free(t)
	cmd := command(porttest.Port(t, address))
	var log strings.Builder
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
			_ = cmd.Process.Kill()
			<-ended
		}
		if t.Failed() {
			t.Logf("%s says:\n%s", cmd.Path, log.String())
		}
	})
	streamtest.Eventually(t, cmd.Path+" to listen", func() bool {
		select {
		case <-ended:
			t.Fatalf("%s ended:\n%s", cmd.Path, log.String())
		default:
		}
		conn, err := net.Dial("tcp", address)
		if err != nil {
			return false
		}
		return conn.Close() == nil
	})
	return &httptest.Server{URL: "http://" + address}
}
