package ops

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"time"

	"go.uber.org/zap"

	"netsync/schema/event"
)

//go:embed status.html public.html style.html
var pageFiles embed.FS

// pageTemplates are cloned for each page, which has its own time.
var pageTemplates = template.Must(template.New("").Funcs(pageWords(time.Time{})).ParseFS(pageFiles, "*.html"))

// pageWords returns the template functions for a time.
func pageWords(now time.Time) template.FuncMap {
	return template.FuncMap{
		"ago":       func(t time.Time) string { return Ago(t, now) },
		"until":     func(t time.Time) string { return In(t, now) },
		"clock":     func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") },
		"day":       func(t time.Time) string { return t.UTC().Format("Mon 2 Jan 15:04 UTC") },
		"stamp":     func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"first":     func(n int, findings []event.Finding) []event.Finding { return findings[:min(n, len(findings))] },
		"brief":     shortenID,
		"word":      Level.describeLevel,
		"tally":     formatTally,
		"heartbeat": formatHeartbeat,
	}
}

func (l Level) describeLevel() string {
	return map[Level]string{Good: "fine", Wait: "waiting", Bad: "wrong"}[l]
}

func formatTally(findings []event.Finding) string {
	c := event.CountFindings(findings)
	return formatCount(c.Error, "error") + ", " + formatCount(c.Warning, "warning")
}

// formatHeartbeat returns when the worker last looked for a new commit.
func formatHeartbeat(checked, now time.Time) string {
	if checked.IsZero() {
		return ""
	}
	return "The repository was last checked " + Ago(checked, now) + "."
}

// Checked returns when the worker of this process last checked the repository,
// or zero.
func (s Status) Checked() time.Time {
	if s.Worker == nil {
		return time.Time{}
	}
	return s.Worker.Checked
}

// Elsewhere describes the parts that run in other processes.
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

func (c Config) statusPage(w http.ResponseWriter, r *http.Request) {
	status := c.Status(r.Context())
	c.writePage(w, "status.html", status.Time, status)
}

// writePage answers with a template's output for a time.
func (c Config) writePage(w http.ResponseWriter, name string, now time.Time, shows any) {
	page, err := render(name, now, shows)
	if err != nil {
		c.Log.Error("status page", zap.Error(err))
		http.Error(w, "the status page could not be made", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(page) // the reader may have gone
}

func render(name string, now time.Time, shows any) ([]byte, error) {
	t, err := pageTemplates.Clone()
	if err != nil {
		return nil, err
	}
	var page bytes.Buffer
	if err := t.Funcs(pageWords(now)).ExecuteTemplate(&page, name, shows); err != nil {
		return nil, err
	}
	return page.Bytes(), nil
}
