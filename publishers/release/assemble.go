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
	"sync"
	"time"

	"netsync/schema/shared"
)

// A treeBuilder builds the tree of a stage, the folder of its files.
type treeBuilder struct {
	*Stage
	dirs map[string]bool // folders known to exist

	mu          sync.Mutex
	newFiles    map[string]bool // files with an inode of their own
	changedDirs map[string]bool // folders with changed entries
	isSynced    bool            // the tree is complete and on the disk
}

// buildTree builds the tree: from the spare, by applying the differences, or
// from scratch, by linking every file.
func (s *Stage) buildTree() error {
	s.next = &indexed{name: s.name, index: s.baseFiles.withChanges(maps.All(s.staged.changes))}
	// The files that the stage does not change are undamaged unless damage was
	// found since it was begun.
	s.next.verified = !s.baseVerified || s.dir.log.isVerified(s.baseIndex)
	b := &treeBuilder{Stage: s, dirs: map[string]bool{".": true}, newFiles: make(map[string]bool), changedDirs: map[string]bool{".": true}}
	s.tree = b
	if err := errors.Join(b.checkDamage(), b.checkClashes()); err != nil {
		return err
	}
	spare, err := b.claimSpare()
	if err != nil {
		return err
	}
	var removed, added []string
	for name, c := range spare.changesTo(s.next.index) {
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

// checkDamage returns an error for a damaged file that the stage does not
// change.
func (b *treeBuilder) checkDamage() error {
	for _, name := range b.Damaged() {
		if _, ok := b.staged.changes[name]; !ok {
			return &DamagedError{name}
		}
	}
	return nil
}

// checkClashes returns an error if a file has the path of a folder of the
// release, or the other way round, before anything is changed.
func (b *treeBuilder) checkClashes() error {
	if b.staged.names != nil {
		return nil // found by Write
	}
	for _, name := range slices.Sorted(maps.Keys(b.staged.written)) {
		for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
			if b.next.index.hasFile(dir) {
				return &NameError{name, fmt.Sprintf("%s is a file", dir)}
			}
		}
		if b.baseFiles.hasFile(name) || b.base.Name == "" {
			continue // a file is not a folder
		}
		if err := b.checkNoFolder(name); err != nil {
			return err
		}
	}
	return nil
}

// checkNoFolder returns an error if the release has files below a name.
func (b *treeBuilder) checkNoFolder(name string) error {
	below, err := b.root.Lstat(b.basePath(name))
	if err != nil || !below.IsDir() {
		return nil
	}
	return fs.WalkDir(b.root.FS(), b.basePath(name), func(at string, e fs.DirEntry, err error) error {
		if file := strings.TrimPrefix(at, b.basePath(".")+"/"); err == nil && !e.IsDir() && b.next.index.hasFile(file) {
			return &NameError{name, fmt.Sprintf("it is a folder, which holds %s", file)}
		}
		return err
	})
}

// removeFile removes a file.
func (b *treeBuilder) removeFile(_ int, name string) error {
	return removeIfExists(b.root, b.treePath(name))
}

// pruneFolders removes the folders that became empty.
func (b *treeBuilder) pruneFolders(removed []string) error {
	touched := b.changedDirs
	for _, name := range removed {
		touched[path.Dir(name)] = true
	}
	for _, dir := range slices.Backward(slices.Sorted(maps.Keys(touched))) {
		for dir != "." && b.root.Remove(b.treePath(dir)) == nil {
			delete(touched, dir)
			dir = path.Dir(dir)
			touched[dir] = true
		}
	}
	return nil
}

// makeDirs creates the folders of added files, the outer ones first.
func (b *treeBuilder) makeDirs(added []string) error {
	var byDepth [][]string
	for _, name := range added {
		b.changedDirs[path.Dir(name)] = true
		for dir := path.Dir(name); !b.dirs[dir]; dir = path.Dir(dir) {
			b.dirs[dir] = true
			depth := strings.Count(dir, "/")
			for len(byDepth) <= depth {
				byDepth = append(byDepth, nil)
			}
			byDepth[depth] = append(byDepth[depth], dir)
		}
	}
	for _, dirs := range byDepth {
		if err := shared.ForEach(parallel, dirs, b.makeDir); err != nil {
			return err
		}
	}
	return nil
}

func (b *treeBuilder) makeDir(_ int, dir string) error {
	if err := b.root.Mkdir(b.treePath(dir), 0o755); errors.Is(err, fs.ErrExist) {
		return nil
	} else if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.changedDirs[dir], b.changedDirs[path.Dir(dir)] = true, true
	return nil
}

// placeFile adds a file: new content, or a link to the current release's file.
func (b *treeBuilder) placeFile(_ int, name string) error {
	if at, ok := b.staged.written[name]; ok {
		b.addNewFile(name)
		return b.root.Rename(at, b.treePath(name))
	}
	want, _ := b.next.index.get(name)
	if _, ok := b.checkIntact(name, want); !ok {
		b.dir.log.setVerified(b.baseIndex, false) // the next stage verifies all files
		return &DamagedError{name}
	}
	if b.hardlink(b.basePath(name), b.treePath(name)) == nil {
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
	if _, err := b.root.create(b.treePath(name), data); err != nil {
		return err
	}
	b.addNewFile(name)
	when := time.Unix(0, want.mtime)
	return b.root.Chtimes(b.treePath(name), when, when)
}

func (b *treeBuilder) addNewFile(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.newFiles[name] = true
}

// syncAndReadBack writes the tree to the disk and reads it back, both at the
// same time: sync waits for the disk, while reading gets the new files from
// memory in any case. Sync reports what cannot be written.
func (b *treeBuilder) syncAndReadBack() error {
	var reading sync.WaitGroup
	var different error
	reading.Go(func() { different = b.readBack() })
	err := b.timeStep(b.sync)()
	reading.Wait()
	return errors.Join(err, different)
}

// sync writes the new files and folders to the disk, folders last. Linked files
// were synced with their own release.
func (b *treeBuilder) sync() error {
	files, dirs := slices.Sorted(maps.Keys(b.newFiles)), slices.Sorted(maps.Keys(b.changedDirs))
	one := func(_ int, name string) error { return b.root.sync(b.treePath(name)) }
	var err error
	done := false
	if len(files)+len(dirs) > syncAllAbove {
		done, err = b.root.syncAll(b.lock)
	}
	if !done {
		if err = shared.ForEach(parallel, files, one); err == nil {
			err = shared.ForEach(parallel, dirs, one)
		}
	}
	b.isSynced = err == nil
	return err
}

// readBack compares the hash of each new file with the index.
func (b *treeBuilder) readBack() error {
	return shared.ForEach(parallel, slices.Sorted(maps.Keys(b.newFiles)), func(_ int, name string) error {
		got, err := b.root.hashAt(b.treePath(name))
		if want, _ := b.next.index.get(name); err == nil && !got.isSameContent(want) {
			err = &ReadBackError{name}
		}
		return err
	})
}

// isSameFile reports whether two paths are the same file.
func isSameFile(root *folder, a, b string) bool {
	infoA, errA := root.Lstat(a)
	infoB, errB := root.Lstat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}
