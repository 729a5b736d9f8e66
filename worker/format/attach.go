package format

import "slices"

// attachLines attaches the lines before an entry: to the blocks that end there,
// by indentation, to the previous entry if they are close to it and apart from
// the next, or else to the entry.
func (n *node) attachLines(e *entry, lines []line) {
	if len(n.entries) == 0 {
		n.lead = append(n.lead, lines...)
		return
	}
	last := n.entries[len(n.entries)-1]
	if last.value.isBlock() {
		lines = last.value.attachTrailing(lines, n.column)
	}
	hyphen := slices.IndexFunc(lines, func(l line) bool { return l.afterHyphen })
	if hyphen < 0 {
		hyphen = len(lines)
	}
	last.foot, e.before = splitFoot(lines[:hyphen])
	e.before = append(slices.Clip(e.before), lines[hyphen:]...)
}

// attachTrailing attaches to a block that has ended the comments after it that
// are indented further than column outer, that of the surrounding block. It
// returns the rest.
func (n *node) attachTrailing(lines []line, outer int) (rest []line) {
	inside := 0
	for i, l := range lines {
		if l.isEmpty() {
			continue
		}
		if l.afterHyphen || l.column <= outer {
			break
		}
		inside = i + 1
	}
	lines, rest = lines[:inside], lines[inside:]
	if last := n.lastValue(); last != nil && last.isBlock() {
		lines = last.attachTrailing(lines, n.column)
	}
	n.foot = append(n.foot, lines...)
	return rest
}

// lastValue returns the value of the last entry, or nil.
func (n *node) lastValue() *node {
	if len(n.entries) == 0 {
		return nil
	}
	return n.entries[len(n.entries)-1].value
}

// splitFoot splits the lines between two entries. Lines that directly follow
// the first entry, and are followed by an empty line, belong to it.
func splitFoot(lines []line) (foot, before []line) {
	for i, l := range lines {
		if l.isEmpty() {
			return lines[:i], lines[i:]
		}
	}
	return nil, lines
}

// splitLead splits the lines before a block's first entry. Lines up to an empty
// line belong to the block, the rest to the entry.
func splitLead(lines []line) (header, before []line) {
	for i := len(lines) - 1; i >= 0; i-- {
		if lines[i].isEmpty() {
			return trimEmpty(lines[:i]), lines[i+1:]
		}
	}
	return nil, lines
}
