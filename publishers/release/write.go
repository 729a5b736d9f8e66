package release

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"time"
)

// Write puts a file into the stage. The last write of a name wins. If the
// current release has the same content under that name, according to its index,
// the file is linked instead of written. The name is slash-separated and local
// to the release, else the error is a *NameError. Nothing is durable before
// Flip. After an error the file is not in the stage.
func (s *Stage) Write(name string, data []byte) error {
	done, err := s.open(name)
	if err != nil {
		return err
	}
	defer done()
	want := entry{sum: sha256.Sum256(data), size: int64(len(data))}
	if s.amendment != nil {
		return s.amendFile(name, data, want)
	}
	if spare, ok := s.stagedFile(name); ok && spare.isSameContent(want) {
		return nil
	}
	if err := s.preparePath(name); err != nil {
		return fmt.Errorf("stage %s: %w", name, err)
	}
	old, ok := s.baseFiles.get(name)
	if !ok || s.full || !old.isSameContent(want) {
		return s.create(name, data, want)
	}
	err = s.link(name, old)
	var damaged *DamagedError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &damaged):
		return s.create(name, data, want)
	default: // the file system has no links: copy
		if err := s.create(name, data, want); err != nil {
			return err
		}
		return s.keepTime(name, old)
	}
}

// Keep carries a file of the current release over. In an amended stage it
// reverts a change. The error is fs.ErrNotExist if the current release has no
// such file, and a *DamagedError if its content differs from the index.
func (s *Stage) Keep(name string) error {
	done, err := s.open(name)
	if err != nil {
		return err
	}
	defer done()
	old, ok := s.baseFiles.get(name)
	if !ok {
		return &fs.PathError{Op: "keep", Path: name, Err: fs.ErrNotExist}
	}
	if s.amendment != nil {
		return s.revertChange(name)
	}
	if spare, ok := s.stagedFile(name); ok && spare.isSameContent(old) {
		return nil
	}
	if err := s.preparePath(name); err != nil {
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

// Remove removes a file from the stage, if it is there.
func (s *Stage) Remove(name string) error {
	done, err := s.open(name)
	if err != nil {
		return err
	}
	defer done()
	if s.amendment != nil {
		return s.amendRemoval(name)
	}
	if _, ok := s.stagedFile(name); !ok {
		return nil
	}
	s.forgetFile(name)
	if err := s.remove(name); err != nil {
		return fmt.Errorf("stage %s: %w", name, err)
	}
	return nil
}

// preparePath creates the folders of a file, and removes an earlier version of
// it. That may share its inode with the current release, so it must never be
// opened for writing.
func (s *Stage) preparePath(name string) error {
	if _, ok := s.stagedFile(name); ok {
		s.forgetFile(name)
		return s.remove(name)
	}
	return s.makeDir(path.Dir(name))
}

// link links a file of the current release into the stage. An error other than
// *DamagedError means that the file system does not support links.
func (s *Stage) link(name string, old entry) error {
	mtime, ok := s.checkIntact(name, old)
	if !ok {
		s.recordDamage()
		return &DamagedError{name}
	}
	if err := s.hardlink(s.basePath(name), s.stagePath(name)); err != nil {
		return err
	}
	old.mtime = mtime
	s.addFile(name, old, false)
	return nil
}

// checkIntact reports whether a file of the current release matches the index,
// and its modification time. Size and time usually suffice. A file with another
// time was touched or restored, so its content is compared.
func (s *Stage) checkIntact(name string, old entry) (mtime int64, ok bool) {
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
	return mtime, err == nil && now.isSameContent(old)
}

// copy copies a file of the current release into the stage.
func (s *Stage) copy(name string, old entry) error {
	data, err := s.root.ReadFile(s.basePath(name))
	if err != nil || sha256.Sum256(data) != old.sum {
		s.recordDamage()
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

// create writes a new file. It leaves none if it fails.
func (s *Stage) create(name string, data []byte, e entry) error {
	when, err := s.folder.create(name, data)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("stage %s: %w", name, err)
	}
	if err != nil {
		err = fmt.Errorf("stage %s: %w", name, err)
		if pathExists(s.folder, name) {
			err = errors.Join(err, s.remove(name))
		}
		return err
	}
	e.mtime = when.UnixNano()
	s.addFile(name, e, true)
	return nil
}

// keepTime gives a copy the modification time of the original.
func (s *Stage) keepTime(name string, old entry) error {
	when := time.Unix(0, old.mtime)
	if err := s.folder.Chtimes(name, when, when); err != nil {
		s.forgetFile(name)
		return errors.Join(fmt.Errorf("stage %s: %w", name, err), s.remove(name))
	}
	s.addFile(name, old, true)
	return nil
}

// remove removes a file from the stage. If it fails, the stage holds a file
// that its index does not list, and must not go live.
func (s *Stage) remove(name string) error {
	err := s.folder.Remove(name)
	if err != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.broken = errors.Join(s.broken, err)
	}
	return err
}
