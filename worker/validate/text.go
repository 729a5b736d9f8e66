package validate

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"netsync/schema"
)

// Line is a finding on one line, with its remedy.
func Line(f schema.Finding) string { return oneLine(fmt.Sprintf("%s (%s)", f, f.Remedy)) }

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
	q := quoter{source: r.Source}
	var b strings.Builder
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "%s %s\n", s.severity(f.Severity, fmt.Sprintf("%s[%s]", f.Severity, f.Rule)), s.bold(oneLine(f.Message)))
		fmt.Fprintf(&b, "  %s %s:%d:%d  %s\n", s.dim("-->"), oneLine(f.File), f.Line, f.Column, s.dim(f.Name))
		quoteLine(&b, s, f, q.at(f))
		fmt.Fprintf(&b, "  %s %s\n\n", s.dim("remedy:"), oneLine(f.Remedy))
	}
	b.WriteString(r.conclusion())
	_, err := io.WriteString(w, b.String())
	return err
}

// maxQuoted is how much of a long line is quoted, in characters.
const maxQuoted = 100

// A quoter gives the lines that findings are about. It keeps the last file and
// line: a file may have an error in every word of a line of 256 KiB.
type quoter struct {
	source func(name string) ([]byte, error)
	file   string
	lines  []string
	number int
	line   []rune
}

// at returns the line that a finding is about; nothing where there is none that
// could be shown.
func (q *quoter) at(f schema.Finding) []rune {
	if q.source == nil {
		return nil
	}
	if f.File != q.file || q.lines == nil {
		q.file, q.lines, q.number = f.File, []string{}, 0
		if data, err := q.source(f.File); err == nil { // what cannot be read cannot be quoted
			q.lines = strings.Split(string(data), "\n")
		}
	}
	if f.Line != q.number {
		q.number, q.line = f.Line, nil
		if f.Line >= 1 && f.Line <= len(q.lines) && utf8.ValidString(q.lines[f.Line-1]) {
			q.line = []rune(strings.ReplaceAll(strings.TrimRight(q.lines[f.Line-1], "\r"), "\t", " "))
		}
	}
	return q.line
}

func quoteLine(b *strings.Builder, s style, f schema.Finding, line []rune) {
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

// oneLine does the same for what may name a file or a key: anybody who may
// commit can call them as they like.
func oneLine(text string) string {
	return strings.ReplaceAll(printable([]rune(text)), "\n", "\uFFFD")
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
