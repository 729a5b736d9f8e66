package webtest

import (
	"mime"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Policy is a strict Content Security Policy: a page may load only from its
// own origin.
const Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'"

var refresh = regexp.MustCompile(`(?i)<meta http-equiv="?refresh"?[^>]*>`)

// Serve serves a site that was built for the root of a host, and returns its
// address. With the query ?stay, a page does not redirect.
func (s *Site) Serve(t testing.TB) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", Policy)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		name := strings.TrimPrefix(r.URL.Path, "/")
		if name == "" || strings.HasSuffix(name, "/") {
			name += "index.html"
		}
		if slices.Contains(s.Elsewhere, name) || name == "favicon.ico" {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		data, err := os.ReadFile(filepath.Join(s.Dir, filepath.FromSlash(path.Clean("/"+name))))
		if err != nil {
			http.NotFound(w, r)
			return
		}
		if r.URL.Query().Has("stay") {
			data = refresh.ReplaceAll(data, nil)
		}
		w.Header().Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
		_, _ = w.Write(data) // the browser may have closed the connection
	}))
	t.Cleanup(server.Close)
	return server.URL + "/"
}
