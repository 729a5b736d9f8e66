package validate

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"netsync/schema"
)

// maxQuoted is how much of a long line is quoted, in characters.
const maxQuoted = 100

// A quoter reads the lines that findings stand in. Findings come sorted, so it
// keeps one file.
type quoter struct {
	source func(name string) ([]byte, error)
	file   string
	lines  []string
}

// line returns a line of a file; "" where it cannot be quoted.
func (q *quoter) line(file string, n int) string {
	if q.file != file {
		q.file, q.lines = file, nil
		if data, err := q.source(file); err == nil { // what cannot be read cannot be quoted
			q.lines = strings.Split(string(data), "\n")
		}
	}
	if n < 1 || n > len(q.lines) || !utf8.ValidString(q.lines[n-1]) {
		return ""
	}
	return strings.ReplaceAll(strings.TrimRight(q.lines[n-1], "\r"), "\t", " ")
}

func (q *quoter) quote(b *strings.Builder, s style, f schema.Finding) {
	if q.source == nil {
		return
	}
	line := []rune(q.line(f.File, f.Line))
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
