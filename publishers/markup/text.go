package markup

import (
	"html"
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
	renderer "github.com/yuin/goldmark/renderer/html"
)

// Text returns CommonMark as plain text, for mail and for summaries: a blank
// line between paragraphs, list items behind "- " or their number, a link's
// address in brackets behind its text. Raw HTML is left out.
func Text(source string) string {
	src := []byte(source)
	return strings.TrimSpace(formatBlocks(parse(src), src))
}

// Line returns the first paragraph of Text on one line.
func Line(source string) string {
	first, _, _ := strings.Cut(Text(source), "\n\n")
	return strings.Join(strings.Fields(first), " ")
}

// formatBlocks returns the blocks in a node as text, with blank lines between them; none in a
// tight list.
func formatBlocks(parent ast.Node, src []byte) string {
	between := "\n\n"
	if list, ok := parent.(*ast.List); ok && list.IsTight {
		between = "\n"
	}
	var parts []string
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		if s := formatBlock(n, src); s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, between)
}

func formatBlock(n ast.Node, src []byte) string {
	switch n := n.(type) {
	case *ast.List:
		return formatBlocks(n, src)
	case *ast.ListItem:
		marker := listMarker(n)
		return marker + indentLines(formatBlocks(n, src), strings.Repeat(" ", len(marker)))
	case *ast.Blockquote:
		return "> " + indentLines(formatBlocks(n, src), "> ")
	case *ast.CodeBlock, *ast.FencedCodeBlock:
		return strings.TrimRight(string(n.Lines().Value(src)), "\n")
	case *ast.ThematicBreak:
		return "* * *"
	case *ast.HTMLBlock:
		return ""
	}
	return strings.TrimSpace(formatInline(n, src))
}

// indentLines puts a prefix before all lines but the first; blank ones get no
// trailing spaces.
func indentLines(s, by string) string {
	s = strings.ReplaceAll(s, "\n", "\n"+by)
	return strings.ReplaceAll(s, "\n"+by+"\n", "\n"+strings.TrimRight(by, " ")+"\n")
}

// listMarker returns the text before a list item.
func listMarker(item *ast.ListItem) string {
	list, ok := item.Parent().(*ast.List)
	if !ok || !list.IsOrdered() {
		return "- "
	}
	number := list.Start
	for n := item.PreviousSibling(); n != nil; n = n.PreviousSibling() {
		number++
	}
	return strconv.Itoa(number) + ". "
}

func formatInline(parent ast.Node, src []byte) string {
	var b strings.Builder
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Text:
			b.WriteString(unescapeText(n.Value(src)))
			if n.SoftLineBreak() || n.HardLineBreak() {
				b.WriteByte('\n')
			}
		case *ast.String:
			b.Write(n.Value)
		case *ast.CodeSpan:
			b.WriteString(codeText(n, src))
		case *ast.AutoLink:
			b.Write(n.Label(src))
		case *ast.Link:
			b.WriteString(formatLink(formatInline(n, src), string(n.Destination)))
		case *ast.RawHTML:
		default:
			b.WriteString(formatInline(n, src))
		}
	}
	return b.String()
}

func codeText(parent ast.Node, src []byte) string {
	var b strings.Builder
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		if t, ok := n.(*ast.Text); ok {
			b.Write(t.Value(src))
		}
	}
	return b.String()
}

func formatLink(label, destination string) string {
	lower := strings.ToLower(destination)
	if !strings.HasPrefix(lower, "https://") && !strings.HasPrefix(lower, "http://") || label == destination {
		return label
	}
	return label + " (" + destination + ")"
}

// unescapeText resolves the escapes that the parser leaves in text, \* and &amp;, as the HTML
// renderer does.
func unescapeText(s []byte) string {
	var b buffer
	renderer.DefaultWriter.Write(&b, s)
	return html.UnescapeString(b.String())
}
