package release

import (
	"cmp"
	"slices"
	"strings"
)

// Kind is the kind of a difference.
type Kind string

const (
	Changed Kind = "changed" // its content differs, or it is not a regular file
	Missing Kind = "missing" // it is expected but not there
	Extra   Kind = "extra"   // it is there but not expected
)

// Valid reports whether k is one of the kinds.
func (k Kind) Valid() bool { return k == Changed || k == Missing || k == Extra }

// Difference is a file that differs from what is expected.
type Difference struct {
	Kind Kind
	Name string // slash-separated, below the release
}

func (d Difference) String() string { return string(d.Kind) + " " + d.Name }

func sortDifferences(found []Difference) []Difference {
	slices.SortFunc(found, func(a, b Difference) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), cmp.Compare(a.Kind, b.Kind))
	})
	return found
}
