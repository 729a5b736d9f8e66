package format

import (
	"slices"

	"go.yaml.in/yaml/v4"
)

// A node is a value as written, with the comments in and around it.
type node struct {
	kind yaml.Kind // ScalarNode, MappingNode or SequenceNode
	// Fields of a scalar.
	text  []string // its lines, without indentation
	value string   // decoded
	block *header  // nil unless it is a block scalar
	plain bool     // neither quoted nor a block

	// Fields of a map or list.
	flow    bool // in brackets
	column  int  // in the source, from 0
	entries []*entry
	lead    []line // before the first entry
	foot    []line // after the last
}

// An entry is a key with its value, or an item of a list.
type entry struct {
	before  []line // above it
	key     *node  // nil for an item
	between []line // between the key and the value
	value   *node
	after   *line  // on its line
	foot    []line // below it, followed by an empty line
}

// A line is a comment with its position, or an empty line, which has no text.
type line struct {
	text        string // with its #
	column      int    // from 0, in characters
	beside      bool   // on the line of the preceding value
	afterHyphen bool   // after the hyphen of the entry below
}

func (l line) isEmpty() bool { return l.text == "" }

// isCollection reports whether the node is a map or list.
func (n *node) isCollection() bool { return n.kind != yaml.ScalarNode }

// isBlock reports whether the node has entries on lines of their own.
func (n *node) isBlock() bool { return n.isCollection() && !n.flow }

// sortedComments returns the texts of all comments in and below a node, sorted.
func (n *node) sortedComments() []string {
	var all []string
	n.eachLine(func(l line) {
		if !l.isEmpty() {
			all = append(all, l.text)
		}
	})
	slices.Sort(all)
	return all
}

func (n *node) eachLine(f func(line)) {
	for _, l := range slices.Concat(n.lead, n.foot) {
		f(l)
	}
	for _, e := range n.entries {
		for _, l := range slices.Concat(e.before, e.between, e.foot) {
			f(l)
		}
		if e.after != nil {
			f(*e.after)
		}
		e.value.eachLine(f)
	}
}
