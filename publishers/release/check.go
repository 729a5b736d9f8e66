package release

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"sync"

	"netsync/schema/shared"
)

// Check reads every file of the current release and compares it with the
// index: what was changed, removed or added since the release was made, sorted
// by name. A flip meanwhile makes it begin again. The error is
// fs.ErrNotExist where there is no release, ErrNoIndex where there is nothing
// to compare with.
func (d *Dir) Check() ([]Difference, error) {
	for {
		r, ok := d.Current()
		if !ok {
			return nil, fmt.Errorf("check %s: no release: %w", d.path, fs.ErrNotExist)
		}
		found, err := d.check(r)
		if now, _ := d.Current(); now != r {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("check release %s: %w", r.Path, err)
		}
		return found, nil
	}
}

func (d *Dir) check(r Release) ([]Difference, error) {
	l, err := d.shelf.load(r.Path)
	if err != nil {
		return nil, errors.Join(ErrNoIndex, err)
	}
	found, err := verify(r.Path, l.index)
	d.shelf.prove(l, err == nil && len(found) == 0) // so that the next stage knows it as well
	return found, err
}

// prove reads a release as Check does, unless this Dir has read or made it
// already, and tells what is not as it should be.
func (d *Dir) prove(r Release, l *loaded) ([]Difference, error) {
	if d.shelf.proven(l) {
		return nil, nil
	}
	found, err := verify(r.Path, l.index)
	if err == nil && len(found) == 0 {
		d.shelf.prove(l, true)
	}
	return found, err
}

// verify compares a folder with an index. A link in it is a difference, and
// nothing behind one is taken for a file of the release.
func verify(dir string, x index) ([]Difference, error) {
	fsys := os.DirFS(dir)
	return x.contrast(fsys, func(name string, want entry) (bool, error) {
		got, err := hashFile(fsys, name)
		return err == nil && got.same(want), err
	})
}

// contrast compares an index with the files that are there, and asks equal
// about each that is in both.
func (x index) contrast(fsys fs.FS, equal func(name string, want entry) (bool, error)) ([]Difference, error) {
	there, err := list(fsys)
	if err != nil {
		return nil, err
	}
	return contrast(x.names(), x.has, there, func(name string) (bool, error) {
		want, _ := x.get(name)
		return equal(name, want)
	})
}

// list gives the names of all that is no folder, and whether it is a regular
// file. Folders are not part of a release but by what they hold.
func list(fsys fs.FS) (map[string]bool, error) {
	there := make(map[string]bool)
	err := fs.WalkDir(fsys, ".", func(name string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			there[name] = e.Type().IsRegular()
		}
		return err
	})
	return there, err
}

// contrast compares what should be there with what is, and asks equal about
// every file that is in both.
func contrast(want []string, wanted func(string) bool, there map[string]bool, equal func(string) (bool, error)) ([]Difference, error) {
	var (
		mu    sync.Mutex
		found []Difference
		both  []string
	)
	for _, name := range want {
		switch regular, ok := there[name]; {
		case !ok:
			found = append(found, Difference{Missing, name})
		case !regular:
			found = append(found, Difference{Changed, name})
		default:
			both = append(both, name)
		}
	}
	for name := range there {
		if !wanted(name) {
			found = append(found, Difference{Extra, name})
		}
	}
	err := shared.ForEach(parallel, both, func(_ int, name string) error {
		same, err := equal(name)
		if err == nil && !same {
			mu.Lock()
			defer mu.Unlock()
			found = append(found, Difference{Changed, name})
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return sortDifferences(found), nil
}

// A hasher is used again, since a release is very many small files.
type hasher struct {
	hash.Hash
	buffer []byte
}

var hashers = sync.Pool{New: func() any { return &hasher{sha256.New(), make([]byte, 64<<10)} }}

// hashFile reads a file and gives its size and hash.
func hashFile(fsys fs.FS, name string) (entry, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return entry{}, err
	}
	defer f.Close()
	e, err := hashOf(f)
	if err != nil {
		return e, fmt.Errorf("read %s: %w", name, err)
	}
	return e, nil
}

func hashOf(r io.Reader) (entry, error) {
	var e entry
	h := hashers.Get().(*hasher)
	defer hashers.Put(h)
	h.Reset()
	reader := struct{ io.Reader }{r} // a file would have a buffer of its own
	var err error
	e.size, err = io.CopyBuffer(h.Hash, reader, h.buffer)
	h.Sum(e.sum[:0])
	return e, err
}
