package release

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"path"
)

// Write puts a file into the stage. The last write of a name wins. If the
// current release has the same content under that name, according to its index,
// the file is linked instead of written. The name is slash-separated and local
// to the release, else the error is a *NameError. Nothing is durable before
// Flip. After an error the file is not in the stage.
func (s *Stage) Write(name string, data []byte) error {
	return s.editFile(name, func() error {
		want := entry{sum: sha256.Sum256(data), size: int64(len(data))}
		if c, ok := s.staged.get(name); ok && !c.removed && c.isSameContent(want) {
			return nil
		}
		s.staged.revertChange(name)
		if old, ok := s.baseFiles.get(name); ok && !s.full && old.isSameContent(want) && s.carryOver(name, old) {
			return nil
		}
		return s.writeNew(name, data, want)
	})
}

// Keep carries a file of the current release over; in an amended stage it
// reverts a change. The error is fs.ErrNotExist if the current release has no
// such file, and a *DamagedError if its content differs from the index.
func (s *Stage) Keep(name string) error {
	return s.editFile(name, func() error {
		old, ok := s.baseFiles.get(name)
		if !ok {
			return &fs.PathError{Op: "keep", Path: name, Err: fs.ErrNotExist}
		}
		s.staged.revertChange(name)
		if !s.full {
			if !s.carryOver(name, old) {
				return &DamagedError{name}
			}
			return nil
		}
		data, err := s.root.ReadFile(s.basePath(name))
		if err != nil || sha256.Sum256(data) != old.sum {
			s.staged.addDamage(name)
			return errors.Join(&DamagedError{name}, err)
		}
		return s.writeNew(name, data, old)
	})
}

// Remove removes a file from the stage, if it is there.
func (s *Stage) Remove(name string) error {
	done, err := s.open(name)
	if err != nil {
		return err
	}
	defer done()
	s.staged.removeName(name)
	if s.staged.names == nil && s.baseFiles.hasFile(name) {
		s.staged.setChange(name, change{removed: true}, "")
	}
	return nil
}

// editFile adds a file to the open stage and calls do to set its content. If that
// fails, the file is not in the stage.
func (s *Stage) editFile(name string, do func() error) error {
	done, err := s.open(name)
	if err != nil {
		return err
	}
	defer done()
	if err = s.staged.addName(name); err == nil {
		if err = do(); err != nil {
			s.staged.removeName(name)
		}
	}
	return err
}

// open keeps the stage open until the returned function is called.
func (s *Stage) open(name string) (func(), error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	s.closeMu.RLock()
	if s.isClosed {
		s.closeMu.RUnlock()
		return nil, &fs.PathError{Op: "stage", Path: name, Err: ErrClosed}
	}
	return s.closeMu.RUnlock, nil
}

// writeNew writes new content. An earlier one stays until the stage ends.
func (s *Stage) writeNew(name string, data []byte, e entry) error {
	at := s.stagePath(path.Join(newDir, s.staged.newName()))
	when, err := s.root.create(at, data)
	if err != nil {
		return errors.Join(fmt.Errorf("stage %s: %w", name, err), removeIfExists(s.root, at))
	}
	e.mtime = when.UnixNano()
	s.staged.setChange(name, change{entry: e}, at)
	return nil
}

// carryOver takes a file of the current release as it is, and reports whether
// it is intact. A modification time that was changed is recorded.
func (s *Stage) carryOver(name string, old entry) bool {
	mtime, ok := s.checkIntact(name, old)
	if !ok {
		s.staged.addDamage(name)
	} else if mtime != old.mtime {
		old.mtime = mtime
		s.staged.setChange(name, change{entry: old}, "")
	}
	return ok
}

// checkIntact reports whether a file of the current release matches the index,
// and its modification time. Size and time usually suffice. A file with another
// time was touched or restored, so its content is compared.
func (s *Stage) checkIntact(name string, old entry) (mtime int64, ok bool) {
	if s.staged.isDamaged(name) {
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
