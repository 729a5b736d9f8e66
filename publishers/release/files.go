package release

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"iter"
)

// Files are those of one release, by name. They never change; the zero Files
// are none.
type Files struct {
	release Release
	index   index
}

// Files returns the files of the current release. The error is fs.ErrNotExist
// where there is none, ErrNoIndex where its index cannot be read. What it
// costs follows what changed since the last time that it was asked.
func (d *Dir) Files() (Files, error) {
	for {
		r, ok := d.Current()
		if !ok {
			return Files{}, fmt.Errorf("list the files in %s: no release: %w", d.path, fs.ErrNotExist)
		}
		l, err := d.shelf.load(r.Path)
		if now, _ := d.Current(); now != r {
			continue
		}
		if err != nil {
			return Files{}, fmt.Errorf("list the files of release %s: %w", r.Path, errors.Join(ErrNoIndex, err))
		}
		d.shelf.tidy()
		return Files{r, l.index}, nil
	}
}

// Len is how many files there are.
func (f Files) Len() int { return f.index.count }

// Get tells of one file.
func (f Files) Get(name string) (File, bool) {
	e, ok := f.index.get(name)
	return e.file(), ok
}

// All tells of every file, in no order that means something.
func (f Files) All() iter.Seq2[string, File] {
	return func(yield func(string, File) bool) {
		for name, e := range f.index.all() {
			if !yield(name, e.file()) {
				return
			}
		}
	}
}

// Departs names the files that are not in both, or not the same in both, in
// no order. What it costs follows what changed.
func (f Files) Departs(since Files) iter.Seq[string] {
	return func(yield func(string) bool) {
		for name, c := range since.index.changes(f.index) {
			old, had := since.index.get(name)
			if !c.gone && had && old.same(c.entry) {
				continue // only written again
			}
			if !yield(name) {
				return
			}
		}
	}
}

// ReadFile reads a file of the release. The error is fs.ErrNotExist where the
// release has gone meanwhile, and a *DamagedError, which is one as well, where
// the file is not what was published.
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
