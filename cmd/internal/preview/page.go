package preview

import (
	"bytes"
	"embed"
	"html/template"
	"strings"

	"netsync/schema"
)

//go:embed pages/*.html
var pageFiles embed.FS

var pages = template.Must(template.New("preview").Funcs(template.FuncMap{"page": pageOf}).ParseFS(pageFiles, "pages/*.html"))

// view is the data of the pages and the strip.
type view struct {
	shown
	Version string
	// Record is the record of the page with the strip, and Here its findings.
	Record string
	Here   []schema.Finding
	// Held is set if the page does not show the record of the folder.
	Held bool
	Own  string
}

// Changes returns the number of records that differ from the last commit.
func (v view) Changes() int { return v.changes }

// Errors and Warnings count all findings.
func (v view) Errors() int { return schema.Summarize(v.Findings, 0).Errors }

func (v view) Warnings() int { return schema.Summarize(v.Findings, 0).Warnings }

// maxListed is the most findings on a page.
const maxListed = 500

// Listed returns the findings that the page lists.
func (v view) Listed() []schema.Finding { return v.Findings[:min(maxListed, len(v.Findings))] }

// Omitted counts the findings that are not listed.
func (v view) Omitted() int { return max(0, len(v.Findings)-maxListed) }

// HeldOf reports whether the page does not show the folder's record.
func (v view) HeldOf(record string) bool { return v.held[record] }

// Failure returns why the files could not be read, or "".
func (v view) Failure() string {
	if v.Err == nil {
		return ""
	}
	return v.Err.Error()
}

// pageOf returns the path of a record's page.
func pageOf(record string) string {
	if record == "" {
		return ""
	}
	return "/" + record + "/"
}

// findingsPage returns a page with all findings.
func (s shown) findingsPage(version string) []byte {
	return executeTemplate("page.html", view{shown: s, Version: version, Own: own})
}

// findingsStrip returns the end of a page of the site, with the findings of its record.
func (s shown) findingsStrip(version, record string) []byte {
	v := view{shown: s, Version: version, Record: record, Held: s.held[record], Own: own}
	for _, f := range s.Findings {
		if record != "" && f.Record == record {
			v.Here = append(v.Here, f)
		}
	}
	return executeTemplate("strip.html", v)
}

func executeTemplate(name string, v view) []byte {
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, name, v); err != nil {
		return []byte(strings.ToValidUTF8(template.HTMLEscapeString(err.Error()), ""))
	}
	return b.Bytes()
}
