package asset

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

const (
	svgSpace   = "http://www.w3.org/2000/svg"
	xhtmlSpace = "http://www.w3.org/1999/xhtml"
)

// maxSVGDepth is the maximum depth of nested elements.
const maxSVGDepth = 256

// still are the elements of SVG that only draw. It omits elements that run, move or load:
// script, foreignObject, animate, set and the like.
var still = setOf(`svg g defs symbol use switch title desc metadata style view
	path rect circle ellipse line polyline polygon image a
	text tspan textPath tref altGlyph
	linearGradient radialGradient stop pattern marker clipPath mask
	filter feBlend feColorMatrix feComponentTransfer feComposite feConvolveMatrix
	feDiffuseLighting feDisplacementMap feDistantLight feDropShadow feFlood
	feFuncA feFuncB feFuncG feFuncR feGaussianBlur feImage feMerge feMergeNode
	feMorphology feOffset fePointLight feSpecularLighting feSpotLight feTile feTurbulence`)

func setOf(words string) map[string]bool {
	set := make(map[string]bool)
	for _, word := range strings.Fields(words) {
		set[word] = true
	}
	return set
}

// readSVG reads an SVG image up to its end, or to an error in its XML.
func readSVG(data []byte) (width, height int, problems []Problem) {
	s := svg{dec: xml.NewDecoder(bytes.NewReader(data))}
	problems = s.read()
	return s.width, s.height, problems
}

func (s *svg) read() []Problem {
	for {
		// A problem is at the beginning of the token.
		s.line, s.column = s.dec.InputPos()
		token, err := s.dec.Token()
		switch {
		case errors.Is(err, io.EOF) && !s.rooted:
			return []Problem{atStart(WrongType, "the file is no SVG image: it is empty")}
		case errors.Is(err, io.EOF):
			s.rules = parseRules(s.sheet.String())
			s.checkExpansion()
			return s.problems
		case err != nil:
			s.line, s.column = s.dec.InputPos()
			s.addProblem(WrongType, "the file is no well-formed SVG: %s", strings.TrimPrefix(err.Error(), "XML syntax error on "))
			return s.problems
		}
		if !s.checkToken(token) {
			return s.problems
		}
	}
}

// svg collects the problems of one image.
type svg struct {
	dec          *xml.Decoder
	line, column int
	depth        int
	rooted       bool
	styles       int // how many style elements are open
	width        int // in pixels; 0 where the image does not say
	height       int
	problems     []Problem
	nodes        []*node   // all elements, in the order of the document
	open         []*node   // those that are not closed yet
	rules        []cssRule // of the style sheets
	sheet        strings.Builder
}

func (s *svg) addProblem(kind Kind, format string, args ...any) {
	// After the end of a line, the decoder counts columns from 0.
	s.problems = append(s.problems, Problem{kind, max(s.line, 1), max(s.column, 1), fmt.Sprintf(format, args...)})
}

// checkToken checks one token; it returns false to end the reading.
func (s *svg) checkToken(token xml.Token) bool {
	switch token := token.(type) {
	case xml.StartElement:
		return s.checkElement(token)
	case xml.EndElement:
		s.depth--
		s.open = s.open[:len(s.open)-1]
		if s.styles > 0 && token.Name.Local == "style" {
			s.styles--
		}
	case xml.CharData:
		if s.styles > 0 {
			s.checkStyle("the style sheet", string(token))
			s.sheet.Write(token)
		}
	case xml.ProcInst:
		if token.Target != "xml" {
			s.addProblem(Unsafe, "the instruction <?%.40s?> may bring in something else", token.Target)
		}
	case xml.Directive:
		if strings.ContainsAny(string(token), "[") || !strings.HasPrefix(string(token), "DOCTYPE svg") {
			s.addProblem(Unsafe, "a document type with declarations of its own")
		}
	}
	return true
}

func (s *svg) checkElement(e xml.StartElement) bool {
	if s.depth++; s.depth > maxSVGDepth {
		s.addProblem(Unsafe, "more than %d elements lie within one another", maxSVGDepth)
		return false
	}
	if !s.rooted {
		s.rooted = true
		if e.Name.Local != "svg" || e.Name.Space != svgSpace {
			s.addProblem(WrongType, "the file is no SVG image: it begins with <%.40s>, not with <svg xmlns=%q>", e.Name.Local, svgSpace)
			return false
		}
		s.width, s.height = drawnSize(e.Attr)
	}
	drawn := e.Name.Space == svgSpace
	switch {
	case drawn && !still[e.Name.Local], e.Name.Space == xhtmlSpace:
		s.addProblem(Unsafe, "the element <%.40s> can do more than be looked at", e.Name.Local)
	case drawn && e.Name.Local == "style":
		s.styles++
	}
	s.addElement(e)
	for _, attribute := range e.Attr {
		s.checkAttribute(e.Name.Local, attribute)
	}
	return true
}

// addElement records an element for checkExpansion.
func (s *svg) addElement(e xml.StartElement) {
	n := newNode(e, s.line, s.column)
	if len(s.open) > 0 {
		parent := s.open[len(s.open)-1]
		parent.children = append(parent.children, n)
	}
	s.nodes, s.open = append(s.nodes, n), append(s.open, n)
}

// drawnSize returns the width and height of a drawing in pixels, rounded, if both are in
// pixels or without a unit, which means pixels (SVG 2 §8.9). Other units depend on the page
// that shows the drawing.
func drawnSize(attributes []xml.Attr) (width, height int) {
	for _, a := range attributes {
		switch a.Name {
		case xml.Name{Local: "width"}:
			width = parseLength(a.Value)
		case xml.Name{Local: "height"}:
			height = parseLength(a.Value)
		}
	}
	if width == 0 || height == 0 {
		return 0, 0
	}
	return width, height
}

// maxDrawn is the maximum accepted width or height of a drawing in pixels.
const maxDrawn = 1 << 20

func parseLength(length string) int {
	n, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(length), "px"), 64)
	if err != nil || !(n >= 0.5 && n < maxDrawn) {
		return 0
	}
	return int(math.Round(n))
}

func (s *svg) checkAttribute(element string, a xml.Attr) {
	name := strings.ToLower(a.Name.Local)
	switch {
	case a.Name.Space == "xmlns" || a.Name.Local == "xmlns":
	case strings.HasPrefix(name, "on"):
		s.addProblem(Unsafe, "the attribute %.40s runs a script", a.Name.Local)
	case name == "href" || name == "src":
		if !isInternal(a.Value) {
			s.addProblem(Unsafe, "<%.40s> refers to %.60q, which lies outside the image", element, a.Value)
		}
	case name == "base":
		s.addProblem(Unsafe, "the attribute %.40s changes where references lead", a.Name.Local)
	default:
		s.checkStyle("the attribute "+a.Name.Local, a.Value)
	}
}

// isInternal reports whether a reference stays in the image: a fragment, or a data URL of an
// image that is not SVG.
func isInternal(reference string) bool {
	reference = strings.ToLower(strings.TrimSpace(reference))
	if reference == "" || strings.HasPrefix(reference, "#") {
		return true
	}
	for _, kind := range []string{"png", "jpeg", "webp", "gif"} {
		if strings.HasPrefix(reference, "data:image/"+kind+";base64,") {
			return true
		}
	}
	return false
}

// checkStyle adds a problem for a style that may load something. It also refuses escapes,
// which no logo needs.
func (s *svg) checkStyle(where, style string) {
	lower := strings.ToLower(style)
	for _, word := range []string{"@import", "@font-face", "image-set(", "image(", "src(", "expression(", "-moz-binding", "behavior:", "javascript:"} {
		if strings.Contains(lower, word) {
			s.addProblem(Unsafe, "%.40s holds %s, which may bring in something else", where, word)
			return
		}
	}
	for rest := lower; ; {
		_, after, found := strings.Cut(rest, "url(")
		if !found {
			break
		}
		if target := strings.TrimLeft(after, " \t\r\n'\""); !isInternal(target) {
			s.addProblem(Unsafe, "%.40s refers to something outside the image", where)
			return
		}
		rest = after
	}
	if strings.Contains(lower, `\`) && (s.styles > 0 || strings.HasSuffix(where, " style")) {
		s.addProblem(Unsafe, "%.40s holds an escape (\\), which can hide a reference", where)
	}
}
