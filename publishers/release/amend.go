package release

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
)

// Folders inside an amended stage.
const (
	newDir  = "new"  // new content, in files named by numbers
	treeDir = "tree" // the complete release, built by Flip
)

// An amendment holds the changes of an amended stage.
type amendment struct {
	changes     map[string]change
	written     map[string]string // paths of new content, relative to the channel's folder
	lastNumber  int               // of the files in newDir
	newFiles    map[string]bool   // files of the tree with an inode of their own
	changedDirs map[string]bool   // folders of the tree with changed entries
	isSynced    bool              // the tree is complete and on the disk
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
	s, err := d.beginStage(label, false, &amendment{
		changes:     make(map[string]change),
		written:     make(map[string]string),
		newFiles:    make(map[string]bool),
		changedDirs: make(map[string]bool),
	})
	if err != nil {
		return nil, err
	}
	if s.base.Name != "" && s.baseIndex == nil {
		return nil, errors.Join(fmt.Errorf("amend release %s: %w", s.base.Name, ErrNoIndex), s.Discard())
	}
	if err := s.root.Mkdir(s.stagePath(newDir), 0o755); err != nil {
		return nil, errors.Join(fmt.Errorf("begin stage %s: %w", label, err), s.Discard())
	}
	d.isAmended.Store(true)
	return s, nil
}

// Damaged returns the files of the current release that were found damaged,
// sorted.
func (s *Stage) Damaged() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(s.damaged)), func(name string) bool { return !s.baseFiles.hasFile(name) })
	return names
}

// amendFile is Write of an amended stage.
func (s *Stage) amendFile(name string, data []byte, want entry) error {
	if c, ok := s.amendedEntry(name); ok && !c.removed && c.isSameContent(want) {
		return nil
	}
	if err := s.revertChange(name); err != nil {
		return err
	}
	if old, ok := s.baseFiles.get(name); ok && old.isSameContent(want) {
		if _, ok := s.checkIntact(name, old); ok {
			return nil
		}
		s.recordDamage()
	}
	at := s.stagePath(path.Join(newDir, s.newFileNumber()))
	when, err := s.root.create(at, data)
	if err != nil {
		return errors.Join(fmt.Errorf("stage %s: %w", name, err), removeIfExists(s.root, at))
	}
	want.mtime = when.UnixNano()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.amendment.changes[name] = change{entry: want}
	s.amendment.written[name] = at
	return nil
}

// amendRemoval is Remove of an amended stage.
func (s *Stage) amendRemoval(name string) error {
	if err := s.revertChange(name); err != nil {
		return err
	}
	if s.baseFiles.hasFile(name) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.amendment.changes[name] = change{removed: true}
	}
	return nil
}

// revertChange discards the change of a file.
func (s *Stage) revertChange(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, ok := s.amendment.written[name]
	delete(s.amendment.written, name)
	delete(s.amendment.changes, name)
	if !ok {
		return nil
	}
	if err := s.root.Remove(at); err != nil {
		return fmt.Errorf("stage %s: %w", name, err)
	}
	return nil
}

func (s *Stage) amendedEntry(name string) (change, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.amendment.changes[name]
	return c, ok
}

func (s *Stage) newFileNumber() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.amendment.lastNumber++
	return strconv.Itoa(s.amendment.lastNumber)
}

// checkDamage returns an error for a damaged file that the stage does not
// change.
func (s *Stage) checkDamage() error {
	for _, name := range s.Damaged() {
		if _, ok := s.amendedEntry(name); !ok {
			return &DamagedError{name}
		}
	}
	return nil
}
