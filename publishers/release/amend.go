package release

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
)

// Inside the folder of an amended stage.
const (
	newDir  = "new"  // what was written, each file under a number
	treeDir = "tree" // the whole release, made by Flip
)

// An amendment is what an amended stage does to the current release.
type amendment struct {
	changes map[string]change
	written map[string]string // where new content lies, below the stage
	count   int               // of numbers given away
	fresh   map[string]bool   // files of the tree with an inode of their own
	touched map[string]bool   // folders of the tree whose entries changed
	whole   bool              // the tree is all there, and on the disk
}

// Amend begins a release as the current one: Write replaces or adds one file,
// Remove takes one away, and everything that is not mentioned stays as it is.
// What it costs follows what changes, not how much there is, as long as there
// is a spare: an old release that nobody is promised any more, which Flip
// brings up to date instead of linking every file. Spare makes one ahead of
// time.
//
// The label is Stage's. Where nothing is published yet, the stage begins
// empty. The error is ErrNoIndex where the current release cannot be relied
// on: a whole Stage repairs that. Files that are Damaged are to be written or
// removed, else Flip returns a *DamagedError. They are looked for when a
// process begins its first stage, after Check has found some, and where a
// file is mentioned; not at every file each time.
func (d *Dir) Amend(label string) (*Stage, error) {
	s, err := d.stage(label, false, &amendment{
		changes: make(map[string]change),
		written: make(map[string]string),
		fresh:   make(map[string]bool),
		touched: make(map[string]bool),
	})
	if err != nil {
		return nil, err
	}
	if s.base.Name != "" && s.known == nil {
		return nil, errors.Join(fmt.Errorf("amend release %s: %w", s.base.Name, ErrNoIndex), s.Discard())
	}
	if err := s.root.Mkdir(s.path(newDir), 0o755); err != nil {
		return nil, errors.Join(fmt.Errorf("begin stage %s: %w", label, err), s.Discard())
	}
	d.amends.Store(true)
	return s, nil
}

// Damaged lists the files of the current release that were found not to be
// what was published, sorted.
func (s *Stage) Damaged() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(s.damaged)), func(name string) bool { return !s.old.has(name) })
	return names
}

// replace is Write of an amended stage.
func (s *Stage) replace(name string, data []byte, want entry) error {
	if c, ok := s.changed(name); ok && !c.gone && c.same(want) {
		return nil
	}
	if err := s.takeBack(name); err != nil {
		return err
	}
	if old, ok := s.old.get(name); ok && old.same(want) {
		if _, ok := s.intact(name, old); ok {
			return nil
		}
		s.noteRepair()
	}
	at := s.path(path.Join(newDir, s.number()))
	when, err := s.root.create(at, data)
	if err != nil {
		return errors.Join(fmt.Errorf("stage %s: %w", name, err), removeIfThere(s.root, at))
	}
	want.mtime = when.UnixNano()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.amendment.changes[name] = change{entry: want}
	s.amendment.written[name] = at
	return nil
}

// removeOld is Remove of an amended stage.
func (s *Stage) removeOld(name string) error {
	if err := s.takeBack(name); err != nil {
		return err
	}
	if s.old.has(name) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.amendment.changes[name] = change{gone: true}
	}
	return nil
}

// takeBack forgets what was written or removed.
func (s *Stage) takeBack(name string) error {
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

func (s *Stage) changed(name string) (change, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.amendment.changes[name]
	return c, ok
}

func (s *Stage) number() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.amendment.count++
	return strconv.Itoa(s.amendment.count)
}

// unmended is a damaged file that the stage says nothing of.
func (s *Stage) unmended() error {
	for _, name := range s.Damaged() {
		if _, ok := s.changed(name); !ok {
			return &DamagedError{name}
		}
	}
	return nil
}
