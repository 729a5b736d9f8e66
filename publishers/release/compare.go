package release

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
)

// Compare holds two releases against each other byte for byte and tells how b
// departs from a, sorted by name: Missing is in a only, Extra in b only.
// Nothing is followed: what is neither a folder nor a regular file in b is
// Changed or Extra, in a it is taken as if it were changed.
func Compare(a, b fs.FS) ([]Difference, error) {
	want, err := list(a)
	if err != nil {
		return nil, fmt.Errorf("compare releases: %w", err)
	}
	there, err := list(b)
	if err != nil {
		return nil, fmt.Errorf("compare releases: %w", err)
	}
	wanted := func(name string) bool { _, ok := want[name]; return ok }
	found, err := contrast(slices.Collect(maps.Keys(want)), wanted, there, func(name string) (bool, error) {
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

// readError is nil for the end of a file.
func readError(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}
