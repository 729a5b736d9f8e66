package release

import (
	"cmp"
	"slices"
	"strings"
)

// Kind is what is wrong with a file.
type Kind string

const (
	Changed Kind = "changed" // its content differs, or it is no regular file
	Missing Kind = "missing" // it should be there
	Extra   Kind = "extra"   // it should not be there
)

// Valid says whether k is one of the kinds.
func (k Kind) Valid() bool { return k == Changed || k == Missing || k == Extra }

// Difference is one file that is not as it should be.
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
