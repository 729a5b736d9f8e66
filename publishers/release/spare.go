package release

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
)

// A spare is in spare/<name>, with its index beside it: a complete release that
// is no longer kept for readers, or a copy of one by hard links.

// listSpares returns the names of complete spares.
func (d *Dir) listSpares(root *folder) ([]string, error) {
	entries, err := fs.ReadDir(root.FS(), spareDir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() && pathExists(root, path.Join(spareDir, e.Name()+indexSuffix)) {
			names = append(names, e.Name())
		}
	}
	return names, err
}

// claimSpare makes the spare the tree of the stage and returns its index.
// Without a usable spare, the tree is an empty folder.
func (b *treeBuilder) claimSpare() (index, error) {
	var l *loadedIndex
	err := b.dir.withLock(func(root *folder) (err error) {
		l, err = b.takeSpare(root)
		return err
	})
	if err != nil {
		return index{}, err
	}
	if l != nil {
		if b.dir.indexes.isVerified(l) || b.verifySpare(l) {
			return l.index, nil
		}
		if err := b.root.RemoveAll(b.treePath(".")); err != nil {
			return index{}, err
		}
	}
	return index{}, b.root.Mkdir(b.treePath("."), 0o755)
}

// takeSpare moves the spare into the stage. It removes the index first and
// syncs, so that after a crash the changed tree is not taken for a release.
func (s *Stage) takeSpare(root *folder) (*loadedIndex, error) {
	names, err := s.dir.listSpares(root)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		spare := path.Join(spareDir, name)
		l, err := s.dir.indexes.load(filepath.Join(s.dir.path, spare))
		s.dir.indexes.removeIndex(filepath.Join(s.dir.path, spare))
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
			root.Rename(spare, s.treePath(".")),
			root.sync(spareDir),
			root.sync(releasesDir))
	}
	return nil, nil
}

// verifySpare reports whether a spare left by an earlier process matches its
// index. It skips files that are hard links to the current release's, which was
// verified.
func (b *treeBuilder) verifySpare(l *loadedIndex) bool {
	fsys, err := fs.Sub(b.root.FS(), b.treePath("."))
	if err != nil {
		return false
	}
	found, err := l.index.compareFiles(fsys, func(name string, want entry) (bool, error) {
		if now, ok := b.baseFiles.get(name); ok && now == want && isSameFile(b.root, b.basePath(name), b.treePath(name)) {
			return true, nil
		}
		got, err := hashFile(fsys, name)
		return err == nil && got.isSameContent(want), err
	})
	return err == nil && len(found) == 0
}

// retireRelease makes an old release the spare, and removes any other.
func (d *Dir) retireRelease(root *folder, name string) error {
	if _, err := d.indexes.load(filepath.Join(d.path, releasesDir, name)); err != nil {
		return d.removeRelease(root, releasesDir, name)
	}
	names, err := d.listSpares(root)
	if err != nil {
		return err
	}
	for _, old := range names {
		if err := d.removeRelease(root, spareDir, old); err != nil {
			return err
		}
	}
	return d.moveToSpare(root, path.Join(releasesDir, name), path.Join(releasesDir, name), name)
}

// moveToSpare moves a tree, and the index files named after beside, to the
// folder of spares.
func (d *Dir) moveToSpare(root *folder, tree, beside, name string) error {
	if err := root.MkdirAll(spareDir, 0o755); err != nil {
		return err
	}
	to := path.Join(spareDir, name)
	if pathExists(root, beside+baseSuffix) {
		if err := root.Rename(beside+baseSuffix, to+baseSuffix); err != nil {
			return err
		}
	}
	if err := root.Rename(beside+indexSuffix, to+indexSuffix); err != nil {
		return err
	}
	d.indexes.moveIndex(filepath.Join(d.path, tree), filepath.Join(d.path, to))
	return root.Rename(tree, to)
}

// keepAsSpare keeps the complete tree of a stage that did not go live as the
// spare, if there is none. The next stage then need not link every file.
func (s *Stage) keepAsSpare() error {
	if s.tree == nil || !s.tree.isSynced || s.isPlaced || !pathExists(s.root, s.stagePath(".")+indexSuffix) {
		return nil
	}
	return s.dir.withLock(func(root *folder) error {
		names, err := s.dir.listSpares(root)
		if err != nil || len(names) > 0 {
			return err
		}
		if err := s.dir.moveToSpare(root, s.treePath("."), s.stagePath("."), s.name); err != nil {
			return err
		}
		s.dir.indexes.addIndex(filepath.Join(s.dir.path, spareDir, s.name), s.nextIndex)
		return nil
	})
}

// Spare prepares the next Amend: it updates the spare or, if there is none,
// creates one by linking every file of the current release. It is optional;
// without it, the next Flip takes longer.
func (d *Dir) Spare() error {
	s, err := d.Amend("spare")
	if err != nil {
		return err
	}
	if err := s.copyCurrent(); err != nil {
		return errors.Join(fmt.Errorf("make a spare of release %s: %w", s.base.Name, err), s.Discard())
	}
	return s.Discard() // keeps the tree as the spare
}

func (s *Stage) copyCurrent() error {
	s.closeMu.Lock()
	defer s.closeMu.Unlock()
	if s.base.Name == "" || s.spareIsEqual() {
		return nil
	}
	if err := s.buildTree(); err != nil {
		return err
	}
	if err := s.tree.sync(); err != nil {
		return err
	}
	return s.writeIndex()
}

func (s *Stage) spareIsEqual() bool {
	names, err := s.dir.listSpares(s.root)
	if err != nil || len(names) == 0 {
		return false
	}
	l, err := s.dir.indexes.load(filepath.Join(s.dir.path, spareDir, names[0]))
	return err == nil && len(l.index.changesTo(s.baseFiles)) == 0
}
