package release

import (
	"errors"
	"fmt"
	"hash/maphash"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Stage is a release that is being written. Readers see nothing of it before
// Flip. Write and Keep may be called by several goroutines; Flip or Discard
// ends the stage, and Discard after Flip does nothing, so that it can be
// deferred.
type Stage struct {
	dir  *Dir
	root *folder  // of the channel's folder
	own  *folder  // of the stage's, which is shorter to go through
	lock *os.File // of the stage's folder: tells Open that we live
	name string
	full bool

	// hardlink is root.Link; a test puts a file system without links there.
	hardlink func(oldname, newname string) error

	base  Release // what was current when the stage was begun
	known *loaded // its index; nil where there is none
	old   index   // the same; empty where there is none
	// wasProven says that this process had read the files of base.
	wasProven bool
	// delta is how the stage departs from base, and next its index; Flip
	// works them out.
	delta map[string]change
	next  *loaded
	// amendment is set for a stage that begins as base.
	amendment *amendment
	// damaged are the files of base that are not what the index says.
	damaged map[string]bool
	seed    maphash.Seed
	locks   stripes // by file name
	making  stripes // by folder that is made

	life   sync.RWMutex // held for writing by Flip and Discard
	closed bool
	placed bool // something of it lies among the releases
	// waited is how long Flip waited for the disk.
	waited time.Duration

	mu       sync.Mutex
	dirs     map[string]bool // the folders made so far, "." among them
	files    map[string]entry
	fresh    map[string]bool // the files of this stage that have an inode of their own
	repaired bool            // an old file was not what its index said
	broken   error           // half a file lies in the stage and cannot be removed
}

// Stage begins a release. The label, usually the stream sequence with leading
// zeros, becomes its name, with a number behind it if a release has that name or
// had it before: a reader of a release by name must not get a later one. With
// full, no file is shared with the current release: that is how a channel is
// rebuilt whose files are in doubt.
func (d *Dir) Stage(label string, full bool) (*Stage, error) {
	return d.stage(label, full, nil)
}

func (d *Dir) stage(label string, full bool, a *amendment) (*Stage, error) {
	if err := checkLabel(label); err != nil {
		return nil, fmt.Errorf("begin stage: %w", err)
	}
	s := &Stage{
		amendment: a,

		dir:   d,
		full:  full,
		seed:  maphash.MakeSeed(),
		files: make(map[string]entry),
		fresh: make(map[string]bool),
		dirs:  map[string]bool{".": true},

		damaged: make(map[string]bool),
	}
	if err := d.locked(func(root *folder) error { return s.begin(root, label) }); err != nil {
		return nil, fmt.Errorf("begin stage %s: %w", label, err)
	}
	if err := s.loadBase(); err != nil {
		return nil, errors.Join(fmt.Errorf("begin stage %s: %w", label, err), s.Discard())
	}
	return s, nil
}

// begin makes the stage's folder and locks it, before anyone can take it for
// one that a crash left.
func (s *Stage) begin(root *folder, label string) error {
	current, _ := s.dir.Current()
	n := nextNumber(current.Name, label)
	for s.name = ""; s.name == "" || exists(root, path.Join(releasesDir, s.name)) || exists(root, path.Join(stagesDir, s.name)); n++ {
		s.name = label
		if n > 1 {
			s.name = fmt.Sprintf("%s-%d", label, n)
		}
	}
	if err := root.Mkdir(s.path("."), 0o755); err != nil {
		return err
	}
	var err error
	if s.lock, err = lockDir(filepath.Join(s.dir.path, s.path("."))); err != nil {
		return err
	}
	if s.root, err = openFolder(s.dir.path, s.dir.observe); err != nil {
		return errors.Join(err, s.lock.Close())
	}
	if s.own, err = openFolder(filepath.Join(s.dir.path, s.path(".")), s.dir.observe); err != nil {
		return errors.Join(err, s.root.Close(), s.lock.Close())
	}
	s.hardlink = s.root.Link
	return nil
}

// nextNumber returns the number of the next release with a label: the one after
// the current release's number, 1 if that has another label. The first is called
// as the label is, the nth "label-n".
func nextNumber(current, label string) int {
	if current == label {
		return 2
	}
	number, ok := strings.CutPrefix(current, label+"-")
	if n, err := strconv.Atoi(number); ok && err == nil && n > 1 {
		return n + 1
	}
	return 1
}

// loadBase reads the index of the current release, and the first time its
// files as well: a disk may have changed one without its time. What is damaged
// is written anew; without a usable index that is every file, as if there were
// no release.
func (s *Stage) loadBase() error {
	var ok bool
	if s.base, ok = s.dir.Current(); !ok {
		return nil
	}
	known, err := s.dir.shelf.load(s.base.Path)
	if err != nil {
		s.repaired = true
		return nil
	}
	s.known, s.old = known, known.index
	if s.full {
		return nil // Flip reads them
	}
	found, err := s.dir.prove(s.base, known)
	if err != nil {
		s.known, s.old = nil, index{}
	}
	s.repaired = err != nil || len(found) > 0
	s.wasProven = !s.repaired
	for _, f := range found {
		s.damaged[f.Name] = true
	}
	return nil
}

// Name is what the release will be called.
func (s *Stage) Name() string { return s.name }

// Names lists the files of the release that was current when the stage was
// begun, sorted: what Keep can carry over.
func (s *Stage) Names() []string { return s.old.names() }

// Discard removes the stage. Readers see nothing of it.
func (s *Stage) Discard() error {
	s.life.Lock()
	defer s.life.Unlock()
	if s.closed {
		return nil
	}
	return s.drop()
}

// drop removes the stage's files and gives back what it holds. Where a Flip
// failed after the release got its place, that goes too, unless readers see it.
func (s *Stage) drop() error {
	errs := []error{
		s.salvage(),
		s.root.RemoveAll(s.path(".")),
		removeIfThere(s.root, s.path(".")+indexSuffix),
		removeIfThere(s.root, s.path(".")+baseSuffix),
	}
	if now, _ := s.dir.Current(); s.placed && now.Name != s.name {
		errs = append(errs,
			removeIfThere(s.root, s.place()+indexSuffix),
			removeIfThere(s.root, s.place()+baseSuffix),
			s.root.RemoveAll(s.place()))
	}
	if err := errors.Join(append(errs, s.close())...); err != nil {
		return fmt.Errorf("discard stage %s: %w", s.name, err)
	}
	return nil
}

// close gives back what the stage holds.
func (s *Stage) close() error {
	s.closed = true
	return errors.Join(s.own.Close(), s.root.Close(), s.lock.Close())
}

// path is that of a file of the stage, below the channel's folder.
func (s *Stage) path(name string) string { return path.Join(stagesDir, s.name, name) }

// tree is where the files of the release lie, below the channel's folder.
func (s *Stage) tree() string {
	if s.amendment != nil {
		return s.path(treeDir)
	}
	return s.path(".")
}

// place is where the stage's folder goes, below the channel's folder.
func (s *Stage) place() string { return path.Join(releasesDir, s.name) }

// basePath is that of a file of the current release, below the channel's folder.
func (s *Stage) basePath(name string) string { return path.Join(releasesDir, s.base.Name, name) }

// makeDir makes a folder and those above it, each once in the life of a stage.
// Different folders are made at the same time.
func (s *Stage) makeDir(dir string) error {
	if s.made(dir) {
		return nil
	}
	if err := s.makeDir(path.Dir(dir)); err != nil {
		return err
	}
	lock := s.making.of(s.seed, dir)
	lock.Lock()
	defer lock.Unlock()
	if s.made(dir) { // by another meanwhile
		return nil
	}
	if err := s.own.Mkdir(dir, 0o755); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dirs[dir] = true
	return nil
}

func (s *Stage) made(dir string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dirs[dir]
}

// note remembers a staged file.
func (s *Stage) note(name string, e entry, fresh bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files[name] = e
	if fresh {
		s.fresh[name] = true
	} else {
		delete(s.fresh, name)
	}
}

func (s *Stage) noted(name string) (entry, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.files[name]
	return e, ok
}

// forget takes back a note, so that a file is listed only while it is whole.
func (s *Stage) forget(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.files, name)
	delete(s.fresh, name)
}

func (s *Stage) noteRepair() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.repaired = true
}

// open holds the stage open for one file: the returned function lets go.
func (s *Stage) open(name string) (func(), error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	s.life.RLock()
	if s.closed {
		s.life.RUnlock()
		return nil, &fs.PathError{Op: "stage", Path: name, Err: ErrClosed}
	}
	lock := s.locks.of(s.seed, name)
	lock.Lock()
	return func() { lock.Unlock(); s.life.RUnlock() }, nil
}

// stripes are locks that many names share.
type stripes [64]sync.Mutex

func (l *stripes) of(seed maphash.Seed, name string) *sync.Mutex {
	return &l[maphash.String(seed, name)%uint64(len(l))]
}
