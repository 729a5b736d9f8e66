package yaml

// A kind is what a node is.
type kind uint8

const (
	scalar  kind = iota // plain: it may be a number, true, false or nothing
	text                // quoted or a block: always a text
	mapping             // its children are keys and values in turn
	sequence
)

// A node is one value of a file, and where it stands. Nodes lie in one slice,
// and name each other by their index there: a record of a hundred values costs
// one allocation.
type node struct {
	kind        kind
	value       string // of a scalar or text
	refused     string // why it cannot be read: "a tag (!!str)"; "" mostly
	start, end  int    // bytes of the file
	first, next int    // child and sibling; 0 for none
}

// A tree holds the nodes of a file. The root is node 0.
type tree struct {
	data  []byte
	nodes []node
	lines lines
	// indexed holds the children of large nodes that were asked for.
	indexed map[int]children
}

// add adds a node and returns its index.
func (t *tree) add(n node) int {
	t.nodes = append(t.nodes, n)
	return len(t.nodes) - 1
}

// A chain links children to a parent, in order.
type chain struct{ parent, last int }

func (t *tree) link(c *chain, child int) {
	if c.last == 0 {
		t.nodes[c.parent].first = child
	} else {
		t.nodes[c.last].next = child
	}
	c.last = child
}

// A Range is a place in a file. Lines and columns count from 1, columns in
// characters; the end is the first character that does not belong to it.
type Range struct {
	Line, Column, EndLine, EndColumn int
}

// Start is where a file begins: the place of what is wrong with all of it.
var Start = Range{1, 1, 1, 1}

// span gives the place of the bytes from one offset to another.
func (t *tree) span(start, end int) Range {
	var r Range
	r.Line, r.Column = t.position(start)
	r.EndLine, r.EndColumn = t.position(max(start, end))
	return r
}
