package release

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
)

// A spare is in spare/<name>: a complete release that is no longer kept for
// readers, or a copy of one by hard links.

func sparePath(name string) string { return path.Join(spareDir, name) }

// findSpare returns the spare, or nil.
func (d *Dir) findSpare(root *folder) (*indexed, error) {
	all, err := d.log.list(d.path)
	for _, r := range all {
		if pathExists(root, sparePath(r.name)) {
			return r, err
		}
	}
	return nil, err
}

// claimSpare makes the spare the tree of the stage and returns its index.
// Without a usable spare, the tree is an empty folder.
func (b *treeBuilder) claimSpare() (index, error) {
	var spare *indexed
	err := b.dir.withLock(func(root *folder) (err error) {
		if spare, err = b.dir.findSpare(root); err != nil || spare == nil {
			return err
		}
		// Synced, so that after a crash the changed tree is not taken for a
		// spare or a release.
		return errors.Join(
			root.Rename(sparePath(spare.name), b.treePath(".")),
			root.sync(spareDir),
			root.sync(releasesDir))
	})
	if err != nil {
		return index{}, err
	}
	if spare != nil {
		if !b.full && (b.dir.log.isVerified(spare) || b.verifySpare(spare)) {
			return spare.index, nil
		}
		if err := b.root.RemoveAll(b.treePath(".")); err != nil {
			return index{}, err
		}
	}
	return index{}, b.root.Mkdir(b.treePath("."), 0o755)
}

// verifySpare reports whether a spare left by an earlier process matches its
// index. It skips files that are hard links to the current release's, which was
// verified.
func (b *treeBuilder) verifySpare(spare *indexed) bool {
	fsys, err := fs.Sub(b.root.FS(), b.treePath("."))
	if err != nil {
		return false
	}
	found, err := spare.index.compareFiles(fsys, func(name string, want entry) (bool, error) {
		if now, ok := b.baseFiles.get(name); ok && now == want && isSameFile(b.root, b.basePath(name), b.treePath(name)) {
			return true, nil
		}
		got, err := hashFile(fsys, name)
		return err == nil && got.isSameContent(want), err
	})
	return err == nil && len(found) == 0
}

// replaceSpare makes the tree of a release the spare.
func replaceSpare(root *folder, tree, name string) error {
	if err := root.RemoveAll(spareDir); err != nil {
		return err
	}
	return errors.Join(root.MkdirAll(spareDir, 0o755), root.Rename(tree, sparePath(name)))
}

// keepAsSpare keeps the complete tree of a stage that did not go live as the
// spare. The next stage then need not link every file.
func (s *Stage) keepAsSpare() error {
	if s.tree == nil || !s.tree.isSynced || s.isPlaced {
		return nil
	}
	return s.dir.withLock(func(root *folder) error {
		if err := s.writeIndex(); err != nil {
			return err
		}
		return replaceSpare(root, s.treePath("."), s.name)
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
	spare, err := s.dir.findSpare(s.root)
	if s.base.Name == "" || err != nil || spare != nil && len(spare.index.changesTo(s.baseFiles)) == 0 {
		return err
	}
	if err := s.buildTree(); err != nil {
		return err
	}
	return s.tree.sync()
}
