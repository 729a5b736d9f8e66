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

// Dir is one channel's folder. It may be used by several goroutines, and by
// several processes: their flips are serialized, and the one whose stage was
// begun before the other's flip is refused with ErrMoved. It holds nothing
// open, so there is nothing to close.
type Dir struct {
	// Keep is how many releases stay beside the current one, for readers
	// that are still at it. Set it before the first stage; 0 means 3, a
	// negative number none.
	Keep int

	// Synced, where it is set, hears of every flip that changed something
	// how long it waited for the disk. Set it before the first stage.
	Synced func(took time.Duration)

	// Before, where it is set, has a last look at a release that is about to
	// go live: an error keeps it from it, and Flip returns it. After has one
	// when readers see it. Set them before the first stage.
	Before, After func(Look) error

	path    string
	observe func(Op)
	shelf   shelf
	amends  atomic.Bool // Amend was called: an old release is worth keeping as a spare
	// abridge says whether an index may depart from its base by so many
	// bytes; a test has it do so sooner.
	abridge func(files, bytes int) bool
}

// Open creates the folder where there is none, and clears away what a crash
// left: stages that no living process writes, and releases without an index.
// The current release is never touched.
func Open(dir string) (*Dir, error) { return OpenObserved(dir, nil) }

// OpenObserved is Open for a test that wants to know what is done to the disk,
// in which order. observe is called after each step, by one goroutine at a
// time or several.
func OpenObserved(dir string, observe func(Op)) (*Dir, error) {
	path, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open releases in %s: %w", dir, err)
	}
	d := &Dir{path: path, observe: observe, abridge: abridge}
	if err := d.locked(d.clean); err != nil {
		return nil, fmt.Errorf("open releases in %s: %w", dir, err)
	}
	return d, nil
}

// Path is the absolute path of the folder.
func (d *Dir) Path() string { return d.path }

// Release is one release as a reader sees it, resolved once. Its files stay
// as they are for as many flips as Dir.Keep says.
type Release struct {
	Name string // the label it was staged with, and a suffix where that was taken
	Path string // absolute, without symbolic links below the channel's folder
}

// FS gives the files of the release.
func (r Release) FS() fs.FS { return os.DirFS(r.Path) }

// Current resolves the release that readers see now. It is false where there
// is none yet, or where current is not a link that this package made.
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

// ReadFile reads a file of the current release. The error is fs.ErrNotExist
// where there is no release, or no such file in it, and a *DamagedError, which
// is an fs.ErrNotExist as well, where it is not what was published.
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
		// a newer one to look at.
		if now, _ := d.Current(); errors.Is(err, fs.ErrNotExist) && now != r {
			continue
		}
		return data, err
	}
}

// readWhole reads a file and holds it against the index, where there is one.
func (d *Dir) readWhole(r Release, name string) ([]byte, error) {
	data, err := readBelow(r.Path, name)
	if err != nil {
		return nil, err
	}
	if l, err := d.shelf.load(r.Path); err == nil {
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

// locked makes the layout, and calls do while no other process or goroutine
// flips, cleans up, or begins a stage.
func (d *Dir) locked(do func(*folder) error) error {
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
