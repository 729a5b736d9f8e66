package preview

import (
	"bytes"
	"embed"
	"fmt"
	"net/http"
	"path"
	"strings"

	"netsync/cmd/internal/ops"
	"netsync/publishers/website"
	"netsync/schema"
	"netsync/schema/shared"
)

// own is the path of the preview's own files.
const own = "/_preview/"

//go:embed pages/preview.css pages/preview.js
var ownFiles embed.FS

func (s *Server) newHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+own+"{$}", s.serveFindings)
	mux.HandleFunc("GET "+own+"events", s.serveEvents)
	mux.HandleFunc("GET "+own+"{name}", func(w http.ResponseWriter, r *http.Request) {
		data, err := ownFiles.ReadFile("pages/" + r.PathValue("name"))
		if err != nil {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", shared.MediaType(r.PathValue("name")))
		_, _ = w.Write(data) // the reader may have gone
	})
	mux.HandleFunc("GET /", s.serveFile)
	return ops.Headers(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		mux.ServeHTTP(w, r)
	}))
}

// serveFile serves a file of the site.
func (s *Server) serveFile(w http.ResponseWriter, r *http.Request) {
	shown, version, _ := s.currentShown()
	name := strings.TrimPrefix(r.URL.Path, "/")
	if name == "" || strings.HasSuffix(name, "/") {
		name += "index.html"
	}
	if shown.site == nil {
		writeAnswer(w, http.StatusInternalServerError, shown.findingsPage(version))
		return
	}
	data, ok, err := shown.site.Read(name)
	if !ok && path.Base(name) != "index.html" {
		if shown.site.Has(path.Join(name, "index.html")) {
			http.Redirect(w, r, "./"+path.Base(name)+"/", http.StatusFound)
			return
		}
	}
	status := http.StatusOK
	if !ok {
		status = http.StatusNotFound
		data, _, err = shown.site.Read("404.html")
	}
	switch {
	case err != nil:
		if shown.Theme = website.FindThemeErrors(err); shown.Theme == nil {
			shown.Err = err
		}
		writeAnswer(w, http.StatusInternalServerError, shown.findingsPage(version))
	case !ok || path.Ext(name) == ".html":
		writeAnswer(w, status, withStrip(data, shown.findingsStrip(version, recordOf(name))))
	default:
		w.Header().Set("Content-Type", shared.MediaType(name))
		_, _ = w.Write(data) // the reader may have gone
	}
}

func writeAnswer(w http.ResponseWriter, status int, page []byte) {
	w.Header().Set("Content-Type", shared.MediaType("index.html"))
	w.WriteHeader(status)
	_, _ = w.Write(page) // the reader may have gone
}

// serveFindings serves the page of all findings.
func (s *Server) serveFindings(w http.ResponseWriter, r *http.Request) {
	shown, version, _ := s.currentShown()
	writeAnswer(w, http.StatusOK, shown.findingsPage(version))
}

// recordOf returns the record of a page in any language, or "".
func recordOf(name string) string {
	parts := strings.Split(name, "/")
	if len(parts) < 3 || parts[len(parts)-1] != "index.html" {
		return ""
	}
	id := strings.Join(parts[len(parts)-3:len(parts)-1], "/")
	if _, err := schema.ParseRecordID(id); err != nil {
		return ""
	}
	return id
}

// withStrip adds the preview's strip to the end of a page.
func withStrip(page, strip []byte) []byte {
	end := bytes.LastIndex(page, []byte("</body>"))
	if end < 0 {
		end = len(page)
	}
	return bytes.Join([][]byte{page[:end], strip, page[end:]}, nil)
}

// serveEvents sends the current version, and each later one, as server-sent
// events (HTML Standard §9.2).
func (s *Server) serveEvents(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	flusher := http.NewResponseController(w)
	for {
		_, version, moved := s.currentShown()
		if _, err := fmt.Fprintf(w, "retry: 500\ndata: %s\n\n", version); err != nil {
			return
		}
		if err := flusher.Flush(); err != nil {
			return
		}
		select {
		case <-moved:
		case <-r.Context().Done():
			return
		}
	}
}
