package format

import (
	"slices"

	"go.yaml.in/yaml/v4"
)

// A node is a value as its author wrote it, with the comments in and around it.
type node struct {
	kind yaml.Kind // ScalarNode, MappingNode or SequenceNode
	// What follows is of a scalar only.
	text  []string // its lines, without their indentation
	value string   // what they mean
	block *header  // where it is a block of text
	plain bool     // neither quoted nor a block

	// What follows is of a map or list only.
	flow    bool // written with brackets
	column  int  // where it stands in the source, from 0
	entries []*entry
	lead    []line // before the first entry
	foot    []line // behind the last
}

// An entry is a key with its value, or an item of a list.
type entry struct {
	before  []line // above it
	key     *node  // nil of an item
	between []line // between the key and the value
	value   *node
	after   *line  // on its line
	foot    []line // below it, set off from what follows by an empty line
}

// A line is a comment with its place, or an empty line, which has no text.
type line struct {
	text   string // with its #
	column int    // from 0, in characters
	beside bool   // it stands on the line of what is before it
	begun  bool   // the entry below has begun: its hyphen stands before it
}

func (l line) empty() bool { return l.text == "" }

// collection reports whether the node has entries.
func (n *node) collection() bool { return n.kind != yaml.ScalarNode }

// spread reports whether the node has entries on lines of their own.
func (n *node) spread() bool { return n.collection() && !n.flow }

// comments returns the texts of all comments in and below a node, sorted.
func (n *node) comments() []string {
	var all []string
	n.eachLine(func(l line) {
		if !l.empty() {
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
