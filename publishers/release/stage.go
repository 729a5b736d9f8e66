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

// Stage is a release that is being written. Readers do not see it before Flip.
// Write and Keep may be called concurrently. Flip or Discard ends the stage;
// Discard after Flip does nothing, so it can be deferred.
type Stage struct {
	dir    *Dir
	root   *folder  // the channel's folder
	folder *folder  // the stage's folder; paths below it are shorter to look up
	lock   *os.File // on the stage's folder: tells Open that this process is running
	name   string
	full   bool

	// hardlink is root.Link; tests replace it to simulate a file system without
	// links.
	hardlink func(oldname, newname string) error

	base      Release      // the current release when the stage was begun
	baseIndex *loadedIndex // its index; nil if there is none
	baseFiles index        // its files; empty if there is no index
	// baseVerified is set if this process had read the files of base.
	baseVerified bool
	// changes holds the differences from base, and nextIndex the new index.
	// Flip computes both.
	changes   map[string]change
	nextIndex *loadedIndex
	// amendment is set for a stage that Amend began.
	amendment *amendment
	// damaged holds the files of base that differ from its index.
	damaged   map[string]bool
	seed      maphash.Seed
	fileLocks lockStripes // by file name
	dirLocks  lockStripes // by folder

	closeMu  sync.RWMutex // locked for writing by Flip and Discard
	isClosed bool
	isPlaced bool // some of its files are in the folder of releases
	// syncTime is the time that Flip waited for the disk.
	syncTime time.Duration

	mu          sync.Mutex
	dirs        map[string]bool // created folders, including "."
	files       map[string]entry
	newFiles    map[string]bool // files of this stage with an inode of their own
	foundDamage bool            // a file of base differs from its index
	broken      error           // an incomplete file in the stage could not be removed
}

// Stage begins a release. The label, usually the stream sequence with leading
// zeros, becomes its name, with a number appended if a release has or had that
// name: a reader of a release by name must not get a later one. With full, no
// file is shared with the current release, which rebuilds a channel whose files
// may be damaged.
func (d *Dir) Stage(label string, full bool) (*Stage, error) {
	return d.beginStage(label, full, nil)
}

func (d *Dir) beginStage(label string, full bool, a *amendment) (*Stage, error) {
	if err := checkLabel(label); err != nil {
		return nil, fmt.Errorf("begin stage: %w", err)
	}
	s := &Stage{
		amendment: a,

		dir:      d,
		full:     full,
		seed:     maphash.MakeSeed(),
		files:    make(map[string]entry),
		newFiles: make(map[string]bool),
		dirs:     map[string]bool{".": true},

		damaged: make(map[string]bool),
	}
	if err := d.withLock(func(root *folder) error { return s.createFolder(root, label) }); err != nil {
		return nil, fmt.Errorf("begin stage %s: %w", label, err)
	}
	if err := s.loadBase(); err != nil {
		return nil, errors.Join(fmt.Errorf("begin stage %s: %w", label, err), s.Discard())
	}
	return s, nil
}

// createFolder creates and locks the stage's folder. The caller holds the lock
// of the channel, so no other process takes the folder for a leftover.
func (s *Stage) createFolder(root *folder, label string) error {
	current, _ := s.dir.Current()
	n := nextReleaseNumber(current.Name, label)
	for s.name = ""; s.name == "" || pathExists(root, path.Join(releasesDir, s.name)) || pathExists(root, path.Join(stagesDir, s.name)); n++ {
		s.name = label
		if n > 1 {
			s.name = fmt.Sprintf("%s-%d", label, n)
		}
	}
	if err := root.Mkdir(s.stagePath("."), 0o755); err != nil {
		return err
	}
	var err error
	if s.lock, err = lockDir(filepath.Join(s.dir.path, s.stagePath("."))); err != nil {
		return err
	}
	if s.root, err = openFolder(s.dir.path, s.dir.observe); err != nil {
		return errors.Join(err, s.lock.Close())
	}
	if s.folder, err = openFolder(filepath.Join(s.dir.path, s.stagePath(".")), s.dir.observe); err != nil {
		return errors.Join(err, s.root.Close(), s.lock.Close())
	}
	s.hardlink = s.root.Link
	return nil
}

// nextReleaseNumber returns the number of the next release with a label: one
// more than the current release's, or 1 if that has another label. The first is
// named as the label, the nth "label-n".
func nextReleaseNumber(current, label string) int {
	if current == label {
		return 2
	}
	number, ok := strings.CutPrefix(current, label+"-")
	if n, err := strconv.Atoi(number); ok && err == nil && n > 1 {
		return n + 1
	}
	return 1
}

// loadBase reads the index of the current release and, the first time, verifies
// its files: a disk may have changed one without its modification time. Damaged
// files are written again, and all files are if there is no usable index.
func (s *Stage) loadBase() error {
	var ok bool
	if s.base, ok = s.dir.Current(); !ok {
		return nil
	}
	loaded, err := s.dir.indexes.load(s.base.Path)
	if err != nil {
		s.foundDamage = true
		return nil
	}
	s.baseIndex, s.baseFiles = loaded, loaded.index
	if s.full {
		return nil // Flip verifies them
	}
	found, err := s.dir.verifyOnce(s.base, loaded)
	if err != nil {
		s.baseIndex, s.baseFiles = nil, index{}
	}
	s.foundDamage = err != nil || len(found) > 0
	s.baseVerified = !s.foundDamage
	for _, f := range found {
		s.damaged[f.Name] = true
	}
	return nil
}

// Name returns the name of the release after Flip.
func (s *Stage) Name() string { return s.name }

// Names returns the files that Keep can carry over, sorted: those of the
// release that was current when the stage was begun.
func (s *Stage) Names() []string { return s.baseFiles.sortedNames() }

// Discard removes the stage, which readers never saw.
func (s *Stage) Discard() error {
	s.closeMu.Lock()
	defer s.closeMu.Unlock()
	if s.isClosed {
		return nil
	}
	return s.discardStage()
}

// discardStage removes the stage's files and closes it. If Flip failed after it
// placed the release, that is removed, too, unless it is current.
func (s *Stage) discardStage() error {
	errs := []error{
		s.keepAsSpare(),
		s.root.RemoveAll(s.stagePath(".")),
		removeIfExists(s.root, s.stagePath(".")+indexSuffix),
		removeIfExists(s.root, s.stagePath(".")+baseSuffix),
	}
	if now, _ := s.dir.Current(); s.isPlaced && now.Name != s.name {
		errs = append(errs,
			removeIfExists(s.root, s.releasePath()+indexSuffix),
			removeIfExists(s.root, s.releasePath()+baseSuffix),
			s.root.RemoveAll(s.releasePath()))
	}
	if err := errors.Join(append(errs, s.close())...); err != nil {
		return fmt.Errorf("discard stage %s: %w", s.name, err)
	}
	return nil
}

// close releases the stage's files and lock.
func (s *Stage) close() error {
	s.isClosed = true
	return errors.Join(s.folder.Close(), s.root.Close(), s.lock.Close())
}

// stagePath returns the path of a file of the stage, relative to the channel's
// folder.
func (s *Stage) stagePath(name string) string { return path.Join(stagesDir, s.name, name) }

// treePath returns the folder of the release's files before the flip, relative
// to the channel's folder.
func (s *Stage) treePath() string {
	if s.amendment != nil {
		return s.stagePath(treeDir)
	}
	return s.stagePath(".")
}

// releasePath returns the folder of the release after the flip, relative to the
// channel's folder.
func (s *Stage) releasePath() string { return path.Join(releasesDir, s.name) }

// basePath returns the path of a file of the current release, relative to the
// channel's folder.
func (s *Stage) basePath(name string) string { return path.Join(releasesDir, s.base.Name, name) }

// makeDir creates a folder and its parents, each once in the life of a stage.
// It may be called concurrently.
func (s *Stage) makeDir(dir string) error {
	if s.hasDir(dir) {
		return nil
	}
	if err := s.makeDir(path.Dir(dir)); err != nil {
		return err
	}
	lock := s.dirLocks.lockFor(s.seed, dir)
	lock.Lock()
	defer lock.Unlock()
	if s.hasDir(dir) { // created meanwhile
		return nil
	}
	if err := s.folder.Mkdir(dir, 0o755); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dirs[dir] = true
	return nil
}

func (s *Stage) hasDir(dir string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dirs[dir]
}

// addFile records a staged file.
func (s *Stage) addFile(name string, e entry, fresh bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files[name] = e
	if fresh {
		s.newFiles[name] = true
	} else {
		delete(s.newFiles, name)
	}
}

func (s *Stage) stagedFile(name string) (entry, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.files[name]
	return e, ok
}

// forgetFile removes the record of a file, so that only complete files are
// recorded.
func (s *Stage) forgetFile(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.files, name)
	delete(s.newFiles, name)
}

func (s *Stage) recordDamage() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.foundDamage = true
}

// open locks one file of the open stage; the returned function unlocks it.
func (s *Stage) open(name string) (func(), error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	s.closeMu.RLock()
	if s.isClosed {
		s.closeMu.RUnlock()
		return nil, &fs.PathError{Op: "stage", Path: name, Err: ErrClosed}
	}
	lock := s.fileLocks.lockFor(s.seed, name)
	lock.Lock()
	return func() { lock.Unlock(); s.closeMu.RUnlock() }, nil
}

// lockStripes are locks shared by many names.
type lockStripes [64]sync.Mutex

func (s *lockStripes) lockFor(seed maphash.Seed, name string) *sync.Mutex {
	return &s[maphash.String(seed, name)%uint64(len(s))]
}
