package yaml

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// loadYAML parses the one YAML document of a file with the library, and adds its
// nodes to the tree.
func (d *Document) loadYAML(data []byte) bool {
	loader, err := yaml.NewLoader(bytes.NewReader(data))
	if err != nil {
		d.addProblem(Syntax, Start, "", "%v", err)
		return false
	}
	var root, more yaml.Node
	switch err := loader.Load(&root); {
	case errors.Is(err, io.EOF):
		d.addProblem(Syntax, Start, "", "the file is empty")
		return false
	case err != nil:
		d.addSyntaxError(err)
		return false
	}
	if err := loader.Load(&more); !errors.Is(err, io.EOF) {
		if err != nil {
			d.addSyntaxError(err)
		} else {
			at := d.tree.findOffset(max(more.Line, 1), 1)
			d.addProblem(Syntax, d.tree.rangeOf(at, at+3), "", "a second document begins here")
		}
		return false
	}
	return d.addRoot(&root)
}

func (d *Document) addRoot(root *yaml.Node) bool {
	for root.Kind == yaml.DocumentNode || root.Kind == yaml.StreamNode {
		if len(root.Content) == 0 {
			d.addProblem(Syntax, Start, "", "the file is empty")
			return false
		}
		root = root.Content[0]
	}
	_, ok := d.addNode(root, 1, -1)
	return ok
}

func (d *Document) addSyntaxError(err error) {
	var load *yaml.LoadError
	if !errors.As(err, &load) {
		d.addProblem(Syntax, Start, "", "%v", err)
		return
	}
	mark := load.Mark
	if mark.Line == 0 {
		mark = load.ContextMark
	}
	at := d.tree.findOffset(max(mark.Line, 1), mark.Column)
	d.addProblem(Syntax, d.tree.rangeOf(at, at+1), "", "%s", load.Message)
}

// addNode adds a node of the library, and those below it, to the tree. column is that
// of the block that it is in, from 0; -1 if there is none.
func (d *Document) addNode(n *yaml.Node, depth, column int) (int, bool) {
	start := d.tree.findOffset(n.Line, n.Column)
	if k := nodeKind(n); depth > MaxDepth && (k == mapping || k == sequence) {
		d.addProblem(TooDeep, d.tree.rangeOf(start, start+1), "", "more than %d levels lie within one another", MaxDepth)
		return 0, false
	}
	at := d.tree.addNode(node{kind: nodeKind(n), value: n.Value, unsupported: unsupportedFeature(n), start: start})
	end := start
	c, within := chain{parent: at}, -1
	if n.Style&yaml.FlowStyle == 0 {
		within = n.Column - 1
	}
	for _, child := range n.Content {
		i, ok := d.addNode(child, depth+1, within)
		if !ok {
			return 0, false
		}
		d.tree.linkChild(&c, i)
		end = max(end, d.tree.nodes[i].end)
	}
	end = d.tree.findEnd(n, start, end)
	d.tree.nodes[at].end = end
	return at, d.checkIndent(n, start, end, column)
}

func nodeKind(n *yaml.Node) kind {
	const asText = yaml.SingleQuotedStyle | yaml.DoubleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle
	switch {
	case n.Kind == yaml.MappingNode:
		return mapping
	case n.Kind == yaml.SequenceNode:
		return sequence
	case n.Style&asText != 0:
		return text
	}
	return scalar
}

// unsupportedFeature returns the name of a node's feature that the dataset format
// leaves out of YAML, "" if it has none.
func unsupportedFeature(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.AliasNode:
		return fmt.Sprintf("an alias (*%s)", n.Value)
	case n.Anchor != "":
		return fmt.Sprintf("an anchor (&%s)", n.Anchor)
	case n.Style&yaml.TaggedStyle != 0:
		return fmt.Sprintf("a tag (%s)", n.Tag)
	}
	return ""
}

// findEnd returns the end of a node, which the library does not report. children is
// the end of its last child.
func (t *tree) findEnd(n *yaml.Node, start, children int) int {
	switch {
	case n.Kind == yaml.MappingNode || n.Kind == yaml.SequenceNode:
		if n.Style&yaml.FlowStyle == 0 {
			return children
		}
		return t.findClosing(max(children, min(start+1, len(t.data))))
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		header := bytes.IndexAny(t.data[start:], lineBreaks)
		if header < 0 {
			return len(t.data)
		}
		return t.findTextEnd(start+header, n.Value)
	case n.Style&yaml.DoubleQuotedStyle != 0:
		return t.findQuoteEnd(start, '"')
	case n.Style&yaml.SingleQuotedStyle != 0:
		return t.findQuoteEnd(start, '\'')
	case n.Kind == yaml.AliasNode:
		return t.findTextEnd(start, "*"+n.Value)
	}
	return t.findTextEnd(start, n.Value)
}

// findClosing returns the end of a flow collection whose last child ends at an
// offset: blanks, commas and comments may be before its bracket.
func (t *tree) findClosing(from int) int {
	for i := from; i < len(t.data); i++ {
		switch t.data[i] {
		case ']', '}':
			return i + 1
		case '#':
			for i+1 < len(t.data) && t.data[i+1] != '\n' {
				i++
			}
		}
	}
	return from
}

// findTextEnd returns the end of a text in the source, which may be broken into
// lines: it is after the last of its characters that is no blank.
func (t *tree) findTextEnd(from int, value string) int {
	i, end := from, from
	for _, r := range value {
		if isBlank(r) {
			continue
		}
		at, n := utf8.DecodeRune(t.data[i:])
		for isBlank(at) {
			i += n
			at, n = utf8.DecodeRune(t.data[i:])
		}
		if at == r {
			i += n
			end = i
		}
	}
	return end
}

// lineBreaks are what the library takes for the end of a line.
const lineBreaks = "\r\n\u0085\u2028\u2029"

// isBlank reports whether a character may be lost or changed by folding.
func isBlank(r rune) bool { return strings.ContainsRune(" \t"+lineBreaks, r) }

func (t *tree) findQuoteEnd(start int, quote byte) int {
	for i := start + 1; i < len(t.data); i++ {
		switch {
		case t.data[i] == '\\' && quote == '"':
			i++
		case t.data[i] == quote && quote == '\'' && i+1 < len(t.data) && t.data[i+1] == quote:
			i++
		case t.data[i] == quote:
			return i + 1
		}
	}
	return len(t.data)
}
