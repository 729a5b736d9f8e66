package validate

import (
	"fmt"
	"io"
	"path"
	"strings"

	"netsync/schema"
	"netsync/schema/shared"
)

// Formats returns the formats of a report.
func Formats() []string { return []string{"text", "json", "sarif", "github"} }

// A Report has the findings of a check.
type Report struct {
	Findings []schema.Finding // sorted
	Files    int              // that were read
	// Source reads a file of the dataset for quotations; it may be nil.
	Source func(name string) ([]byte, error)
	Colour bool
	// Prefix is the dataset's folder in its repository. Annotations name
	// files from the repository's root, where GitHub looks for them.
	Prefix string
}

// Write writes the report in one of Formats.
func (r Report) Write(w io.Writer, format string) error {
	switch format {
	case "json":
		return r.writeJSON(w)
	case "sarif":
		return r.writeSARIF(w)
	case "github":
		return r.writeGitHub(w)
	}
	return r.writeText(w)
}

func (r Report) writeJSON(w io.Writer) error {
	findings := r.Findings
	if findings == nil {
		findings = []schema.Finding{}
	}
	return encode(w, struct {
		Findings []schema.Finding `json:"findings"`
		Summary  schema.Summary   `json:"summary"`
	}{findings, schema.Summarize(findings, r.Files)})
}

func encode(w io.Writer, v any) error { return shared.WriteJSON(w, v, "  ") }

// writeGitHub writes workflow commands, which GitHub Actions shows as
// annotations.
func (r Report) writeGitHub(w io.Writer) error {
	escape := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	for _, f := range r.Findings {
		_, err := fmt.Fprintf(w, "::%s file=%s,line=%d,col=%d,endLine=%d,endColumn=%d,title=%s::%s\n",
			f.Severity, property.Replace(path.Join(r.Prefix, f.File)), f.Line, f.Column, f.EndLine, f.EndColumn,
			property.Replace(f.Rule+" "+f.Name), escape.Replace(f.Message+" — "+f.Remedy))
		if err != nil {
			return err
		}
	}
	return nil
}
