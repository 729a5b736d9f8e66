package format

import (
	"cmp"
	"slices"
	"strings"

	"netsync/schema"
	"netsync/worker/yaml"
)

// An entry is a key with its value, or an item of a list, which has no key.
type entry struct {
	key, value *yaml.Node
	shape      *schema.Shape // of the value
	lines      []line        // of the result
}

// start returns the offset of the key or item.
func (e *entry) start() int { return cmp.Or(e.key, e.value).Start }

// unknownShape is the shape of values that the schema does not define.
var unknownShape = &schema.Shape{}

// entriesOf returns the entries of a map or list.
func entriesOf(n *yaml.Node, shape *schema.Shape) []entry {
	var entries []entry
	if n.Mapping {
		for pair := range slices.Chunk(n.Children, 2) {
			of := cmp.Or(shape.Property(pair[0].Value), unknownShape)
			entries = append(entries, entry{key: pair[0], value: pair[1], shape: of})
		}
		return entries
	}
	for _, item := range n.Children {
		entries = append(entries, entry{value: item, shape: cmp.Or(shape.Items, unknownShape)})
	}
	return entries
}

// sortedEntries returns the entries in the order of the schema.
func sortedEntries(n *yaml.Node, shape *schema.Shape) []entry {
	entries := entriesOf(n, shape)
	sortEntries(entries, shape)
	return entries
}

// sortEntries sorts the entries of a map in the order of the schema, then unknown
// keys, then keys that begin with x-. The sort is stable, and keeps the order of
// lists and of maps with free keys.
func sortEntries(entries []entry, shape *schema.Shape) {
	slices.SortStableFunc(entries, func(a, b entry) int { return cmp.Compare(a.rankKey(shape), b.rankKey(shape)) })
}

func (e *entry) rankKey(shape *schema.Shape) int {
	if e.key == nil || len(shape.Keys) == 0 {
		return 0
	}
	if i := slices.Index(shape.Keys, e.key.Value); i >= 0 {
		return i
	}
	if strings.HasPrefix(e.key.Value, "x-") {
		return len(shape.Keys) + 1
	}
	return len(shape.Keys)
}
