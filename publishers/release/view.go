package release

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"sync"
	"time"
)

// A Viewer gives read access to a channel's folder. It changes nothing, takes
// no lock, and reads the index of each release once. It is safe for concurrent
// use.
type Viewer struct {
	dir Dir // only its path and log are used

	mu   sync.Mutex
	last *View
}

// NewViewer returns a viewer of a folder, which need not exist yet.
func NewViewer(dir string) *Viewer { return &Viewer{dir: Dir{path: dir}} }

// A View is one release with its index.
type View struct {
	Release
	loaded *indexed // nil if there is no readable index
}

// A File is the index entry of a file.
type File struct {
	Sum      [sha256.Size]byte
	Size     int64
	Modified time.Time
}

func (e entry) toFile() File { return File{e.sum, e.size, time.Unix(0, e.mtime)} }

// Current returns the current release. The error is fs.ErrNotExist if there is
// none.
func (v *Viewer) Current() (*View, error) {
	r, l, err := v.loadCurrent()
	if err != nil {
		return nil, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.last != nil && v.last.Release == r && v.last.loaded == l {
		return v.last, nil
	}
	v.last = &View{r, l}
	return v.last, nil
}

// maxViewTries limits the retries if the index of the current release is
// removed while it is read, because newer releases went live.
const maxViewTries = 20

// loadCurrent returns the current release and its index, or a nil index if that
// is not readable: the files are there all the same.
func (v *Viewer) loadCurrent() (Release, *indexed, error) {
	for try := 1; ; try++ {
		r, ok := v.dir.Current()
		if !ok {
			return r, nil, fmt.Errorf("view %s: no release: %w", v.dir.path, fs.ErrNotExist)
		}
		l, err := v.dir.log.findRelease(v.dir.path, r.Name)
		if err == nil {
			return r, l, nil
		}
		if now, ok := v.dir.Current(); !ok || now == r || try == maxViewTries {
			return r, nil, nil
		}
	}
}

// HasIndex reports whether the view has an index.
func (v *View) HasIndex() bool { return v.loaded != nil }

// File returns the index entry of a file, or false if there is none.
func (v *View) File(name string) (File, bool) {
	if v.loaded == nil {
		return File{}, false
	}
	e, ok := v.loaded.index.get(name)
	return e.toFile(), ok
}
