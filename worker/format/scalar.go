package format

import (
	"strconv"
	"strings"

	"netsync/worker/yaml"
)

// isBlockText reports whether a scalar is a block of text (| or >).
func (f *formatter) isBlockText(n *yaml.Node) bool {
	return n.Start < n.End && strings.ContainsRune("|>", rune(f.text[n.Start]))
}

// keyText returns a scalar as a key.
func (f *formatter) keyText(n *yaml.Node) string {
	if text := f.scalarText(n, 0); text != "" && !strings.Contains(text, "\n") {
		return text
	}
	return strconv.Quote(n.Value)
}

// scalarText returns a plain or quoted scalar as it is written, with its further
// lines at a column and without the blanks that YAML removes by folding
// (YAML 1.2.2 §6.5). A block of text is quoted.
func (f *formatter) scalarText(n *yaml.Node, column int) string {
	raw := f.text[n.Start:n.End]
	if f.isBlockText(n) || f.needsQuotes(n.Start, n.End) {
		return strconv.Quote(n.Value)
	}
	rows := strings.Split(raw, "\n")
	for i, row := range rows {
		if i > 0 {
			row = strings.TrimLeft(row, " \t")
		}
		if i < len(rows)-1 {
			row = trimBlanks(row, raw[0] == '"')
		}
		rows[i] = row
	}
	return rows[0] + indentRows(rows[1:], column)
}

// indentRows returns lines of a text at a column, each after a line feed.
func indentRows(rows []string, column int) string {
	var b strings.Builder
	for _, row := range rows {
		b.WriteByte('\n')
		if row != "" {
			b.WriteString(makeSpaces(column) + row)
		}
	}
	return b.String()
}

// trimBlanks removes the blanks at the end of a line, except an escaped one.
func trimBlanks(row string, escapes bool) string {
	trimmed := strings.TrimRight(row, " \t")
	backslashes := len(trimmed) - len(strings.TrimRight(trimmed, `\`))
	if escapes && backslashes%2 == 1 && len(trimmed) < len(row) {
		return row[:len(trimmed)+1]
	}
	return trimmed
}

// readScalar advances to the end of a scalar. It returns the text beside its key or
// hyphen, the lines of a block of text at a column, and a comment beside the header of
// such a block.
func (f *formatter) readScalar(n *yaml.Node, column int) (text, body string, comments []line) {
	if !f.isBlockText(n) {
		f.pos = max(f.pos, n.End)
		return f.scalarText(n, column), "", nil
	}
	start := f.lineEnd(n.Start)
	f.pos = f.lineEnd(n.End)
	if comments = f.scanComments(n.Start, start); len(comments) > 0 {
		comments[0].beside = true // even if the header is at the start of a line
	}
	written := strings.TrimRight(n.Value, " \t\n")
	if written == "" || f.needsQuotes(n.Start, f.pos) {
		return strconv.Quote(n.Value), "", comments
	}
	rows := strings.Split(f.text[start:f.pos], "\n")[1:]
	indent := max(0, firstIndent(rows)-firstIndent(strings.Split(n.Value, "\n")))
	for i, row := range rows {
		rows[i] = row[min(indent, len(row)):]
	}
	// Blank lines after the last are part of the text if they are in its value.
	if _, blank, _ := strings.Cut(n.Value[len(written):], "\n"); blank != "" {
		rows = append(rows, strings.Split(strings.TrimSuffix(blank, "\n"), "\n")...)
		rest := f.text[f.pos:]
		f.pos += strings.LastIndexByte(rest[:len(rest)-len(strings.TrimLeft(rest, " \t\n"))], '\n') + 1
	}
	return f.text[n.Start:n.Start+1] + blockHeader(n.Value), strings.TrimPrefix(indentRows(rows, column), "\n"), comments
}

// blockHeader returns the indicators of a block of text after the first (YAML 1.2.2
// §8.1.1): the indentation, if the text begins with a blank, and how to read the line
// feeds at its end.
func blockHeader(value string) (header string) {
	if strings.ContainsAny(strings.TrimLeft(value, "\n")[:1], " \t") {
		header = strconv.Itoa(indentation)
	}
	switch {
	case strings.HasSuffix(value, "\n\n"):
		return header + "+"
	case !strings.HasSuffix(value, "\n"):
		return header + "-"
	}
	return header
}

// firstIndent returns the number of spaces before a text.
func firstIndent(rows []string) int {
	for _, row := range rows {
		if text := strings.TrimLeft(row, " "); text != "" {
			return len(row) - len(text)
		}
	}
	return 0
}
