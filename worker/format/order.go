package format

import (
	"cmp"
	"slices"
	"strings"

	"netsync/schema"
)

// unknownShape is the shape of values that the schema does not define.
var unknownShape = &schema.Shape{}

// propertyShape returns the shape of a map's value.
func propertyShape(s *schema.Shape, key string) *schema.Shape {
	return cmp.Or(s.Property(key), unknownShape)
}

// itemShape returns the shape of a list's items.
func itemShape(s *schema.Shape) *schema.Shape { return cmp.Or(s.Items, unknownShape) }

// sortKeys sorts a map's entries in the order of the schema, then unknown keys,
// then keys that begin with x-. The sort is stable, and keeps the order of maps
// with free keys.
func sortKeys[T any](entries []T, shape *schema.Shape, name func(T) string) {
	if len(shape.Keys) == 0 {
		return
	}
	slices.SortStableFunc(entries, func(a, b T) int {
		return cmp.Compare(keyRank(shape, name(a)), keyRank(shape, name(b)))
	})
}

func keyRank(shape *schema.Shape, key string) int {
	if i := slices.Index(shape.Keys, key); i >= 0 {
		return i
	}
	if strings.HasPrefix(key, "x-") {
		return len(shape.Keys) + 1
	}
	return len(shape.Keys)
}
