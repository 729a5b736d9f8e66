package release

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"netsync/schema/failpoint"
	"netsync/schema/shared"
)

// step is one of the things that Flip does, in order. A crash after any of
// them leaves the old release or the new one, and what Open clears away.
type step struct {
	name string
	do   func() error
}

// Flip makes the stage the current release: everything new is brought to the
// disk and read back, then current changes in one step. It reports whether
// current changed: a stage that equals the current release (the same names
// and content) is dropped instead. A full stage is compared with what lies on
// the disk, so that it repairs what no index shows.
//
// The stage is over in any case. An error with changed false means that
// readers see the old release. An error with changed true means that they see
// the new one, but that its link may not survive a power failure, or that
// old releases are still there.
func (s *Stage) Flip() (changed bool, err error) {
	s.life.Lock()
	defer s.life.Unlock()
	if s.closed {
		return false, fmt.Errorf("flip stage %s: %w", s.name, ErrClosed)
	}
	same, err := s.same()
	if same {
		return false, s.drop()
	}
	if err == nil {
		err = runSteps(s.prepare())
	}
	if err == nil {
		err = s.look(s.dir.Before, s.tree())
	}
	if err == nil {
		err = s.dir.locked(func(*folder) error { return runSteps(s.swap()) })
	}
	now, _ := s.dir.Current()
	changed = now.Name == s.name
	if err == nil {
		err = s.look(s.dir.After, s.place())
	}
	if err == nil && s.amendment != nil {
		err = s.root.RemoveAll(s.path(".")) // the rest of it
	}
	if err != nil {
		return changed, errors.Join(fmt.Errorf("flip stage %s: %w", s.name, err), s.drop())
	}
	s.dir.shelf.remember(filepath.Join(s.dir.path, s.place()), s.next)
	if s.dir.Synced != nil {
		s.dir.Synced(s.waited)
	}
	return changed, s.close()
}

// timed adds the time of a step that waits for the disk to the stage's.
func (s *Stage) timed(do func() error) func() error {
	return func() error {
		began := time.Now()
		defer func() { s.waited += time.Since(began) }()
		return do()
	}
}

func runSteps(steps []step) error {
	for _, st := range steps {
		err := failpoint.Hit("release: " + st.name)
		if err == nil {
			err = st.do()
		}
		if err != nil {
			return fmt.Errorf("%s: %w", st.name, err)
		}
	}
	return nil
}

// same says whether the stage equals the current release.
func (s *Stage) same() (bool, error) {
	if s.base.Name == "" || s.repaired || s.broken != nil || !s.unchanged() {
		return false, nil
	}
	if err := s.unmoved(); err != nil {
		return false, err
	}
	if !s.full {
		return true, nil
	}
	found, err := verify(s.base.Path, s.old)
	// A release that cannot be read is replaced, not kept.
	return err == nil && len(found) == 0, nil
}

// unchanged says whether the stage has the names and the content of the
// current release.
func (s *Stage) unchanged() bool {
	if s.amendment != nil {
		return len(s.amendment.changes) == 0
	}
	if len(s.files) != s.old.count {
		return false
	}
	for name, e := range s.files {
		if old, ok := s.old.get(name); !ok || !old.same(e) {
			return false
		}
	}
	return true
}

// settle works out how the stage departs from the current release, and its
// index.
func (s *Stage) settle() {
	if s.delta = s.departs(); s.amendment != nil {
		s.delta = s.amendment.changes
	}
	s.next = &loaded{index: s.old.with(maps.All(s.delta)), proven: s.trusted()}
}

// departs tells how a stage departs that lists all that it holds.
func (s *Stage) departs() map[string]change {
	delta := make(map[string]change)
	for name, e := range s.files {
		if old, ok := s.old.get(name); !ok || old != e {
			delta[name] = change{entry: e}
		}
	}
	if len(s.files)-len(delta) == s.old.count {
		return delta
	}
	for name := range s.old.all() {
		if _, ok := s.files[name]; !ok {
			delta[name] = change{gone: true}
		}
	}
	return delta
}

// trusted says whether what the stage does not mention is what it should be,
// as far as this process has read it.
func (s *Stage) trusted() bool {
	return s.amendment == nil || s.known == nil || !s.wasProven || s.dir.shelf.proven(s.known)
}

// prepare is done while others may flip: nothing of it can be seen.
func (s *Stage) prepare() []step {
	return []step{
		{"assemble", s.whole},
		{"sync", s.secure},
		{"write index", s.timed(s.seal)},
	}
}

// whole makes the stage whole.
func (s *Stage) whole() error {
	if s.settle(); s.amendment == nil {
		return nil
	}
	return s.assemble()
}

// secure brings the stage to the disk and reads it back. They are done at the
// same time, since one waits and the other does not: what was just written is
// read from memory either way, and what cannot be written is for the sync to
// tell.
func (s *Stage) secure() error {
	var reading sync.WaitGroup
	var different error
	reading.Go(func() { different = s.readBack() })
	err := s.timed(s.sync)()
	reading.Wait()
	return errors.Join(err, different)
}

// swap is done under the folder's lock. The index goes first, because a
// release without one is taken for garbage.
func (s *Stage) swap() []step {
	return []step{
		{"compare current", s.unmoved},
		{"place index", func() error {
			s.placed = true
			return s.placeIndex()
		}},
		{"place files", func() error { return s.root.Rename(s.tree(), s.place()) }},
		{"sync folders", s.timed(func() error {
			return errors.Join(s.root.sync(stagesDir), s.root.sync(releasesDir))
		})},
		{"make link", func() error { return s.dir.makeLink(s.root, s.place()) }},
		{"change current", func() error { return s.root.Rename(currentTemp, currentLink) }},
		{"sync link", s.timed(func() error { return s.root.sync(".") })},
		{"read link back", func() error { return s.dir.readLink(s.name) }},
		{"remove old releases", func() error { return s.dir.prune(s.root) }},
	}
}

// fileAt is where a file of the release lies before the flip, below the
// channel's folder.
func (s *Stage) fileAt(name string) string { return path.Join(s.tree(), name) }

// news lists the files that have an inode of their own, and the folders whose
// entries are new.
func (s *Stage) news() (files, dirs []string) {
	if a := s.amendment; a != nil {
		return slices.Sorted(maps.Keys(a.fresh)), slices.Sorted(maps.Keys(a.touched))
	}
	return slices.Sorted(maps.Keys(s.fresh)), slices.Sorted(maps.Keys(s.dirs))
}

// sync brings the new files and folders to the disk; a folder after what it
// holds. Linked files went there with their own release.
func (s *Stage) sync() error {
	files, dirs := s.news()
	one := func(_ int, name string) error { return s.root.sync(s.fileAt(name)) }
	err := s.broken
	if err != nil {
		return err
	}
	done := false
	if len(files)+len(dirs) > syncAllAbove {
		done, err = s.root.syncAll(s.lock)
	}
	if !done {
		if err = shared.ForEach(parallel, files, one); err == nil {
			err = shared.ForEach(parallel, dirs, one)
		}
	}
	if err == nil && s.amendment != nil {
		s.amendment.whole = true
	}
	return err
}

// readBack hashes what was written.
func (s *Stage) readBack() error {
	files, _ := s.news()
	return shared.ForEach(parallel, files, func(_ int, name string) error {
		got, err := s.root.hash(s.fileAt(name))
		if want, _ := s.next.index.get(name); err == nil && !got.same(want) {
			err = &ReadBackError{name}
		}
		return err
	})
}

// unmoved sees to it that nobody's newer release is replaced by an older one.
func (s *Stage) unmoved() error {
	if now, _ := s.dir.Current(); now != s.base {
		return ErrMoved
	}
	return nil
}

// makeLink makes the symbolic link beside the one that it is to replace.
func (d *Dir) makeLink(root *folder, place string) error {
	if info, err := root.Lstat(currentLink); err == nil && info.Mode().Type() != fs.ModeSymlink {
		return fmt.Errorf("%s is not a symbolic link; move it away", filepath.Join(d.path, currentLink))
	}
	if err := removeIfThere(root, currentTemp); err != nil {
		return err
	}
	return root.Symlink(place, currentTemp)
}

func (d *Dir) readLink(name string) error {
	if now, ok := d.Current(); !ok || now.Name != name {
		return &ReadBackError{currentLink}
	}
	return nil
}
