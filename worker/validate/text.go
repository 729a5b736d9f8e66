package validate

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"netsync/schema"
)

// Line is a finding on one line, with its remedy.
func Line(f schema.Finding) string { return fmt.Sprintf("%s (%s)", f, f.Remedy) }

// style colours parts of the text, or leaves them alone.
type style struct{ on bool }

func (s style) paint(code, text string) string {
	if !s.on {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (s style) bold(text string) string { return s.paint("1", text) }
func (s style) dim(text string) string  { return s.paint("2", text) }

func (s style) severity(severity schema.Severity, text string) string {
	if severity == schema.Error {
		return s.paint("1;31", text)
	}
	return s.paint("1;33", text)
}

// writeText writes findings as compilers do: the place, the line with a mark
// under it, and what to do.
func (r Report) writeText(w io.Writer) error {
	s := style{r.Colour}
	var b strings.Builder
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "%s %s\n", s.severity(f.Severity, fmt.Sprintf("%s[%s]", f.Severity, f.Rule)), s.bold(f.Message))
		fmt.Fprintf(&b, "  %s %s:%d:%d  %s\n", s.dim("-->"), f.File, f.Line, f.Column, s.dim(f.Name))
		r.quote(&b, s, f)
		fmt.Fprintf(&b, "  %s %s\n\n", s.dim("remedy:"), f.Remedy)
	}
	b.WriteString(r.conclusion())
	_, err := io.WriteString(w, b.String())
	return err
}

// maxQuoted is how much of a long line is quoted, in characters.
const maxQuoted = 100

func (r Report) quote(b *strings.Builder, s style, f schema.Finding) {
	if r.Source == nil {
		return
	}
	data, err := r.Source(f.File)
	if err != nil {
		return // what cannot be read cannot be quoted
	}
	lines := strings.Split(string(data), "\n")
	if f.Line < 1 || f.Line > len(lines) || !utf8.ValidString(lines[f.Line-1]) {
		return
	}
	line := []rune(strings.ReplaceAll(strings.TrimRight(lines[f.Line-1], "\r"), "\t", " "))
	first := 0
	if f.Column > maxQuoted {
		first = f.Column - maxQuoted/2
	}
	if len(line) == 0 || first >= len(line) {
		return
	}
	shown := printable(line[first:min(len(line), first+maxQuoted)])
	width := 1
	if f.EndLine == f.Line {
		width = max(1, min(f.EndColumn-f.Column, maxQuoted))
	}
	number := fmt.Sprint(f.Line)
	pad := strings.Repeat(" ", len(number))
	fmt.Fprintf(b, "  %s %s\n", s.dim(number+" |"), shown)
	fmt.Fprintf(b, "  %s %s%s\n", s.dim(pad+" |"), strings.Repeat(" ", f.Column-1-first), s.severity(f.Severity, strings.Repeat("^", width)))
}

// printable keeps what a terminal could take for a command out of a quotation.
func printable(line []rune) string {
	return strings.Map(func(c rune) rune {
		if forbidden(c) {
			return '\uFFFD'
		}
		return c
	}, string(line))
}

func (r Report) conclusion() string {
	sum := schema.Summarize(r.Findings, r.Files)
	if sum.Errors == 0 && sum.Warnings == 0 {
		return fmt.Sprintf("%s, nothing wrong.\n", count(sum.Files, "file"))
	}
	return fmt.Sprintf("%s: %s, %s.\n", count(sum.Files, "file"), count(sum.Errors, "error"), count(sum.Warnings, "warning"))
}

func count(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
