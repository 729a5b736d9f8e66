package yaml

import "iter"

// A Node is a value of a file as it is written there.
type Node struct {
	Value      string // of a scalar
	Start, End int    // offsets; blanks at the end of a block of text are after it
	// Mapping and Sequence are false for a scalar.
	Mapping, Sequence bool
	Flow              bool    // in brackets, or in a collection that is
	Children          []*Node // the keys and values in turn, or the items
}

// IsCollection reports whether the value is a map or list.
func (n *Node) IsCollection() bool { return n.Mapping || n.Sequence }

// Root returns the value of a file without problems.
func (d *Document) Root() *Node { return d.tree.exportNode(0, false) }

// exportNode returns a node and those below it. flow is set below a flow collection.
func (t *tree) exportNode(i int, flow bool) *Node {
	from := &t.nodes[i]
	n := &Node{Value: from.value, Start: from.start, End: from.end}
	n.Mapping, n.Sequence = from.kind == mapping, from.kind == sequence
	if !n.IsCollection() {
		return n
	}
	bracketed := t.data[n.Start] == '{' || t.data[n.Start] == '['
	n.Flow = flow || bracketed
	for c := from.first; c != 0; c = t.nodes[c].next {
		n.Children = append(n.Children, t.exportNode(c, n.Flow))
	}
	if n.Flow && !bracketed { // a single key in a list
		n.End = n.Children[len(n.Children)-1].End
	}
	return n
}

// All yields a node and those below it, in the order of the file.
func (n *Node) All() iter.Seq[*Node] { return func(yield func(*Node) bool) { n.visitNodes(yield) } }

func (n *Node) visitNodes(yield func(*Node) bool) bool {
	if !yield(n) {
		return false
	}
	for _, child := range n.Children {
		if !child.visitNodes(yield) {
			return false
		}
	}
	return true
}
