package format

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// readScalar reads a scalar of a map or list, which begins at pos. The comment
// is the one beside the header of a block scalar.
func (r *reader) readScalar(n *yaml.Node, parent *node) (*node, *line) {
	start := r.pos
	if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return r.blockText(n, start, parent.column)
	}
	out := &node{kind: yaml.ScalarNode, value: n.Value}
	var end int
	switch {
	case n.Style&yaml.DoubleQuotedStyle != 0:
		end = quoteEnd(r.s, start, '"')
	case n.Style&yaml.SingleQuotedStyle != 0:
		end = quoteEnd(r.s, start, '\'')
	default:
		end = plainEnd(r.s, start, n.Value)
		out.plain = true
	}
	out.text = flowLines(r.s[start:end], n.Style&yaml.DoubleQuotedStyle != 0)
	if hasRareBreaks(r.s[start:end]) {
		out.text, out.plain = []string{quoteText(n.Value)}, false
	}
	r.pos = end
	return out, nil
}

func quoteEnd(s string, start int, quote byte) int {
	for i := start + 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && quote == '"':
			i++
		case s[i] == quote && quote == '\'' && i+1 < len(s) && s[i+1] == quote:
			i++
		case s[i] == quote:
			return i + 1
		}
	}
	return len(s)
}

// plainEnd returns the end of a plain scalar in the source, where it may be
// broken into lines: after its last character that is not blank.
func plainEnd(s string, start int, value string) int {
	i, end := start, start
	for _, c := range value {
		if isBlank(c) {
			continue
		}
		for i < len(s) {
			at, n := utf8.DecodeRuneInString(s[i:])
			if at != c && !isBlank(at) {
				return end
			}
			if i += n; at == c {
				end = i
				break
			}
		}
	}
	return end
}

func isBlank(c rune) bool { return strings.ContainsRune(" \t\n\u0085\u2028\u2029", c) }

// flowLines returns the lines of a plain or quoted scalar without the blanks
// that YAML removes by folding (YAML 1.2.2 §6.5).
func flowLines(raw string, escapes bool) []string {
	lines := strings.Split(raw, "\n")
	for i, text := range lines {
		if i > 0 {
			text = strings.TrimLeft(text, " \t")
		}
		if i < len(lines)-1 {
			text = trimBlanks(text, escapes)
		}
		lines[i] = text
	}
	return lines
}

// trimBlanks removes the blanks at the end of a line, except an escaped one.
func trimBlanks(text string, escapes bool) string {
	trimmed := strings.TrimRight(text, " \t")
	backslashes := len(trimmed) - len(strings.TrimRight(trimmed, `\`))
	if escapes && backslashes%2 == 1 && len(trimmed) < len(text) {
		return text[:len(trimmed)+1]
	}
	return trimmed
}

// oneLine returns a scalar on one line.
func (n *node) oneLine() string {
	switch {
	case n.block == nil && len(n.text) == 1:
		return n.text[0]
	case n.plain && !strings.Contains(n.value, "\n"):
		return n.value
	}
	return quoteText(n.value)
}

// keyText returns a scalar as a key.
func (n *node) keyText() string {
	if n.block == nil && len(n.text) == 1 && n.text[0] != "" {
		return n.text[0]
	}
	return quoteText(n.value)
}

// quoteText returns a text in double quotes on one line (YAML 1.2.2 §5.7).
func quoteText(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range s {
		switch {
		case c == '"' || c == '\\':
			b.WriteString(`\` + string(c))
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\t':
			b.WriteString(`\t`)
		case unicode.IsPrint(c):
			b.WriteRune(c)
		case c > 0xffff:
			fmt.Fprintf(&b, `\U%08X`, c)
		default:
			fmt.Fprintf(&b, `\u%04X`, c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
