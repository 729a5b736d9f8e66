package yaml

// A kind is the type of a node.
type kind uint8

const (
	scalar  kind = iota // plain: it may be a number, true, false or nothing
	text                // quoted, or a block of text
	mapping             // its children are keys and values in turn
	sequence
)

// A node is one value of a file with its place. Nodes are in one slice, and refer to
// each other by their index there: a record of a hundred values costs one allocation.
type node struct {
	kind        kind
	value       string // of a scalar or text
	unsupported string // why it cannot be read: "a tag (!!str)"; "" mostly
	start, end  int    // bytes of the file
	first, next int    // child and sibling; 0 for none
}

// A tree holds the nodes of a file. The root is node 0.
type tree struct {
	data  []byte
	nodes []node
	lines lines
	// index holds the children of large nodes that were asked for.
	index map[int]children
}

// addNode adds a node and returns its index.
func (t *tree) addNode(n node) int {
	t.nodes = append(t.nodes, n)
	return len(t.nodes) - 1
}

// A chain links children to a parent, in order.
type chain struct{ parent, last int }

func (t *tree) linkChild(c *chain, child int) {
	if c.last == 0 {
		t.nodes[c.parent].first = child
	} else {
		t.nodes[c.last].next = child
	}
	c.last = child
}

// A Range is a place in a file. Lines and columns count from 1, columns in
// characters; the end is the first character after it.
type Range struct {
	Line, Column, EndLine, EndColumn int
}

// Start is the beginning of a file: the place of a problem with all of it.
var Start = Range{1, 1, 1, 1}

// rangeOf returns the place of the bytes from one offset to another.
func (t *tree) rangeOf(start, end int) Range {
	var r Range
	r.Line, r.Column = t.findPosition(start)
	r.EndLine, r.EndColumn = t.findPosition(max(start, end))
	return r
}
