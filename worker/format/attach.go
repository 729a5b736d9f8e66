package format

import "slices"

// take gives the comments before an entry to those whom they belong to: the
// blocks that end there by their indentation, the entry before it where they
// stand close to that and apart from the next, and the entry.
func (n *node) take(e *entry, lines []line) {
	if len(n.entries) == 0 {
		n.lead = append(n.lead, lines...)
		return
	}
	last := n.entries[len(n.entries)-1]
	if last.value.spread() {
		lines = last.value.close(lines, n.column)
	}
	begun := slices.IndexFunc(lines, func(l line) bool { return l.begun })
	if begun < 0 {
		begun = len(lines)
	}
	last.foot, e.before = split(lines[:begun])
	e.before = append(slices.Clip(e.before), lines[begun:]...)
}

// close gives a block that has ended those comments behind it that are indented
// further than the block around it, which stands at a column, and returns the
// rest.
func (n *node) close(lines []line, outer int) (rest []line) {
	inside := 0
	for i, l := range lines {
		if l.empty() {
			continue
		}
		if l.begun || l.column <= outer {
			break
		}
		inside = i + 1
	}
	lines, rest = lines[:inside], lines[inside:]
	if last := n.last(); last != nil && last.spread() {
		lines = last.close(lines, n.column)
	}
	n.foot = append(n.foot, lines...)
	return rest
}

// last returns the value of the last entry, or nil.
func (n *node) last() *node {
	if len(n.entries) == 0 {
		return nil
	}
	return n.entries[len(n.entries)-1].value
}

// split parts the lines between two entries: those that follow the first
// without an empty line, and have one behind them, are the first one's.
func split(lines []line) (foot, before []line) {
	for i, l := range lines {
		if l.empty() {
			return lines[:i], lines[i:]
		}
	}
	return nil, lines
}

// splitLead parts the lines before a block's first entry: what ends with an
// empty line is about the block, the rest about the entry.
func splitLead(lines []line) (header, before []line) {
	for i := len(lines) - 1; i >= 0; i-- {
		if lines[i].empty() {
			return trimEmpty(lines[:i]), lines[i+1:]
		}
	}
	return nil, lines
}
