package webtest

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// Elements returns the page's elements with one of the names, in order.
func (p *Page) Elements(names ...string) []*html.Node {
	var found []*html.Node
	for n := range p.Root.Descendants() {
		if n.Type == html.ElementNode && slices.Contains(names, n.Data) {
			found = append(found, n)
		}
	}
	return found
}

// Attribute returns an attribute's value, or "".
func Attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// Words returns an element's text with white space collapsed.
func Words(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return Collapse(b.String())
}

// Collapse collapses and trims white space as HTML does, but no other spaces.
func Collapse(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" \t\n\f\r", r) }), " ")
}

// startTag returns an element's start tag, for a finding.
func startTag(n *html.Node) string {
	var b strings.Builder
	b.WriteString("<" + n.Data)
	for _, a := range n.Attr {
		b.WriteString(" " + a.Key + `="` + a.Val + `"`)
	}
	return b.String() + ">"
}
