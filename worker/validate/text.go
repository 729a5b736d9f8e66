package validate

import (
	"fmt"
	"io"
	"strings"

	"netsync/schema"
)

// Line returns a finding on one line, with its remedy.
func Line(f schema.Finding) string { return oneLine(fmt.Sprintf("%s (%s)", f, f.Remedy)) }

// style colours parts of the text, or returns them unchanged.
type style struct{ on bool }

func (s style) paintText(code, text string) string {
	if !s.on {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (s style) paintBold(text string) string { return s.paintText("1", text) }
func (s style) paintDim(text string) string  { return s.paintText("2", text) }

func (s style) paintSeverity(severity schema.Severity, text string) string {
	if severity == schema.Error {
		return s.paintText("1;31", text)
	}
	return s.paintText("1;33", text)
}

// writeText writes findings as compilers do: the place, the line with a mark
// under it, and what to do.
func (r Report) writeText(w io.Writer) error {
	s := style{r.Colour}
	q := quoter{source: r.Source}
	var b strings.Builder
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "%s %s\n", s.paintSeverity(f.Severity, fmt.Sprintf("%s[%s]", f.Severity, f.Rule)), s.paintBold(oneLine(f.Message)))
		fmt.Fprintf(&b, "  %s %s:%d:%d  %s\n", s.paintDim("-->"), oneLine(f.File), f.Line, f.Column, s.paintDim(f.Name))
		quoteLine(&b, s, f, q.lineOf(f))
		fmt.Fprintf(&b, "  %s %s\n\n", s.paintDim("remedy:"), oneLine(f.Remedy))
	}
	b.WriteString(r.formatConclusion())
	_, err := io.WriteString(w, b.String())
	return err
}

func (r Report) formatConclusion() string {
	sum := schema.Summarize(r.Findings, r.Files)
	if sum.Errors == 0 && sum.Warnings == 0 {
		return fmt.Sprintf("%s, nothing wrong.\n", formatCount(sum.Files, "file"))
	}
	return fmt.Sprintf("%s: %s, %s.\n", formatCount(sum.Files, "file"), formatCount(sum.Errors, "error"), formatCount(sum.Warnings, "warning"))
}

func formatCount(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
