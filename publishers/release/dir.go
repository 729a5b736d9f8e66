package release

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"
)

const (
	currentLink = "current"
	currentTemp = "current.tmp"
	releasesDir = "releases"
	stagesDir   = "stages"
	spareDir    = "spare"

	defaultKeep = 3
)

// Dir is the folder of a channel. It is safe for use by several goroutines and
// processes: their flips are serialized, and a stage that was begun before
// another's flip is refused with ErrMoved. It holds no open files, so it needs
// no Close.
type Dir struct {
	// Keep is the number of releases kept beside the current one, for readers
	// that still use them. Set it before the first stage; 0 means 3, a negative
	// number none.
	Keep int

	// Synced is called after every flip that changed something, with the time
	// spent waiting for the disk. Set it before the first stage; it may be nil.
	Synced func(took time.Duration)

	// Before is called with a release before it goes live; Flip returns its
	// error and flips nothing. After is called when readers see the release.
	// Set them before the first stage; both may be nil.
	Before, After func(Look) error

	path      string
	observe   func(Op)
	log       indexLog
	isAmended atomic.Bool // Amend was called: an old release is kept as a spare
}

// Open creates the folder if needed, removes leftovers of a crash, such as
// stages that no running process writes, and reads indexes that an earlier
// version wrote. It never changes the current release.
func Open(dir string) (*Dir, error) { return OpenObserved(dir, nil) }

// OpenObserved is Open for tests that observe disk operations. observe is
// called after each, possibly by several goroutines at once.
func OpenObserved(dir string, observe func(Op)) (*Dir, error) {
	path, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open releases in %s: %w", dir, err)
	}
	d := &Dir{path: path, observe: observe, log: indexLog{slack: logSlack}}
	err = d.withLock(func(root *folder) error { return errors.Join(d.importIndexes(root), d.removeLeftovers(root)) })
	if err != nil {
		return nil, fmt.Errorf("open releases in %s: %w", dir, err)
	}
	return d, nil
}

// Path returns the absolute path of the folder.
func (d *Dir) Path() string { return d.path }

// Release is a release as resolved once by a reader. Its files remain unchanged
// for as many flips as Dir.Keep says.
type Release struct {
	Name string // the label of its stage, with a suffix if that was taken
	Path string // absolute, without symbolic links below the channel's folder
}

// FS returns the files of the release.
func (r Release) FS() fs.FS { return os.DirFS(r.Path) }

// Current resolves the current release. It returns false if there is none, or
// if current is not a link made by this package.
func (d *Dir) Current() (Release, bool) {
	target, err := os.Readlink(filepath.Join(d.path, currentLink))
	if err != nil {
		return Release{}, false
	}
	name, ok := strings.CutPrefix(filepath.ToSlash(target), releasesDir+"/")
	if !ok || checkLabel(name) != nil {
		return Release{}, false
	}
	return Release{Name: name, Path: filepath.Join(d.path, releasesDir, name)}, true
}

// ReadFile reads a file of the current release. The error is fs.ErrNotExist if
// there is no release or no such file, and a *DamagedError, which also is
// fs.ErrNotExist, if the file differs from the index.
func (d *Dir) ReadFile(name string) ([]byte, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	for {
		r, ok := d.Current()
		if !ok {
			return nil, &fs.PathError{Op: "read", Path: filepath.Join(d.path, currentLink, name), Err: fs.ErrNotExist}
		}
		data, err := d.readWhole(r, name)
		// A release may be removed between the two steps; then there is
		// a newer one.
		if now, _ := d.Current(); errors.Is(err, fs.ErrNotExist) && now != r {
			continue
		}
		return data, err
	}
}

// readWhole reads a file and checks it against the index, if there is one.
func (d *Dir) readWhole(r Release, name string) ([]byte, error) {
	data, err := readBelow(r.Path, name)
	if err != nil {
		return nil, err
	}
	if l, err := d.log.findRelease(d.path, r.Name); err == nil {
		if want, _ := l.index.get(name); want.sum != sha256.Sum256(data) {
			return nil, &DamagedError{name}
		}
	}
	return data, nil
}

func readBelow(dir, name string) ([]byte, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return root.ReadFile(name)
}

// withLock creates the folders and calls do under the lock that serializes
// flips, cleaning and the begin of stages among processes and goroutines.
func (d *Dir) withLock(do func(*folder) error) error {
	for _, sub := range []string{releasesDir, stagesDir} {
		if err := makeFolders(filepath.Join(d.path, sub), d.observe); err != nil {
			return err
		}
	}
	lock, err := lockDir(filepath.Join(d.path, releasesDir))
	if err != nil {
		return err
	}
	defer lock.Close()
	root, err := openFolder(d.path, d.observe)
	if err != nil {
		return err
	}
	defer root.Close()
	return do(root)
}
