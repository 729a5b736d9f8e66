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

// assemble makes the tree of an amended stage: out of the spare, of which it
// changes what differs, or else out of nothing, which is to link every file.
func (s *Stage) assemble() error {
	if err := errors.Join(s.unmended(), s.clash()); err != nil {
		return err
	}
	have, err := s.claim()
	if err != nil {
		return err
	}
	t := assembly{Stage: s, dirs: map[string]bool{".": true}}
	s.amendment.touched["."] = true
	var gone, come []string
	for name, c := range have.changes(s.next.index) {
		if have.has(name) {
			gone = append(gone, name)
		}
		if !c.gone {
			come = append(come, name)
		}
	}
	slices.Sort(come) // by folder
	for _, do := range []func() error{
		func() error { return shared.ForEach(parallel, gone, t.removeOld) },
		func() error { return t.prune(gone) },
		func() error { return t.makeDirs(come) },
		func() error { return shared.ForEach(parallel, come, t.placeNew) },
	} {
		if err := do(); err != nil {
			return err
		}
	}
	return nil
}

// clash finds a file in whose place the release has a folder, or the other way
// round, before anything is done.
func (s *Stage) clash() error {
	for _, name := range slices.Sorted(maps.Keys(s.amendment.written)) {
		for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
			if s.next.index.has(dir) {
				return &NameError{name, fmt.Sprintf("%s is a file", dir)}
			}
		}
		if s.old.has(name) || s.base.Name == "" {
			continue // what is a file there is no folder
		}
		if err := s.notFolder(name); err != nil {
			return err
		}
	}
	return nil
}

// notFolder sees to it that nothing is left below a name.
func (s *Stage) notFolder(name string) error {
	below, err := s.root.Lstat(s.basePath(name))
	if err != nil || !below.IsDir() {
		return nil
	}
	return fs.WalkDir(s.root.FS(), s.basePath(name), func(at string, e fs.DirEntry, err error) error {
		if file := strings.TrimPrefix(at, s.basePath(".")+"/"); err == nil && !e.IsDir() && s.next.index.has(file) {
			return &NameError{name, fmt.Sprintf("it is a folder, which holds %s", file)}
		}
		return err
	})
}

// An assembly is a tree that is being made.
type assembly struct {
	*Stage
	dirs map[string]bool // those that are surely there
}

// removeOld removes a file.
func (t *assembly) removeOld(_ int, name string) error { return removeIfThere(t.root, t.fileAt(name)) }

// prune removes the folders that are empty after files went.
func (t *assembly) prune(gone []string) error {
	touched := t.amendment.touched
	for _, name := range gone {
		touched[path.Dir(name)] = true
	}
	for _, dir := range slices.Backward(slices.Sorted(maps.Keys(touched))) {
		for dir != "." && t.root.Remove(t.fileAt(dir)) == nil {
			delete(touched, dir)
			dir = path.Dir(dir)
			touched[dir] = true
		}
	}
	return nil
}

// makeDirs makes the folders that files come to.
func (t *assembly) makeDirs(come []string) error {
	for _, name := range come {
		if err := t.makeDir(path.Dir(name)); err != nil {
			return err
		}
		t.amendment.touched[path.Dir(name)] = true
	}
	return nil
}

func (t *assembly) makeDir(dir string) error {
	if t.dirs[dir] {
		return nil
	}
	if err := t.makeDir(path.Dir(dir)); err != nil {
		return err
	}
	err := t.root.Mkdir(t.fileAt(dir), 0o755)
	if err == nil {
		t.amendment.touched[dir], t.amendment.touched[path.Dir(dir)] = true, true
	} else if !errors.Is(err, fs.ErrExist) {
		return err
	}
	t.dirs[dir] = true
	return nil
}

// placeNew brings a file: what was written, or a link to the current release's.
func (t *assembly) placeNew(_ int, name string) error {
	if at, ok := t.amendment.written[name]; ok {
		t.isFresh(name)
		return t.root.Rename(at, t.fileAt(name))
	}
	want, _ := t.old.get(name)
	if _, ok := t.intact(name, want); !ok {
		t.dir.shelf.prove(t.known, false) // the next stage is to look at all of them
		return &DamagedError{name}
	}
	if t.hardlink(t.basePath(name), t.fileAt(name)) == nil {
		return nil
	}
	return t.duplicate(name, want)
}

// duplicate is put where there are no links to be had.
func (t *assembly) duplicate(name string, want entry) error {
	data, err := t.root.ReadFile(t.basePath(name))
	if err != nil {
		return err
	}
	if _, err := t.root.create(t.fileAt(name), data); err != nil {
		return err
	}
	t.isFresh(name)
	when := time.Unix(0, want.mtime)
	return t.root.Chtimes(t.fileAt(name), when, when)
}

func (t *assembly) isFresh(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.amendment.fresh[name] = true
}

// oneFile says whether two files are one.
func oneFile(root *folder, a, b string) bool {
	infoA, errA := root.Lstat(a)
	infoB, errB := root.Lstat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}
