package ops

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"strings"
	"time"

	"go.uber.org/zap"

	"netsync/schema/event"
)

//go:embed status.html
var statusHTML string

var statusTemplate = template.Must(template.New("status").Funcs(template.FuncMap{
	"clock": func(t time.Time) string {
		if t.IsZero() {
			return "never"
		}
		return t.UTC().Format("2006-01-02 15:04:05 UTC")
	},
	"first": func(n int, findings []event.Finding) []event.Finding { return findings[:min(n, len(findings))] },
	"brief": briefChangeset,
	"short": func(s string) string { return s[:min(8, len(s))] },
}).Parse(statusHTML))

// briefChangeset shortens the commit in a changeset's id, which would fill a
// phone's screen.
func briefChangeset(id string) string {
	commit, seq, ok := strings.Cut(id, "@")
	if !ok {
		return id
	}
	return commit[:min(8, len(commit))] + "@" + seq
}

func (s *Server) statusPage(w http.ResponseWriter, r *http.Request) {
	var page bytes.Buffer
	if err := statusTemplate.Execute(&page, s.config.Status(r.Context())); err != nil {
		s.config.Log.Error("status page", zap.Error(err))
		http.Error(w, "the status page could not be made", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(page.Bytes()) // the reader may have gone
}
