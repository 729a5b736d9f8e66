package release

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
)

// Compare compares two releases byte for byte. It returns the differences of b
// from a, sorted by name: Missing files are in a only, Extra files in b only.
// Links are not followed: anything but a folder or regular file is Changed or,
// in b only, Extra.
func Compare(a, b fs.FS) ([]Difference, error) {
	want, err := listFiles(a)
	if err != nil {
		return nil, fmt.Errorf("compare releases: %w", err)
	}
	files, err := listFiles(b)
	if err != nil {
		return nil, fmt.Errorf("compare releases: %w", err)
	}
	wanted := func(name string) bool { _, ok := want[name]; return ok }
	found, err := findDifferences(slices.Collect(maps.Keys(want)), wanted, files, func(name string) (bool, error) {
		if !want[name] {
			return false, nil
		}
		return equalFiles(a, b, name)
	})
	if err != nil {
		return nil, fmt.Errorf("compare releases: %w", err)
	}
	return found, nil
}

func equalFiles(a, b fs.FS, name string) (bool, error) {
	fa, err := a.Open(name)
	if err != nil {
		return false, err
	}
	defer fa.Close()
	fb, err := b.Open(name)
	if err != nil {
		return false, err
	}
	defer fb.Close()
	return equalReaders(fa, fb)
}

func equalReaders(a, b io.Reader) (bool, error) {
	const chunk = 32 << 10
	bufA, bufB := make([]byte, chunk), make([]byte, chunk)
	for {
		na, errA := io.ReadFull(a, bufA)
		nb, errB := io.ReadFull(b, bufB)
		if !bytes.Equal(bufA[:na], bufB[:nb]) {
			return false, errors.Join(readError(errA), readError(errB))
		}
		if errA != nil || errB != nil {
			return true, errors.Join(readError(errA), readError(errB))
		}
	}
}

// readError returns nil at the end of a file, and err otherwise.
func readError(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

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
