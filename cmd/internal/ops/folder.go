package ops

import (
	"errors"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path"
	"strings"
	"unicode"

	"netsync/publishers/release"
)

// A folder serves a channel's folder. Each request is answered from one
// release, the current one when it came.
type folder struct {
	viewer     *release.Viewer
	rules      rules
	compressor compressor
}

func newFolder(dir string, rules rules) *folder {
	return &folder{release.NewViewer(dir), rules, newCompressor()}
}

// ServeHTTP serves a file by its path; for a folder, its index.html.
func (f *folder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, ok := nameOf(r.URL)
	f.rules.setHeaders(w.Header(), name)
	if !checkMethod(w, r, f.rules.of(name).open) {
		return
	}
	f.serveCurrent(w, r, func(s *shown) {
		switch {
		case !ok || f.rules.of(name).hidden:
			s.notFound(w, r)
		case strings.HasSuffix(r.URL.Path, "/"):
			s.serve(w, r, path.Join(name, "index.html"))
		case name == "":
			s.serve(w, r, "index.html")
		case s.isFolder(name):
			// Relative, since this may be served below another path.
			to := url.URL{Path: "./" + path.Base(name) + "/", RawQuery: r.URL.RawQuery}
			w.Header().Set("Location", to.String())
			w.WriteHeader(http.StatusMovedPermanently)
		default:
			s.serve(w, r, name)
		}
	})
}

// fileHandler returns a handler that serves one file.
func (f *folder) fileHandler(name string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.rules.setHeaders(w.Header(), name)
		if checkMethod(w, r, f.rules.of(name).open) {
			f.serveCurrent(w, r, func(s *shown) { s.serve(w, r, name) })
		}
	})
}

// looks is how often to open a release again because it was removed.
const looks = 3

// mostLooks is how often if there is a newer one each time.
const mostLooks = 20

// serveCurrent calls do with the current release.
func (f *folder) serveCurrent(w http.ResponseWriter, r *http.Request, do func(*shown)) {
	s, err := f.open()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		w.Header().Set("Retry-After", "1")
		http.Error(w, "nothing is published yet", http.StatusServiceUnavailable)
	case err != nil:
		http.Error(w, "the folder of this channel cannot be read", http.StatusInternalServerError)
	default:
		defer s.root.Close()
		do(s)
	}
}

// open opens the current release. It tries again if that was removed meanwhile,
// since there is then a newer one.
func (f *folder) open() (s *shown, err error) {
	for range looks {
		var view *release.View
		if view, err = f.viewer.Current(); err != nil {
			return nil, err
		}
		var root *os.Root
		if root, err = os.OpenRoot(view.Path); err == nil {
			return &shown{f, view, root}, nil
		}
	}
	return nil, err
}

// nameOf returns the name of the file at an address; ok is false if no file can
// have it, whatever the file system.
func nameOf(u *url.URL) (string, bool) {
	name := strings.TrimSuffix(strings.TrimPrefix(u.Path, "/"), "/")
	odd := func(r rune) bool { return r == '\\' || unicode.IsControl(r) }
	if strings.Contains(strings.ToLower(u.EscapedPath()), "%2f") || strings.ContainsFunc(name, odd) {
		return "", false
	}
	return name, name == "" || name != "." && fs.ValidPath(name)
}

// checkMethod reports whether to serve a file, and otherwise answers.
func checkMethod(w http.ResponseWriter, r *http.Request, open bool) bool {
	const methods = "GET, HEAD, OPTIONS"
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		return true
	case http.MethodOptions:
		w.Header().Set("Allow", methods)
		if open { // a preflight, Fetch §4.8
			w.Header().Set("Access-Control-Allow-Methods", methods)
			w.Header().Set("Access-Control-Allow-Headers", "*")
			w.Header().Set("Access-Control-Max-Age", "86400")
		}
		w.WriteHeader(http.StatusNoContent)
	default:
		w.Header().Set("Allow", methods)
		http.Error(w, "method not allowed: use GET or HEAD", http.StatusMethodNotAllowed)
	}
	return false
}
