package validate

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"

	"netsync/schema"
	"netsync/worker/yaml"
)

// commonMark parses all texts, as making a parser costs as much as parsing a short text. It is
// safe for concurrent use.
var commonMark = goldmark.DefaultParser()

// checkMarkdown checks a long text in each of its languages.
func (c *check) checkMarkdown(value any, at *schema.Path) {
	switch value := value.(type) {
	case string:
		c.checkCommonMark(value, at, "")
	case map[string]any:
		for language, item := range value {
			if source, ok := item.(string); ok {
				c.checkCommonMark(source, at, language)
			}
		}
	}
}

// needsParsing reports whether a text may have HTML, a link or a heading: most do not, and
// parsing is slow.
func needsParsing(source string) bool {
	return strings.ContainsAny(source, "<[#") || strings.Contains(source, "\n==") || strings.Contains(source, "\n--")
}

// checkCommonMark checks a text in a language, which is "" if the text has only one.
func (c *check) checkCommonMark(source string, at *schema.Path, language string) {
	if !needsParsing(source) {
		return
	}
	pointer := at.String()
	if language != "" {
		pointer = yaml.PointerTo(pointer, language)
	}
	m := markdown{c, []byte(source), pointer, 0, 0}
	_ = ast.Walk(commonMark.Parse(text.NewReader(m.source)), m.checkNode) // node returns no error
}

// markdown is the check of one CommonMark text.
type markdown struct {
	*check
	source     []byte
	pointer    string
	top, level int // of the first heading and of the last
}

func (m *markdown) checkNode(n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	switch n := n.(type) {
	case *ast.RawHTML:
		m.checkHTML(n.Segments.Value(m.source))
	case *ast.HTMLBlock:
		if html := n.Lines().Value(m.source); len(html) > 0 {
			m.checkHTML(html)
		} else {
			m.checkHTML(n.ClosureLine.Value(m.source))
		}
	case *ast.Link:
		m.checkLink(string(n.Destination))
	case *ast.AutoLink:
		if n.AutoLinkType == ast.AutoLinkURL {
			m.checkLink(string(n.URL(m.source)))
		}
	case *ast.Heading:
		m.checkHeading(n)
	}
	return ast.WalkContinue, nil
}

// checkHTML reports HTML by its first line.
func (m *markdown) checkHTML(raw []byte) {
	first, _, _ := bytes.Cut(bytes.TrimSpace(raw), []byte("\n"))
	shown := string(bytes.TrimSpace(first))
	m.add(rawHTML, m.d.LocateWithin(m.pointer, shown), m.pointer, "", "%s holds the HTML %s, which is not shown", formatSubject(m.pointer), shortenValue(shown))
}

func (m *markdown) checkLink(address string) {
	if says := badAddress(address); says != "" {
		m.add(invalidLink, m.d.LocateWithin(m.pointer, address), m.pointer, "", "the link to %q in %s %s", shortenValue(address), formatSubject(m.pointer), says)
	}
}

func (m *markdown) checkHeading(n *ast.Heading) {
	if m.top == 0 {
		m.top, m.level = n.Level, n.Level
		return
	}
	words := string(bytes.TrimSpace(n.Lines().Value(m.source)))
	switch {
	case n.Level > m.level+1:
		m.add(headingOrder, m.d.LocateWithin(m.pointer, words), m.pointer, "",
			"the heading %q is of level %d, below one of level %d", shortenValue(words), n.Level, m.level)
	case n.Level < m.top:
		m.add(headingOrder, m.d.LocateWithin(m.pointer, words), m.pointer, "Begin with the highest level: the first heading has the fewest #.",
			"the heading %q is of level %d, above the first one, of level %d", shortenValue(words), n.Level, m.top)
	}
	m.level = n.Level
}
