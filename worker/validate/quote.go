package validate

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"netsync/schema"
)

// maxQuoted is the maximum length of a quoted line in characters.
const maxQuoted = 100

// A quoter returns the lines of findings. It keeps the last file and line, as a file may have
// an error in every word of a line of 256 KiB.
type quoter struct {
	source func(name string) ([]byte, error)
	file   string
	lines  []string
	number int
	line   []rune
}

// lineOf returns the line of a finding; nil if it cannot be shown.
func (q *quoter) lineOf(f schema.Finding) []rune {
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
	shown := toPrintable(line[first:min(len(line), first+maxQuoted)])
	width := 1
	if f.EndLine == f.Line {
		width = max(1, min(f.EndColumn-f.Column, maxQuoted))
	}
	number := fmt.Sprint(f.Line)
	pad := strings.Repeat(" ", len(number))
	fmt.Fprintf(b, "  %s %s\n", s.paintDim(number+" |"), shown)
	fmt.Fprintf(b, "  %s %s%s\n", s.paintDim(pad+" |"), strings.Repeat(" ", f.Column-1-first), s.paintSeverity(f.Severity, strings.Repeat("^", width)))
}

// toPrintable removes the control characters of a quotation.
func toPrintable(line []rune) string {
	return strings.Map(func(c rune) rune {
		if isForbidden(c) {
			return '\uFFFD'
		}
		return c
	}, string(line))
}

// oneLine does the same for a text with names of files or keys, which may have any
// characters.
func oneLine(text string) string {
	return strings.ReplaceAll(toPrintable([]rune(text)), "\n", "\uFFFD")
}
