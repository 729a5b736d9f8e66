package release

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"iter"
)

// Files lists the files of one release. It never changes. The zero Files is
// empty.
type Files struct {
	release Release
	index   index
}

// Files returns the files of the current release. The error is fs.ErrNotExist
// if there is none, and ErrNoIndex if its index cannot be read. The cost
// depends on what changed since the last call.
func (d *Dir) Files() (Files, error) {
	for {
		r, ok := d.Current()
		if !ok {
			return Files{}, fmt.Errorf("list the files in %s: no release: %w", d.path, fs.ErrNotExist)
		}
		l, err := d.log.findRelease(d.path, r.Name)
		if now, _ := d.Current(); now != r {
			continue
		}
		if err != nil {
			return Files{}, fmt.Errorf("list the files of release %s: %w", r.Path, errors.Join(ErrNoIndex, err))
		}
		return Files{r, l.index}, nil
	}
}

// Len returns the number of files.
func (f Files) Len() int { return f.index.count }

// Get returns the index entry of a file.
func (f Files) Get(name string) (File, bool) {
	e, ok := f.index.get(name)
	return e.toFile(), ok
}

// All iterates over the files in undefined order.
func (f Files) All() iter.Seq2[string, File] {
	return func(yield func(string, File) bool) {
		for name, e := range f.index.allFiles() {
			if !yield(name, e.toFile()) {
				return
			}
		}
	}
}

// ChangedSince iterates over the names of the files that differ between f and since,
// in undefined order. The cost depends on the number of changes.
func (f Files) ChangedSince(since Files) iter.Seq[string] {
	return func(yield func(string) bool) {
		for name, c := range since.index.changesTo(f.index) {
			old, had := since.index.get(name)
			if !c.removed && had && old.isSameContent(c.entry) {
				continue // rewritten with the same content
			}
			if !yield(name) {
				return
			}
		}
	}
}

// ReadFile reads a file of the release. The error is fs.ErrNotExist if the
// release was removed meanwhile, and a *DamagedError, which also is
// fs.ErrNotExist, if the file differs from the index.
func (f Files) ReadFile(name string) ([]byte, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	data, err := readBelow(f.release.Path, name)
	if err != nil {
		return nil, err
	}
	if want, ok := f.index.get(name); !ok || want.sum != sha256.Sum256(data) {
		return nil, &DamagedError{name}
	}
	return data, nil
}
