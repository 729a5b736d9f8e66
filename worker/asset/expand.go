package asset

import (
	"encoding/xml"
	"slices"
	"strings"
	"unicode"
)

// maxExpanded is the maximum number of elements that the references of an image add: 12
// levels of <use>, of a few bytes each, hang a browser.
const maxExpanded = 10_000

// A node is an element of an image, as far as it matters for the count.
type node struct {
	line, column int
	name, id     string
	classes      []string
	vertices     int // of a path, at most
	children     []*node
	refs         []nodeRef
	state        visit
	expanded     int // elements that are drawn for it, once it is counted
}

// A nodeRef is a reference of an element to another one.
type nodeRef struct {
	id string
	// each is set if every element within this one may draw the target again, as properties
	// such as fill and marker-mid are inherited.
	each   bool
	vertex bool // each vertex draws it
}

// A visit is the state of a node in a count.
type visit int

const (
	unvisited visit = iota
	visiting
	visited
)

// once are properties that apply to a whole element (CSS Masking 1, Filter Effects 1). All
// others are treated as inherited.
var once = setOf("href clip-path mask mask-image filter")

func newNode(e xml.StartElement, line, column int) *node {
	n := &node{line: line, column: column, name: e.Name.Local}
	for _, a := range e.Attr {
		switch name := strings.ToLower(a.Name.Local); name {
		case "id":
			n.id = a.Value
		case "class":
			n.classes = strings.Fields(strings.ToLower(a.Value))
		case "d", "points":
			n.vertices = countNumbers(a.Value)/2 + 1
		case "href":
			if id, ok := strings.CutPrefix(strings.TrimSpace(a.Value), "#"); ok && n.name != "a" { // a link draws nothing
				n.refs = append(n.refs, nodeRef{id: id})
			}
		case "style":
			n.refs = append(n.refs, declaredRefs(a.Value)...)
		default:
			n.refs = append(n.refs, propertyRefs(name, a.Value)...)
		}
	}
	return n
}

// countNumbers returns an upper bound for the number of numbers in a list.
func countNumbers(list string) (n int) {
	within := false
	for _, r := range list {
		digit := unicode.IsDigit(r)
		if digit && !within {
			n++
		}
		within = digit
	}
	return n
}

// declaredRefs returns the references in declarations of CSS.
func declaredRefs(declarations string) (refs []nodeRef) {
	for declaration := range strings.SplitSeq(declarations, ";") {
		if property, value, ok := strings.Cut(declaration, ":"); ok {
			refs = append(refs, propertyRefs(strings.ToLower(strings.TrimSpace(property)), value)...)
		}
	}
	return refs
}

func propertyRefs(property, value string) (refs []nodeRef) {
	for {
		i := strings.Index(strings.ToLower(value), "url(")
		if i < 0 {
			return refs
		}
		target, rest, _ := strings.Cut(value[i+len("url("):], ")")
		if id, ok := strings.CutPrefix(strings.Trim(target, " \t\r\n'\""), "#"); ok {
			vertex := property == "marker" || property == "marker-mid" || strings.HasPrefix(property, "--")
			refs = append(refs, nodeRef{id: id, each: !once[property], vertex: vertex})
		}
		value = rest
	}
}

// maxMatches is the maximum number of comparisons of rules with elements.
const maxMatches = 50_000_000

// A counter counts the elements that an image draws.
type counter struct {
	byID     map[string]*node
	vertices int // the most of a path
	cycle    *node
	large    *node
}

// checkExpansion adds a problem if the references of an image draw too much, or form a
// circle.
func (s *svg) checkExpansion() {
	c := counter{byID: make(map[string]*node)}
	for _, n := range s.nodes {
		if n.id != "" && c.byID[n.id] == nil {
			c.byID[n.id] = n
		}
		c.vertices = max(c.vertices, n.vertices)
	}
	if len(s.rules)*len(s.nodes) > maxMatches {
		s.addProblem(Unsafe, "the style sheets have too many rules that refer to elements")
		return
	}
	for _, rule := range s.rules {
		for _, n := range s.nodes {
			if rule.matchesElement(n) {
				n.refs = append(n.refs, rule.refs...)
			}
		}
	}
	if len(s.nodes) > 0 {
		c.countElements(s.nodes[0])
	}
	switch {
	case c.cycle != nil:
		s.line, s.column = c.cycle.line, c.cycle.column
		s.addProblem(Unsafe, "<%.40s> refers to itself by way of others", c.cycle.name)
	case c.large != nil || len(s.nodes) > 0 && s.nodes[0].expanded-len(s.nodes) > maxExpanded:
		at := s.nodes[0]
		if c.large != nil {
			at = c.large
		}
		s.line, s.column = at.line, at.column
		s.addProblem(Unsafe, "<%.40s> and what it refers to, again and again, make more than %d elements to draw", at.name, maxExpanded)
	}
}

// maxCounted limits a count, so that it does not overflow.
const maxCounted = 1 << 30

// countElements returns the number of elements that a node draws.
func (c *counter) countElements(n *node) int {
	switch n.state {
	case visited:
		return n.expanded
	case visiting:
		c.cycle = n
		return 1
	}
	n.state = visiting
	total := 1
	for _, child := range n.children {
		total += c.countElements(child)
	}
	var each, whole int
	for _, ref := range n.refs {
		target := c.byID[ref.id]
		if target == nil {
			continue
		}
		cost := c.countElements(target)
		switch {
		case target.name == "linearGradient" || target.name == "radialGradient": // colours, drawn by no element
		case ref.vertex && n.vertices > 0:
			each += cost * n.vertices
		case ref.vertex:
			each += cost * max(c.vertices, 1)
		case ref.each:
			each += cost
		default:
			whole += cost
		}
		each, whole = min(each, maxCounted), min(whole, maxCounted)
	}
	content := min(total+whole, maxCounted)
	n.expanded = int(min(int64(content)*int64(1+each), maxCounted))
	if n.expanded > maxExpanded && c.large == nil && len(n.refs) > 0 {
		c.large = n
	}
	n.state = visited
	return n.expanded
}

// A cssRule is a rule of a style sheet that refers to elements.
type cssRule struct {
	selectors []string // the last part of each; "" for any element
	refs      []nodeRef
}

// parseRules returns the rules of a style sheet that refer to elements. It supports only a
// part of CSS: an unknown selector matches every element.
func parseRules(sheet string) (rules []cssRule) {
	for {
		before, rest, ok := strings.Cut(sheet, "/*")
		if !ok {
			break
		}
		_, after, _ := strings.Cut(rest, "*/")
		sheet = before + " " + after
	}
	for block := range strings.SplitSeq(sheet, "}") {
		parts := strings.Split(block, "{")
		if len(parts) < 2 {
			continue
		}
		refs := declaredRefs(parts[len(parts)-1])
		if len(refs) == 0 {
			continue
		}
		prelude := parts[len(parts)-2]
		rule := cssRule{refs: refs}
		for selector := range strings.SplitSeq(prelude[strings.LastIndexByte(prelude, ';')+1:], ",") {
			rule.selectors = append(rule.selectors, lastPart(selector))
		}
		rules = append(rules, rule)
	}
	return rules
}

// lastPart returns the class, id or name that a selector requires of the element itself; ""
// if it matches every element.
func lastPart(selector string) string {
	if strings.ContainsAny(selector, ":[&*()") {
		return ""
	}
	parts := strings.FieldsFunc(selector, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(">+~|", r) })
	if len(parts) == 0 {
		return ""
	}
	last := parts[len(parts)-1]
	if i := strings.LastIndexAny(last, ".#"); i >= 0 {
		last = last[i:]
	}
	return last
}

func (r cssRule) matchesElement(n *node) bool {
	return slices.ContainsFunc(r.selectors, func(selector string) bool {
		switch {
		case selector == "":
			return true
		case selector[0] == '#':
			return n.id == selector[1:]
		case selector[0] == '.':
			return slices.Contains(n.classes, strings.ToLower(selector[1:]))
		}
		return strings.EqualFold(n.name, selector)
	})
}
