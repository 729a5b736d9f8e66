package yaml

import "strings"

// Most records use little of YAML: keys in blocks, short flow collections, plain and
// quoted texts on a line, and blocks of text. parseSubset reads just
// that, several times faster than the library. It never guesses: at the first thing
// that it does not surely understand, right or wrong, it returns false, and the library
// reads the file. A fuzz test compares the two. The nodes are appended to buffer.
func parseSubset(data []byte, buffer []node) (*tree, bool) {
	s := string(data)
	if !isOrdinary(s) {
		return nil, false
	}
	p := &subset{s: s, t: &tree{data: data, nodes: buffer}}
	indent, ok := p.nextLine()
	if !ok || indent != 0 || p.s[p.pos] == '-' {
		return nil, false
	}
	if _, ok := p.parseMapping(0); !ok {
		return nil, false
	}
	if _, more := p.nextLine(); more {
		return nil, false
	}
	return p.t, true
}

// maxSubsetDepth bounds the nesting that the subset is read to.
const maxSubsetDepth = 24

// isOrdinary reports whether a file has no special characters: no tabs, carriage returns, control characters, byte order marks or line breaks
// of Unicode, and a line feed at its end.
func isOrdinary(s string) bool {
	if !strings.HasSuffix(s, "\n") {
		return false
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= ' ' && c < 0x7f, c == '\n':
		case c < ' ' || c == 0x7f:
			return false
		case c == 0xc2 && s[i+1] < 0xa0: // U+0080 to U+009F
			return false
		case c == 0xe2 && s[i+1] == 0x80 && (s[i+2] == 0xa8 || s[i+2] == 0xa9): // U+2028, U+2029
			return false
		case c == 0xef && (s[i+1] == 0xbb && s[i+2] == 0xbf || s[i+1] == 0xbf): // U+FEFF, U+FFC0 to U+FFFF
			return false
		case c >= 0xf0:
			return false // beyond the basic plane: left to the library
		}
	}
	return true
}

// A subset is a parser. Its methods leave pos after what they read, and return false
// if the library must read the file.
type subset struct {
	s     string
	pos   int
	depth int
	t     *tree
}

// nextLine moves to the next line that is neither blank nor a comment and returns its
// indentation; false at the end of the file. pos must be at the beginning of a line.
func (p *subset) nextLine() (indent int, ok bool) {
	for p.pos < len(p.s) {
		i := p.pos
		for p.s[i] == ' ' {
			i++
		}
		switch p.s[i] {
		case '\n':
			p.pos = i + 1
		case '#':
			p.pos = i + strings.IndexByte(p.s[i:], '\n') + 1
		default:
			indent = i - p.pos
			p.pos = i
			return indent, true
		}
	}
	return 0, false
}

// peekLine is nextLine without moving.
func (p *subset) peekLine() (indent, at int, ok bool) {
	before := p.pos
	indent, ok = p.nextLine()
	at, p.pos = p.pos, before
	return indent, at, ok
}

// skipLineEnd skips blanks, a comment and the end of the line; it returns false at
// anything else.
func (p *subset) skipLineEnd() bool {
	i := p.pos
	for p.s[i] == ' ' {
		i++
	}
	if p.s[i] == '#' && i > p.pos {
		i += strings.IndexByte(p.s[i:], '\n')
	}
	if p.s[i] != '\n' {
		return false
	}
	p.pos = i + 1
	return true
}

// parseMapping reads a block of keys at a column. pos is at the first.
func (p *subset) parseMapping(column int) (int, bool) {
	if p.depth++; p.depth > maxSubsetDepth {
		return 0, false
	}
	m := p.t.addNode(node{kind: mapping, start: p.pos})
	c := chain{parent: m}
	for n := 0; ; n++ {
		key, ok := p.parseKey()
		if !ok || n > small || p.hasKey(m, key) {
			return 0, false
		}
		p.t.linkChild(&c, key)
		value, ok := p.parseValue(column)
		if !ok {
			return 0, false
		}
		p.t.linkChild(&c, value)
		p.t.nodes[m].end = p.t.nodes[value].end
		indent, at, more := p.peekLine()
		if !more || indent < column {
			p.depth--
			return m, true
		}
		if indent > column {
			return 0, false
		}
		p.pos = at
	}
}

// hasKey reports whether a mapping has a key already.
func (p *subset) hasKey(m, key int) bool {
	name := p.t.nodes[key].value
	for i := p.t.nodes[m].first; i != 0; i = p.t.nodes[p.t.nodes[i].next].next {
		if p.t.nodes[i].value == name {
			return true
		}
	}
	return false
}

// parseKey reads a plain key of letters, digits, hyphens and underscores with its
// colon.
func (p *subset) parseKey() (int, bool) {
	start := p.pos
	i := start
	for isKey(p.s[i]) {
		i++
	}
	if i == start || !isLetter(p.s[start]) || p.s[i] != ':' || (p.s[i+1] != ' ' && p.s[i+1] != '\n') {
		return 0, false
	}
	p.pos = i + 1
	return p.t.addNode(node{kind: text, value: p.s[start:i], start: start, end: i}), true
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isKey(c byte) bool    { return isLetter(c) || isDigit(c) || c == '-' || c == '_' }

// parseValue reads the value after a colon, of a key at a column.
func (p *subset) parseValue(column int) (int, bool) {
	colon := p.pos
	for p.s[p.pos] == ' ' {
		p.pos++
	}
	if c := p.s[p.pos]; c != '\n' && (c != '#' || p.pos == colon) {
		return p.parseInline(column)
	}
	if p.pos = colon; !p.skipLineEnd() {
		return 0, false
	}
	indent, at, ok := p.peekLine()
	switch {
	case ok && indent > column:
		p.pos = at
		return p.parseBlock(indent)
	case ok && indent == column && p.s[at] == '-':
		p.pos = at
		return p.parseSequence(indent)
	}
	return p.t.addNode(node{start: colon, end: colon}), true
}

// parseBlock reads a mapping or a sequence at a column.
func (p *subset) parseBlock(column int) (int, bool) {
	if p.s[p.pos] == '-' {
		return p.parseSequence(column)
	}
	return p.parseMapping(column)
}

// parseSequence reads a block of items whose hyphens are at a column.
func (p *subset) parseSequence(column int) (int, bool) {
	if p.depth++; p.depth > maxSubsetDepth {
		return 0, false
	}
	list := p.t.addNode(node{kind: sequence, start: p.pos})
	c := chain{parent: list}
	for {
		if p.s[p.pos] != '-' || p.s[p.pos+1] != ' ' {
			return 0, false
		}
		item, ok := p.parseItem(column)
		if !ok {
			return 0, false
		}
		p.t.linkChild(&c, item)
		p.t.nodes[list].end = p.t.nodes[item].end
		indent, at, more := p.peekLine()
		if !more || indent < column || indent == column && p.s[at] != '-' {
			p.depth--
			return list, true
		}
		if indent > column {
			return 0, false
		}
		p.pos = at
	}
}

// parseItem reads the item after a hyphen: keys beside it, or a value.
func (p *subset) parseItem(column int) (int, bool) {
	hyphen := p.pos
	p.pos++
	for p.s[p.pos] == ' ' {
		p.pos++
	}
	if p.beginsKey() {
		return p.parseMapping(column + p.pos - hyphen)
	}
	return p.parseInline(column)
}

func (p *subset) beginsKey() bool {
	i := p.pos
	for isKey(p.s[i]) {
		i++
	}
	return i > p.pos && p.s[i] == ':' && (p.s[i+1] == ' ' || p.s[i+1] == '\n')
}
