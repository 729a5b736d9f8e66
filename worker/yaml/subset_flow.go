package yaml

// flow reads a flow collection that ends on its line.
func (p *subset) flow() (int, bool) {
	if p.depth++; p.depth > maxSubsetDepth {
		return 0, false
	}
	kind, closing := sequence, byte(']')
	if p.s[p.pos] == '{' {
		kind, closing = mapping, '}'
	}
	n := p.t.add(node{kind: kind, start: p.pos})
	p.pos++
	c := chain{parent: n}
	p.blanks()
	for entries := 0; p.s[p.pos] != closing; entries++ {
		if kind == mapping && entries > small || !p.flowEntry(n, &c) {
			return 0, false
		}
		p.blanks()
		if p.s[p.pos] == ',' {
			p.pos++
			p.blanks()
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

func (p *subset) blanks() {
	for p.s[p.pos] == ' ' {
		p.pos++
	}
}

// flowEntry reads an item, or a key with its value.
func (p *subset) flowEntry(n int, c *chain) bool {
	if p.t.nodes[n].kind == mapping {
		key, ok := p.key()
		if !ok || p.s[p.pos] != ' ' || p.doubled(n, key) {
			return false
		}
		p.t.link(c, key)
		p.blanks()
	}
	value, ok := p.flowValue()
	if ok {
		p.t.link(c, value)
	}
	return ok
}

func (p *subset) flowValue() (int, bool) {
	switch p.s[p.pos] {
	case '{', '[':
		return p.flow()
	case '"', '\'':
		return p.quoted()
	}
	return p.flowPlain()
}

// flowPlain reads a plain scalar to the next comma or closing bracket.
func (p *subset) flowPlain() (int, bool) {
	start := p.pos
	if p.s[start] == '\n' || !beginsPlain(p.s[start], p.s[start+1]) {
		return 0, false
	}
	for i := start; ; i++ {
		switch p.s[i] {
		case ',', ']', '}':
			return p.plainUntil(start, i)
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
