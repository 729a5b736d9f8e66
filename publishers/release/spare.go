package release

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
)

// A spare lies in spare/<name>, with its index beside it: a whole release that
// no reader is promised any more, or a copy of one by links.

// spares lists the whole ones.
func (d *Dir) spares(root *folder) ([]string, error) {
	entries, err := fs.ReadDir(root.FS(), spareDir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() && exists(root, path.Join(spareDir, e.Name()+indexSuffix)) {
			names = append(names, e.Name())
		}
	}
	return names, err
}

// claim makes the spare the tree of the stage and gives its index. Where there
// is none to rely on, the tree is an empty folder.
func (s *Stage) claim() (index, error) {
	var l *loaded
	err := s.dir.locked(func(root *folder) (err error) {
		l, err = s.take(root)
		return err
	})
	if err != nil {
		return index{}, err
	}
	if l != nil {
		if s.dir.shelf.proven(l) || s.proveSpare(l) {
			return l.index, nil
		}
		if err := s.root.RemoveAll(s.tree()); err != nil {
			return index{}, err
		}
	}
	return index{}, s.root.Mkdir(s.tree(), 0o755)
}

// take moves the spare into the stage. Its index goes first, and before
// anything in it changes, the disk knows that it is no release any more.
func (s *Stage) take(root *folder) (*loaded, error) {
	names, err := s.dir.spares(root)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		spare := path.Join(spareDir, name)
		l, err := s.dir.shelf.load(filepath.Join(s.dir.path, spare))
		s.dir.shelf.forget(filepath.Join(s.dir.path, spare))
		if err := removeIndex(root, spare); err != nil {
			return nil, err
		}
		if err != nil {
			if err := root.RemoveAll(spare); err != nil {
				return nil, err
			}
			continue
		}
		return l, errors.Join(
			root.Rename(spare, s.tree()),
			root.sync(spareDir),
			root.sync(releasesDir))
	}
	return nil, nil
}

// proveSpare says whether a spare that an earlier process left is what its
// index says. A file that is one with the current release's is: that release
// was read.
func (s *Stage) proveSpare(l *loaded) bool {
	fsys, err := fs.Sub(s.root.FS(), s.tree())
	if err != nil {
		return false
	}
	found, err := l.index.contrast(fsys, func(name string, want entry) (bool, error) {
		if now, ok := s.old.get(name); ok && now == want && oneFile(s.root, s.basePath(name), path.Join(s.tree(), name)) {
			return true, nil
		}
		got, err := hashFile(fsys, name)
		return err == nil && got.same(want), err
	})
	return err == nil && len(found) == 0
}

// retire makes an old release the spare, in place of the one there is.
func (d *Dir) retire(root *folder, name string) error {
	if _, err := d.shelf.load(filepath.Join(d.path, releasesDir, name)); err != nil {
		return d.removeRelease(root, releasesDir, name)
	}
	names, err := d.spares(root)
	if err != nil {
		return err
	}
	for _, old := range names {
		if err := d.removeRelease(root, spareDir, old); err != nil {
			return err
		}
	}
	return d.toSpare(root, path.Join(releasesDir, name), path.Join(releasesDir, name), name)
}

// toSpare moves a tree, and the index that lies beside something, among the
// spares.
func (d *Dir) toSpare(root *folder, tree, beside, name string) error {
	if err := root.MkdirAll(spareDir, 0o755); err != nil {
		return err
	}
	to := path.Join(spareDir, name)
	if exists(root, beside+baseSuffix) {
		if err := root.Rename(beside+baseSuffix, to+baseSuffix); err != nil {
			return err
		}
	}
	if err := root.Rename(beside+indexSuffix, to+indexSuffix); err != nil {
		return err
	}
	d.shelf.move(filepath.Join(d.path, tree), filepath.Join(d.path, to))
	return root.Rename(tree, to)
}

// salvage keeps the tree of a stage that did not go live as the spare, where
// it is whole: the next stage need not link every file for that.
func (s *Stage) salvage() error {
	if s.amendment == nil || !s.amendment.whole || s.placed || !exists(s.root, s.path(".")+indexSuffix) {
		return nil
	}
	return s.dir.locked(func(root *folder) error {
		names, err := s.dir.spares(root)
		if err != nil || len(names) > 0 {
			return err
		}
		if err := s.dir.toSpare(root, s.tree(), s.path("."), s.name); err != nil {
			return err
		}
		s.dir.shelf.remember(filepath.Join(s.dir.path, spareDir, s.name), s.next)
		return nil
	})
}

// Spare prepares the next Amend: it brings the spare up to date or, where there
// is none, makes one by linking every file of the current release. Call it
// when there is time; a Flip does what was not done, at its own cost.
func (d *Dir) Spare() error {
	s, err := d.Amend("spare")
	if err != nil {
		return err
	}
	if err := s.copyCurrent(); err != nil {
		return errors.Join(fmt.Errorf("make a spare of release %s: %w", s.base.Name, err), s.Discard())
	}
	return s.Discard() // which salvages it
}

func (s *Stage) copyCurrent() error {
	s.life.Lock()
	defer s.life.Unlock()
	if s.base.Name == "" || s.spareIsEqual() {
		return nil
	}
	if err := s.whole(); err != nil {
		return err
	}
	if err := s.sync(); err != nil {
		return err
	}
	return s.seal()
}

func (s *Stage) spareIsEqual() bool {
	names, err := s.dir.spares(s.root)
	if err != nil || len(names) == 0 {
		return false
	}
	l, err := s.dir.shelf.load(filepath.Join(s.dir.path, spareDir, names[0]))
	return err == nil && len(l.index.changes(s.old)) == 0
}
