package release

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"time"
)

// Write puts a file into the stage; of two writes of one name the last holds.
// Content that the current release has under that name is not written again
// but linked, which the index tells without reading the old file. The name is
// slash-separated and local to the release, else the error is a *NameError.
// Nothing is durable before Flip. After an error the file is not in the stage.
func (s *Stage) Write(name string, data []byte) error {
	done, err := s.open(name)
	if err != nil {
		return err
	}
	defer done()
	want := entry{sum: sha256.Sum256(data), size: int64(len(data))}
	if s.amendment != nil {
		return s.replace(name, data, want)
	}
	if have, ok := s.noted(name); ok && have.same(want) {
		return nil
	}
	if err := s.makeRoom(name); err != nil {
		return fmt.Errorf("stage %s: %w", name, err)
	}
	old, ok := s.old.get(name)
	if !ok || s.full || !old.same(want) {
		return s.create(name, data, want)
	}
	err = s.link(name, old)
	var damaged *DamagedError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &damaged):
		return s.create(name, data, want)
	default: // no links to be had: a copy looks the same
		if err := s.create(name, data, want); err != nil {
			return err
		}
		return s.keepTime(name, old)
	}
}

// Keep carries a file of the current release over without its data being
// given; in an amended stage it takes a change back. The error is fs.ErrNotExist
// where the current release has no such file, and a *DamagedError where its
// content is not what was published.
func (s *Stage) Keep(name string) error {
	done, err := s.open(name)
	if err != nil {
		return err
	}
	defer done()
	old, ok := s.old.get(name)
	if !ok {
		return &fs.PathError{Op: "keep", Path: name, Err: fs.ErrNotExist}
	}
	if s.amendment != nil {
		return s.takeBack(name)
	}
	if have, ok := s.noted(name); ok && have.same(old) {
		return nil
	}
	if err := s.makeRoom(name); err != nil {
		return fmt.Errorf("stage %s: %w", name, err)
	}
	if !s.full {
		err := s.link(name, old)
		var damaged *DamagedError
		if err == nil || errors.As(err, &damaged) {
			return err
		}
	}
	return s.copy(name, old)
}

// Remove takes a file out of the stage; one that is not in it is no error.
func (s *Stage) Remove(name string) error {
	done, err := s.open(name)
	if err != nil {
		return err
	}
	defer done()
	if s.amendment != nil {
		return s.removeOld(name)
	}
	if _, ok := s.noted(name); !ok {
		return nil
	}
	s.forget(name)
	if err := s.remove(name); err != nil {
		return fmt.Errorf("stage %s: %w", name, err)
	}
	return nil
}

// makeRoom sees to the folders above a file, and removes an earlier version
// of it. That may share its inode with the current release, so it must never
// be opened for writing.
func (s *Stage) makeRoom(name string) error {
	if _, ok := s.noted(name); ok {
		s.forget(name)
		return s.remove(name)
	}
	return s.makeDir(path.Dir(name))
}

// link gives the current release's file a second name in the stage. An error
// that is no *DamagedError says that links are not to be had here.
func (s *Stage) link(name string, old entry) error {
	mtime, ok := s.intact(name, old)
	if !ok {
		s.noteRepair()
		return &DamagedError{name}
	}
	if err := s.hardlink(s.basePath(name), s.path(name)); err != nil {
		return err
	}
	old.mtime = mtime
	s.note(name, old, false)
	return nil
}

// intact says whether a file of the current release is what the index
// promises, and when it was modified. Size and time settle it as a rule. A
// file with another time was touched or restored, so its content decides.
func (s *Stage) intact(name string, old entry) (mtime int64, ok bool) {
	if s.damaged[name] {
		return 0, false
	}
	info, err := s.root.Lstat(s.basePath(name))
	if err != nil || !info.Mode().IsRegular() || info.Size() != old.size {
		return 0, false
	}
	mtime = info.ModTime().UnixNano()
	if mtime == old.mtime {
		return mtime, true
	}
	now, err := hashFile(s.root.FS(), s.basePath(name))
	return mtime, err == nil && now.same(old)
}

// copy reads a file of the current release and writes it into the stage.
func (s *Stage) copy(name string, old entry) error {
	data, err := s.root.ReadFile(s.basePath(name))
	if err != nil || sha256.Sum256(data) != old.sum {
		s.noteRepair()
		return errors.Join(&DamagedError{name}, err)
	}
	if err := s.create(name, data, old); err != nil {
		return err
	}
	if s.full {
		return nil
	}
	return s.keepTime(name, old)
}

// create writes a file that is not there yet, and leaves none behind when
// that fails.
func (s *Stage) create(name string, data []byte, e entry) error {
	when, err := s.own.create(name, data)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("stage %s: %w", name, err)
	}
	if err != nil {
		err = fmt.Errorf("stage %s: %w", name, err)
		if exists(s.own, name) {
			err = errors.Join(err, s.remove(name))
		}
		return err
	}
	e.mtime = when.UnixNano()
	s.note(name, e, true)
	return nil
}

// keepTime gives a copy the time that a link would have had.
func (s *Stage) keepTime(name string, old entry) error {
	when := time.Unix(0, old.mtime)
	if err := s.own.Chtimes(name, when, when); err != nil {
		s.forget(name)
		return errors.Join(fmt.Errorf("stage %s: %w", name, err), s.remove(name))
	}
	s.note(name, old, true)
	return nil
}

// remove takes a file out of the stage. A stage that it fails in holds a file
// that its index does not list, and must not go live.
func (s *Stage) remove(name string) error {
	err := s.own.Remove(name)
	if err != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.broken = errors.Join(s.broken, err)
	}
	return err
}
