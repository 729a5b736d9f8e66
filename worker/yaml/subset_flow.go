package yaml

// parseFlow reads a flow collection that ends on its line.
func (p *subset) parseFlow() (int, bool) {
	if p.depth++; p.depth > maxSubsetDepth {
		return 0, false
	}
	kind, closing := sequence, byte(']')
	if p.s[p.pos] == '{' {
		kind, closing = mapping, '}'
	}
	n := p.t.addNode(node{kind: kind, start: p.pos})
	p.pos++
	c := chain{parent: n}
	p.skipBlanks()
	for entries := 0; p.s[p.pos] != closing; entries++ {
		if kind == mapping && entries > small || !p.parseFlowEntry(n, &c) {
			return 0, false
		}
		p.skipBlanks()
		if p.s[p.pos] == ',' {
			p.pos++
			p.skipBlanks()
			if p.s[p.pos] == closing {
				return 0, false // a comma at the end: allowed, and rare
			}
		} else if p.s[p.pos] != closing {
			return 0, false
		}
	}
	p.pos++
	p.t.nodes[n].end = p.pos
	p.depth--
	return n, true
}

func (p *subset) skipBlanks() {
	for p.s[p.pos] == ' ' {
		p.pos++
	}
}

// parseFlowEntry reads an item, or a key with its value.
func (p *subset) parseFlowEntry(n int, c *chain) bool {
	if p.t.nodes[n].kind == mapping {
		key, ok := p.parseKey()
		if !ok || p.s[p.pos] != ' ' || p.hasKey(n, key) {
			return false
		}
		p.t.linkChild(c, key)
		p.skipBlanks()
	}
	value, ok := p.parseFlowValue()
	if ok {
		p.t.linkChild(c, value)
	}
	return ok
}

func (p *subset) parseFlowValue() (int, bool) {
	switch p.s[p.pos] {
	case '{', '[':
		return p.parseFlow()
	case '"', '\'':
		return p.parseQuoted()
	}
	return p.parseFlowPlain()
}

// parseFlowPlain reads a plain scalar to the next comma or closing bracket.
func (p *subset) parseFlowPlain() (int, bool) {
	start := p.pos
	if p.s[start] == '\n' || !beginsPlain(p.s[start], p.s[start+1]) {
		return 0, false
	}
	for i := start; ; i++ {
		switch p.s[i] {
		case ',', ']', '}':
			return p.addPlain(start, i)
		case '\n', '[', '{', '#', '"', '\'':
			return 0, false
		case ':':
			switch p.s[i+1] {
			case ' ', '\n', ',', ']', '}', '[', '{':
				return 0, false
			}
		}
	}
}
