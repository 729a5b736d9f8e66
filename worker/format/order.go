package format

import (
	"cmp"
	"slices"
	"strings"

	"netsync/schema"
)

// nothing is the shape of what the schema does not know.
var nothing = &schema.Shape{}

// property returns the shape of a map's value.
func property(s *schema.Shape, key string) *schema.Shape {
	return cmp.Or(s.Property(key), nothing)
}

// items returns the shape of a list's items.
func items(s *schema.Shape) *schema.Shape { return cmp.Or(s.Items, nothing) }

// sortKeys puts a map's entries in the order of the schema, keys that it does
// not know behind those, and keys that begin with x- last. Of the last two, and
// of maps whose keys are free, the author's order stays.
func sortKeys[T any](entries []T, shape *schema.Shape, name func(T) string) {
	if len(shape.Keys) == 0 {
		return
	}
	slices.SortStableFunc(entries, func(a, b T) int {
		return cmp.Compare(rank(shape, name(a)), rank(shape, name(b)))
	})
}

func rank(shape *schema.Shape, key string) int {
	if i := slices.Index(shape.Keys, key); i >= 0 {
		return i
	}
	if strings.HasPrefix(key, "x-") {
		return len(shape.Keys) + 1
	}
	return len(shape.Keys)
}
