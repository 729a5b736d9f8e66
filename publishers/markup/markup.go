// Package markup turns the CommonMark of records into safe HTML and into plain
// text. It is the one place that does: a channel shows what it returns and
// escapes everything else.
package markup

import (
	"bytes"
	"regexp"
	"sync"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// topHeading is the level that a text's first-level headings get, so that they
// fit below the headings of the page that shows it.
const topHeading = 3

// HTML returns CommonMark as a fragment of HTML that may be put into any page
// or mail: paragraphs, headings from the third level on, lists, quotations,
// code, emphasis and links to http and https addresses. Raw HTML is left out,
// and of an image its description is kept, so that showing a text asks no
// other server for anything.
func HTML(source string) string {
	src := []byte(source)
	doc := parse(src)
	adaptDocument(doc)
	return policy().Sanitize(renderHTML(doc, src))
}

func renderHTML(doc ast.Node, src []byte) string {
	var b buffer
	b.Grow(len(src) + len(src)/4 + 64) // for a few tags
	if err := commonMark.Renderer().Render(&b, src, doc); err != nil {
		return "" // a buffer takes everything
	}
	return b.String()
}

// commonMark is made once, since it is as much work to make as a short text is
// to parse. It may be used by several goroutines.
var commonMark = goldmark.New()

// A buffer is a util.BufWriter that buffers nothing: given any other writer,
// goldmark makes one of 4 KiB for each text.
type buffer struct{ bytes.Buffer }

var _ util.BufWriter = (*buffer)(nil)

// Buffered is how much is not yet written.
func (*buffer) Buffered() int { return 0 }

// Flush has nothing to write.
func (*buffer) Flush() error { return nil }

func parse(src []byte) ast.Node { return commonMark.Parser().Parse(text.NewReader(src)) }

// adaptDocument lowers the headings and puts descriptions in the place of images.
func adaptDocument(doc ast.Node) {
	fitWith(doc, func(level int) int { return min(level+topHeading-1, 6) })
}

func fitWith(doc ast.Node, lowered func(level int) int) {
	var images []ast.Node
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			n.Level = lowered(n.Level)
		case *ast.Image:
			images = append(images, n)
		}
		return ast.WalkContinue, nil
	})
	for _, image := range images {
		replaceByChildren(image)
	}
}

func replaceByChildren(n ast.Node) {
	parent := n.Parent()
	for child := n.FirstChild(); child != nil; child = n.FirstChild() {
		parent.InsertBefore(parent, n, child)
	}
	parent.RemoveChild(parent, n)
}

// webAddress is a whole address of the web. http:page has its scheme and leads
// to a page of the site that shows it all the same.
var webAddress = regexp.MustCompile(`(?i)^https?://[^/?#]`)

// policy is the second line behind the renderer, which drops raw HTML and
// dangerous addresses by itself. Like the parser it is made once.
var policy = sync.OnceValue(func() *bluemonday.Policy {
	return policyOf(webAddress, []string{"http", "https"}, "h3", "h4", "h5", "h6")
})

func policyOf(address *regexp.Regexp, schemes []string, headings ...string) *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "strong", "em", "code", "pre", "blockquote", "hr", "ul", "ol", "li")
	p.AllowElements(headings...)
	p.AllowAttrs("start").Matching(bluemonday.Integer).OnElements("ol")
	p.AllowAttrs("href").Matching(address).OnElements("a")
	p.AllowURLSchemes(schemes...)
	p.AllowRelativeURLs(false)
	p.RequireParseableURLs(true)
	return p
}
