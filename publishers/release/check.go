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

// Check reads every file of the current release and compares it with the index.
// It returns the changed, missing and extra files, sorted by name. If a flip
// happens meanwhile it starts again. The error is fs.ErrNotExist if there is no
// release, and ErrNoIndex if there is no index.
func (d *Dir) Check() ([]Difference, error) {
	for {
		r, ok := d.Current()
		if !ok {
			return nil, fmt.Errorf("check %s: no release: %w", d.path, fs.ErrNotExist)
		}
		found, err := d.checkRelease(r)
		if now, _ := d.Current(); now != r {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("check release %s: %w", r.Path, err)
		}
		return found, nil
	}
}

func (d *Dir) checkRelease(r Release) ([]Difference, error) {
	l, err := d.log.findRelease(d.path, r.Name)
	if err != nil {
		return nil, errors.Join(ErrNoIndex, err)
	}
	found, err := verifyRelease(r.Path, l.index)
	d.log.setVerified(l, err == nil && len(found) == 0) // for the next stage
	return found, err
}

// verifyOnce verifies a release unless this Dir has verified or written it
// already.
func (d *Dir) verifyOnce(r Release, l *indexed) ([]Difference, error) {
	if d.log.isVerified(l) {
		return nil, nil
	}
	found, err := verifyRelease(r.Path, l.index)
	if err == nil && len(found) == 0 {
		d.log.setVerified(l, true)
	}
	return found, err
}

// verifyRelease compares a folder with an index. A link is a difference, and is
// not followed.
func verifyRelease(dir string, x index) ([]Difference, error) {
	fsys := os.DirFS(dir)
	return x.compareFiles(fsys, func(name string, want entry) (bool, error) {
		got, err := hashFile(fsys, name)
		return err == nil && got.isSameContent(want), err
	})
}

// compareFiles compares an index with the files of a folder, and calls equal
// for each file that is in both.
func (x index) compareFiles(fsys fs.FS, equal func(name string, want entry) (bool, error)) ([]Difference, error) {
	found, err := listFiles(fsys)
	if err != nil {
		return nil, err
	}
	return findDifferences(x.sortedNames(), x.hasFile, found, func(name string) (bool, error) {
		want, _ := x.get(name)
		return equal(name, want)
	})
}

// listFiles returns all names except folders, and whether each is a regular
// file.
func listFiles(fsys fs.FS) (map[string]bool, error) {
	found := make(map[string]bool)
	err := fs.WalkDir(fsys, ".", func(name string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			found[name] = e.Type().IsRegular()
		}
		return err
	})
	return found, err
}

// findDifferences compares the expected names with those found, and calls equal
// for each regular file that is in both.
func findDifferences(want []string, wanted func(string) bool, files map[string]bool, equal func(string) (bool, error)) ([]Difference, error) {
	var (
		mu    sync.Mutex
		found []Difference
		both  []string
	)
	for _, name := range want {
		switch regular, ok := files[name]; {
		case !ok:
			found = append(found, Difference{Missing, name})
		case !regular:
			found = append(found, Difference{Changed, name})
		default:
			both = append(both, name)
		}
	}
	for name := range files {
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

// A hasher is a hash with a copy buffer. Hashers are pooled, as a release may
// have many small files.
type hasher struct {
	hash.Hash
	buffer []byte
}

var hashers = sync.Pool{New: func() any { return &hasher{sha256.New(), make([]byte, 64<<10)} }}

// hashFile returns the size and hash of a file.
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
	reader := struct{ io.Reader }{r} // hides WriterTo, which would use a buffer of its own
	var err error
	e.size, err = io.CopyBuffer(h.Hash, reader, h.buffer)
	h.Sum(e.sum[:0])
	return e, err
}
