package ops

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"time"

	"go.uber.org/zap"

	"netsync/schema/event"
)

//go:embed status.html
var statusHTML string

// statusTemplate is cloned for each page, which brings its own time.
var statusTemplate = template.Must(template.New("status").Funcs(pageWords(time.Time{})).Parse(statusHTML))

// pageWords are what the template says things with, at a time.
func pageWords(now time.Time) template.FuncMap {
	return template.FuncMap{
		"ago":       func(t time.Time) string { return Ago(t, now) },
		"until":     func(t time.Time) string { return In(t, now) },
		"clock":     func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") },
		"day":       func(t time.Time) string { return t.UTC().Format("Mon 2 Jan 15:04 UTC") },
		"stamp":     func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"first":     func(n int, findings []event.Finding) []event.Finding { return findings[:min(n, len(findings))] },
		"brief":     brief,
		"word":      Level.word,
		"tally":     tally,
		"heartbeat": Status.heartbeat,
	}
}

func (l Level) word() string { return map[Level]string{Good: "fine", Wait: "waiting", Bad: "wrong"}[l] }

func tally(findings []event.Finding) string {
	c := event.CountFindings(findings)
	return count(c.Error, "error") + ", " + count(c.Warning, "warning")
}

// heartbeat says when somebody last looked whether there is something new.
func (s Status) heartbeat() string {
	if s.Worker == nil || s.Worker.Checked.IsZero() {
		return ""
	}
	return "The repository was last checked " + Ago(s.Worker.Checked, s.Time) + "."
}

// Elsewhere says which parts a process does not have.
func (s Status) Elsewhere() string {
	switch {
	case s.Worker == nil && len(s.Channels) == 0:
		return "The worker and the channels run in other processes."
	case s.Worker == nil:
		return "The worker runs in another process."
	case len(s.Channels) == 0:
		return "The channels run in other processes."
	}
	return ""
}

func (s *Server) statusPage(w http.ResponseWriter, r *http.Request) {
	page, err := render(s.config.Status(r.Context()))
	if err != nil {
		s.config.Log.Error("status page", zap.Error(err))
		http.Error(w, "the status page could not be made", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(page) // the reader may have gone
}

func render(s Status) ([]byte, error) {
	t, err := statusTemplate.Clone()
	if err != nil {
		return nil, err
	}
	var page bytes.Buffer
	if err := t.Funcs(pageWords(s.Time)).Execute(&page, s); err != nil {
		return nil, err
	}
	return page.Bytes(), nil
}
