package release

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"sync"
	"time"
)

// A Viewer looks at a channel's folder for those who read it. It changes
// nothing there, takes no lock, and reads the index of a release once. It may
// be used by several goroutines.
type Viewer struct {
	dir   Dir // of which only the path is used
	shelf shelf

	mu   sync.Mutex
	last *View
}

// NewViewer makes a viewer of a folder, which need not be there yet.
func NewViewer(dir string) *Viewer { return &Viewer{dir: Dir{path: dir}} }

// A View is one release, and what its index says.
type View struct {
	Release
	loaded *loaded // nil where there is no index that can be read
}

// A File is what an index says of one.
type File struct {
	Sum      [sha256.Size]byte
	Size     int64
	Modified time.Time
}

func (e entry) file() File { return File{e.sum, e.size, time.Unix(0, e.mtime)} }

// Current looks at the release that readers see now. The error is
// fs.ErrNotExist where there is none.
func (v *Viewer) Current() (*View, error) {
	r, l, err := v.look()
	if err != nil {
		return nil, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.last != nil && v.last.Release == r && v.last.loaded == l {
		return v.last, nil
	}
	if v.last != nil && v.last.Release != r {
		v.shelf.forget(v.last.Path)
	}
	v.last = &View{r, l}
	return v.last, nil
}

// viewLooks is how often a release is looked for whose index went meanwhile, as
// that of one does which others have come after.
const viewLooks = 20

// look finds the current release and reads its index; nil where it has none that
// can be read, since its files are there all the same.
func (v *Viewer) look() (Release, *loaded, error) {
	for try := 1; ; try++ {
		r, ok := v.dir.Current()
		if !ok {
			return r, nil, fmt.Errorf("view %s: no release: %w", v.dir.path, fs.ErrNotExist)
		}
		l, err := v.shelf.load(r.Path)
		if err == nil {
			return r, l, nil
		}
		if now, ok := v.dir.Current(); !ok || now == r || try == viewLooks {
			return r, nil, nil
		}
	}
}

// HasIndex says whether it is known what files there are.
func (v *View) HasIndex() bool { return v.loaded != nil }

// File gives what the index says of a file; false where it does not name it.
func (v *View) File(name string) (File, bool) {
	if v.loaded == nil {
		return File{}, false
	}
	e, ok := v.loaded.index.get(name)
	return e.file(), ok
}
