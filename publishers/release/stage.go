package release

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Stage is a release that is being written. Readers do not see it before Flip.
// Write, Keep and Remove may be called concurrently. Flip or Discard ends the
// stage; Discard after Flip does nothing, so it can be deferred.
type Stage struct {
	dir  *Dir
	root *folder  // the channel's folder
	lock *os.File // on the stage's folder: tells Open that this process is running
	name string
	full bool // no file is shared with the current release

	// hardlink is root.Link; tests replace it to simulate a file system without
	// links.
	hardlink func(oldname, newname string) error

	base      Release  // the current release when the stage was begun
	baseIndex *indexed // its index; nil if there is none
	baseFiles index    // its files; empty if there is no index
	// baseVerified is set if this process had read the files of base.
	baseVerified bool
	staged       staged
	next         *indexed     // set by Flip
	tree         *treeBuilder // set by Flip

	closeMu  sync.RWMutex // locked for writing by Flip and Discard
	isClosed bool
	isPlaced bool // some of its files are in the folder of releases
	// syncTime is the time that Flip waited for the disk.
	syncTime time.Duration
}

// Folders inside a stage.
const (
	newDir  = "new"  // new content, in files named by numbers
	treeDir = "tree" // the complete release, built by Flip
)

// Stage begins a release that has no file yet. The label, usually the stream
// sequence with leading zeros, becomes its name, with a number appended if a
// release has or had that name: a reader of a release by name must not get a
// later one. With full, no file is shared with the current release, which
// rebuilds a channel whose files may be damaged.
func (d *Dir) Stage(label string, full bool) (*Stage, error) {
	return d.beginStage(label, &Stage{full: full, staged: staged{names: make(map[string]bool)}})
}

// Amend begins a release as a copy of the current one: Write replaces or adds a
// file, Remove removes one, and all other files stay as they are. The cost
// depends on the changes, not on the size of the release, as long as there is a
// spare: an old release beyond Keep, which Flip updates instead of linking
// every file. Dir.Spare creates one in advance.
//
// The label is as for Dir.Stage. If nothing is published yet, the stage begins
// empty. The error is ErrNoIndex if the current release has no usable index; a
// full Stage repairs that. Damaged files must be written or removed, else Flip
// returns a *DamagedError. Damage is detected when a process begins its first
// stage, by Check, and in the files that are written; not in every file each
// time.
func (d *Dir) Amend(label string) (*Stage, error) {
	s, err := d.beginStage(label, &Stage{})
	if err != nil {
		return nil, err
	}
	if s.base.Name != "" && s.baseIndex == nil {
		return nil, errors.Join(fmt.Errorf("amend release %s: %w", s.base.Name, ErrNoIndex), s.Discard())
	}
	d.isAmended.Store(true)
	return s, nil
}

func (d *Dir) beginStage(label string, s *Stage) (*Stage, error) {
	if err := checkLabel(label); err != nil {
		return nil, fmt.Errorf("begin stage: %w", err)
	}
	s.dir = d
	s.staged.changes, s.staged.written = make(map[string]change), make(map[string]string)
	s.staged.damaged = make(map[string]bool)
	if err := d.withLock(func(root *folder) error { return s.createFolder(root, label) }); err != nil {
		return nil, fmt.Errorf("begin stage %s: %w", label, err)
	}
	err := s.loadBase()
	if err == nil {
		err = s.root.Mkdir(s.stagePath(newDir), 0o755)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("begin stage %s: %w", label, err), s.Discard())
	}
	return s, nil
}

// createFolder creates and locks the stage's folder. The caller holds the lock
// of the channel, so no other process takes the folder for a leftover.
func (s *Stage) createFolder(root *folder, label string) error {
	current, _ := s.dir.Current()
	n := nextReleaseNumber(current.Name, label)
	for s.name = ""; s.name == "" || isTaken(root, s.name); n++ {
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
	s.hardlink = s.root.Link
	return nil
}

// isTaken reports whether a release, a stage or a spare has a name.
func isTaken(root *folder, name string) bool {
	return pathExists(root, releasePath(name)) || pathExists(root, path.Join(stagesDir, name)) || pathExists(root, path.Join(spareDir, name))
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
	loaded, err := s.dir.log.findRelease(s.dir.path, s.base.Name)
	if err != nil {
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
	s.baseVerified = err == nil && len(found) == 0
	for _, f := range found {
		s.staged.damaged[f.Name] = true
	}
	return nil
}

// Name returns the name of the release after Flip.
func (s *Stage) Name() string { return s.name }

// Names returns the files that Keep can carry over, sorted: those of the
// release that was current when the stage was begun.
func (s *Stage) Names() []string { return s.baseFiles.sortedNames() }

// Damaged returns the files of the current release that were found damaged,
// sorted.
func (s *Stage) Damaged() []string {
	s.staged.mu.Lock()
	defer s.staged.mu.Unlock()
	names := slices.Sorted(maps.Keys(s.staged.damaged))
	return slices.DeleteFunc(names, func(name string) bool { return !s.baseFiles.hasFile(name) })
}

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
	errs := []error{s.keepAsSpare(), s.root.RemoveAll(s.stagePath("."))}
	if now, _ := s.dir.Current(); s.isPlaced && now.Name != s.name {
		errs = append(errs, removeTree(s.root, releasePath(s.name)))
	}
	if err := errors.Join(append(errs, s.close())...); err != nil {
		return fmt.Errorf("discard stage %s: %w", s.name, err)
	}
	return nil
}

// close releases the stage's files and lock.
func (s *Stage) close() error {
	s.isClosed = true
	return errors.Join(s.root.Close(), s.lock.Close())
}

// stagePath returns the path of a file of the stage, relative to the channel's
// folder.
func (s *Stage) stagePath(name string) string { return path.Join(stagesDir, s.name, name) }

// treePath returns the path of a file of the release before the flip, relative
// to the channel's folder.
func (s *Stage) treePath(name string) string { return s.stagePath(path.Join(treeDir, name)) }

// releasePath returns the folder of a release, relative to the channel's folder.
func releasePath(name string) string { return path.Join(releasesDir, name) }

// basePath returns the path of a file of the current release, relative to the
// channel's folder.
func (s *Stage) basePath(name string) string { return path.Join(releasesDir, s.base.Name, name) }
