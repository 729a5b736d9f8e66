package snapshot

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// A Range is a place in a file. Lines and columns count from 1, columns in
// characters; the end is the first character that does not belong to it.
type Range struct {
	Line, Column, EndLine, EndColumn int
}

// Start is where a file begins: the place of what is wrong with all of it.
var Start = Range{1, 1, 1, 1}

// rangeAt gives the place of the character at a byte offset.
func rangeAt(data []byte, offset int) Range {
	line := 1 + bytes.Count(data[:offset], []byte("\n"))
	column := 1 + utf8.RuneCount(data[bytes.LastIndexByte(data[:offset], '\n')+1:offset])
	return Range{line, column, line, column + 1}
}

// rangeOf gives the place of a node: of a scalar on one line, all of it; of
// anything larger, where it begins.
func (d *Document) rangeOf(n *yaml.Node) Range {
	r := Range{max(n.Line, 1), max(n.Column, 1), max(n.Line, 1), max(n.Column, 1) + 1}
	if n.Kind != yaml.ScalarNode || n.Line < 1 || n.Line > len(d.lines) {
		return r
	}
	text := []rune(string(bytes.TrimRight(d.lines[n.Line-1], "\r")))
	if n.Column > len(text) {
		return r
	}
	r.EndColumn = r.Column + max(1, scalarWidth(n, text[n.Column-1:]))
	return r
}

// scalarWidth counts the characters of a scalar that rest begins with.
func scalarWidth(n *yaml.Node, rest []rune) int {
	switch {
	case n.Style&yaml.DoubleQuotedStyle != 0:
		return quotedWidth(rest, '"')
	case n.Style&yaml.SingleQuotedStyle != 0:
		return quotedWidth(rest, '\'')
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return 1
	}
	width := utf8.RuneCountInString(n.Value)
	if width <= len(rest) && string(rest[:width]) == n.Value {
		return width
	}
	return len([]rune(strings.TrimRight(string(rest), " "))) // goes on in the next line
}

func quotedWidth(rest []rune, quote rune) int {
	for i := 1; i < len(rest); i++ {
		switch {
		case rest[i] == '\\' && quote == '"':
			i++
		case rest[i] == quote:
			return i + 1
		}
	}
	return len(rest)
}

// Locate gives the place of the value that a JSON pointer names. Where there
// is none, it is the nearest place above. The place of a map or list is that
// of its key.
func (d *Document) Locate(pointer string) Range { return d.locate(pointer, false) }

// LocateKey gives the place of the key of the value that a JSON pointer names.
func (d *Document) LocateKey(pointer string) Range { return d.locate(pointer, true) }

// Lookup returns the value that a JSON pointer names, nil where there is none.
func (d *Document) Lookup(pointer string) any {
	var value any = d.Value
	for token := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		switch v := value.(type) {
		case map[string]any:
			value = v[strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")]
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(v) {
				return nil
			}
			value = v[i]
		default:
			return nil
		}
	}
	return value
}

func (d *Document) locate(pointer string, wantKey bool) Range {
	node := d.root
	if node == nil {
		return Start
	}
	var key *yaml.Node
	for token := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		k, v := child(node, strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~"))
		if v == nil {
			break
		}
		key, node = k, v
	}
	if key != nil && (wantKey || node.Kind != yaml.ScalarNode) {
		return d.rangeOf(key)
	}
	return d.rangeOf(node)
}

// child finds a map's value with its key, or a list's item without one.
func child(n *yaml.Node, token string) (key, value *yaml.Node) {
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == token {
				return n.Content[i], n.Content[i+1]
			}
		}
	case yaml.SequenceNode:
		if i, err := strconv.Atoi(token); err == nil && i >= 0 && i < len(n.Content) {
			return nil, n.Content[i]
		}
	}
	return nil, nil
}
