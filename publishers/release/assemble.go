package release

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"netsync/schema/shared"
)

// assembleTree builds the tree of an amended stage: from the spare, by applying
// the differences, or from scratch, by linking every file.
func (s *Stage) assembleTree() error {
	if err := errors.Join(s.checkDamage(), s.checkClashes()); err != nil {
		return err
	}
	spare, err := s.claimSpare()
	if err != nil {
		return err
	}
	b := treeBuilder{Stage: s, dirs: map[string]bool{".": true}}
	s.amendment.changedDirs["."] = true
	var removed, added []string
	for name, c := range spare.changesTo(s.nextIndex.index) {
		if spare.hasFile(name) {
			removed = append(removed, name)
		}
		if !c.removed {
			added = append(added, name)
		}
	}
	slices.Sort(added) // by folder
	for _, do := range []func() error{
		func() error { return shared.ForEach(parallel, removed, b.removeFile) },
		func() error { return b.pruneFolders(removed) },
		func() error { return b.makeDirs(added) },
		func() error { return shared.ForEach(parallel, added, b.placeFile) },
	} {
		if err := do(); err != nil {
			return err
		}
	}
	return nil
}

// checkClashes returns an error if a file has the path of a folder of the
// release, or the other way round, before anything is changed.
func (s *Stage) checkClashes() error {
	for _, name := range slices.Sorted(maps.Keys(s.amendment.written)) {
		for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
			if s.nextIndex.index.hasFile(dir) {
				return &NameError{name, fmt.Sprintf("%s is a file", dir)}
			}
		}
		if s.baseFiles.hasFile(name) || s.base.Name == "" {
			continue // a file is not a folder
		}
		if err := s.checkNoFolder(name); err != nil {
			return err
		}
	}
	return nil
}

// checkNoFolder returns an error if the release has files below a name.
func (s *Stage) checkNoFolder(name string) error {
	below, err := s.root.Lstat(s.basePath(name))
	if err != nil || !below.IsDir() {
		return nil
	}
	return fs.WalkDir(s.root.FS(), s.basePath(name), func(at string, e fs.DirEntry, err error) error {
		if file := strings.TrimPrefix(at, s.basePath(".")+"/"); err == nil && !e.IsDir() && s.nextIndex.index.hasFile(file) {
			return &NameError{name, fmt.Sprintf("it is a folder, which holds %s", file)}
		}
		return err
	})
}

// A treeBuilder builds the tree of a stage.
type treeBuilder struct {
	*Stage
	dirs map[string]bool // folders known to exist
}

// removeFile removes a file.
func (b *treeBuilder) removeFile(_ int, name string) error {
	return removeIfExists(b.root, b.filePath(name))
}

// pruneFolders removes the folders that became empty.
func (b *treeBuilder) pruneFolders(removed []string) error {
	touched := b.amendment.changedDirs
	for _, name := range removed {
		touched[path.Dir(name)] = true
	}
	for _, dir := range slices.Backward(slices.Sorted(maps.Keys(touched))) {
		for dir != "." && b.root.Remove(b.filePath(dir)) == nil {
			delete(touched, dir)
			dir = path.Dir(dir)
			touched[dir] = true
		}
	}
	return nil
}

// makeDirs creates the folders of added files.
func (b *treeBuilder) makeDirs(added []string) error {
	for _, name := range added {
		if err := b.makeDir(path.Dir(name)); err != nil {
			return err
		}
		b.amendment.changedDirs[path.Dir(name)] = true
	}
	return nil
}

func (b *treeBuilder) makeDir(dir string) error {
	if b.dirs[dir] {
		return nil
	}
	if err := b.makeDir(path.Dir(dir)); err != nil {
		return err
	}
	err := b.root.Mkdir(b.filePath(dir), 0o755)
	if err == nil {
		b.amendment.changedDirs[dir], b.amendment.changedDirs[path.Dir(dir)] = true, true
	} else if !errors.Is(err, fs.ErrExist) {
		return err
	}
	b.dirs[dir] = true
	return nil
}

// placeFile adds a file: new content, or a link to the current release's file.
func (b *treeBuilder) placeFile(_ int, name string) error {
	if at, ok := b.amendment.written[name]; ok {
		b.addNewFile(name)
		return b.root.Rename(at, b.filePath(name))
	}
	want, _ := b.baseFiles.get(name)
	if _, ok := b.checkIntact(name, want); !ok {
		b.dir.indexes.setVerified(b.baseIndex, false) // the next stage verifies all files
		return &DamagedError{name}
	}
	if b.hardlink(b.basePath(name), b.filePath(name)) == nil {
		return nil
	}
	return b.copyFile(name, want)
}

// copyFile copies a file of the current release if it cannot be linked.
func (b *treeBuilder) copyFile(name string, want entry) error {
	data, err := b.root.ReadFile(b.basePath(name))
	if err != nil {
		return err
	}
	if _, err := b.root.create(b.filePath(name), data); err != nil {
		return err
	}
	b.addNewFile(name)
	when := time.Unix(0, want.mtime)
	return b.root.Chtimes(b.filePath(name), when, when)
}

func (b *treeBuilder) addNewFile(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.amendment.newFiles[name] = true
}

// isSameFile reports whether two paths are the same file.
func isSameFile(root *folder, a, b string) bool {
	infoA, errA := root.Lstat(a)
	infoB, errB := root.Lstat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}
