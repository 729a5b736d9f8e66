package yaml

import "strings"

// parseInline reads a value that begins on the line, for a parent at a column, and
// the rest of the line.
func (p *subset) parseInline(column int) (int, bool) {
	var n int
	var ok bool
	switch c := p.s[p.pos]; c {
	case '|', '>':
		return p.parseBlockText(column)
	case '{', '[':
		n, ok = p.parseFlow()
	case '"', '\'':
		n, ok = p.parseQuoted()
	default:
		n, ok = p.parsePlain()
	}
	if !ok || !p.skipLineEnd() {
		return 0, false
	}
	// The library reads a value that continues in the next line, rightly or not.
	indent, _, more := p.peekLine()
	return n, !more || indent <= column
}

// beginsPlain reports whether a plain scalar may surely begin with c.
func beginsPlain(c, next byte) bool {
	return isLetter(c) || isDigit(c) || c >= 0x80 || c == '(' || c == '/' || c == '+' || c == '-' && isDigit(next)
}

// parsePlain reads a plain scalar to the end of the line or a comment.
func (p *subset) parsePlain() (int, bool) {
	start := p.pos
	if p.s[start] == '\n' || !beginsPlain(p.s[start], p.s[start+1]) {
		return 0, false
	}
	i := start
	for ; p.s[i] != '\n'; i++ {
		switch p.s[i] {
		case ':':
			if next := p.s[i+1]; next == ' ' || next == '\n' {
				return 0, false
			}
		case '#':
			if p.s[i-1] == ' ' {
				return p.addPlain(start, i)
			}
		}
	}
	return p.addPlain(start, i)
}

// addPlain adds a scalar of the text up to an offset, without blanks at its end, and
// moves there.
func (p *subset) addPlain(start, end int) (int, bool) {
	value := strings.TrimRight(p.s[start:end], " ")
	p.pos = start + len(value)
	return p.t.addNode(node{value: value, start: start, end: p.pos}), true
}

// parseQuoted reads a quoted text that ends on its line.
func (p *subset) parseQuoted() (int, bool) {
	start := p.pos
	value, end, ok := parseDoubleQuoted(p.s, start+1)
	if p.s[start] == '\'' {
		value, end, ok = parseSingleQuoted(p.s, start+1)
	}
	if !ok {
		return 0, false
	}
	p.pos = end
	return p.t.addNode(node{kind: text, value: value, start: start, end: end}), true
}

func parseSingleQuoted(s string, start int) (value string, end int, ok bool) {
	doubled := false
	for i := start; s[i] != '\n'; i++ {
		if s[i] != '\'' {
			continue
		}
		if s[i+1] != '\'' {
			if value = s[start:i]; doubled {
				value = strings.ReplaceAll(value, "''", "'")
			}
			return value, i + 1, true
		}
		doubled = true
		i++
	}
	return "", 0, false
}

func parseDoubleQuoted(s string, start int) (value string, end int, ok bool) {
	escaped := false
	for i := start; s[i] != '\n'; i++ {
		switch s[i] {
		case '"':
			if value = s[start:i]; escaped {
				value = unescape.Replace(value)
			}
			return value, i + 1, true
		case '\\':
			if next := s[i+1]; next != '"' && next != '\\' && next != 'n' {
				return "", 0, false
			}
			escaped = true
			i++
		}
	}
	return "", 0, false
}

var unescape = strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\n`, "\n")

// parseBlockText reads a literal or folded block of text.
func (p *subset) parseBlockText(column int) (int, bool) {
	start := p.pos
	folded := p.s[start] == '>'
	p.pos++
	strip := p.s[p.pos] == '-'
	if strip {
		p.pos++
	}
	if p.s[p.pos] != '\n' {
		return 0, false
	}
	p.pos++
	lines, end, ok := p.parseBlockLines(column)
	if !ok {
		return 0, false
	}
	var value string
	if folded {
		if value, ok = foldLines(lines); !strip {
			value += "\n"
		}
	} else {
		if !strip {
			lines = append(lines, "") // joined, it is the line feed at the end
		}
		value = strings.Join(lines, "\n")
	}
	return p.t.addNode(node{kind: text, value: value, start: start, end: end}), ok
}

// parseBlockLines reads the lines of a block of text without their indentation, and
// moves to the line after it. The block's first line must not be blank, and no
// blank line may hold more blanks than the indentation.
func (p *subset) parseBlockLines(column int) (lines []string, end int, ok bool) {
	indent := 0
	for p.pos+indent < len(p.s) && p.s[p.pos+indent] == ' ' {
		indent++
	}
	if indent <= column || p.pos+indent >= len(p.s) || p.s[p.pos+indent] == '\n' {
		return nil, 0, false
	}
	blank := 0
	for p.pos < len(p.s) {
		i := p.pos
		for i-p.pos < indent && p.s[i] == ' ' {
			i++
		}
		stop := i + strings.IndexByte(p.s[i:], '\n')
		switch {
		case stop == i:
			blank++
		case i-p.pos < indent:
			// A less indented line ends the block. The library reads one that is
			// indented further than the parent.
			return lines, end, i-p.pos <= column
		default:
			for ; blank > 0; blank-- {
				lines = append(lines, "")
			}
			line := p.s[i:stop]
			trimmed := strings.TrimRight(line, " ")
			if trimmed == "" {
				return nil, 0, false
			}
			lines, end = append(lines, line), i+len(trimmed)
		}
		p.pos = stop + 1
	}
	return lines, end, true
}

// foldLines joins lines with blanks, and keeps empty lines as line feeds. Lines that
// are indented further, or end with a blank, are left to the library.
func foldLines(lines []string) (string, bool) {
	var b strings.Builder
	empty := 0
	for i, line := range lines {
		switch {
		case line == "":
			empty++
			continue
		case line[0] == ' ' || line[len(line)-1] == ' ':
			return "", false
		case i > 0 && empty == 0:
			b.WriteByte(' ')
		}
		for ; empty > 0; empty-- {
			b.WriteByte('\n')
		}
		b.WriteString(line)
	}
	return b.String(), true
}
