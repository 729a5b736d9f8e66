package release

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// clean removes what a crash left. It runs under the lock.
func (d *Dir) clean(root *folder) error {
	return errors.Join(
		d.cleanStages(root),
		d.cleanReleases(root),
		removeIfThere(root, currentTemp),
		root.sync("."),
	)
}

// cleanStages removes stages that no process holds, then indexes of stages
// that are gone.
func (d *Dir) cleanStages(root *folder) error {
	entries, err := fs.ReadDir(root.FS(), stagesDir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		lock, err := tryLockDir(filepath.Join(d.path, stagesDir, e.Name()))
		if err != nil {
			return err
		}
		if lock == nil {
			continue // it is being written
		}
		err = root.RemoveAll(path.Join(stagesDir, e.Name()))
		if err := errors.Join(err, lock.Close()); err != nil {
			return err
		}
	}
	for _, e := range entries {
		if e.IsDir() || exists(root, path.Join(stagesDir, strings.TrimSuffix(e.Name(), indexSuffix))) {
			continue
		}
		if err := removeIfThere(root, path.Join(stagesDir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// cleanReleases removes releases without an index, and the other way round:
// both are what a crash in Flip or in prune leaves.
func (d *Dir) cleanReleases(root *folder) error {
	entries, err := fs.ReadDir(root.FS(), releasesDir)
	if err != nil {
		return err
	}
	there := make(map[string]bool, len(entries))
	for _, e := range entries {
		there[e.Name()] = true
	}
	current, _ := d.Current()
	for name := range there {
		release, isIndex := strings.CutSuffix(name, indexSuffix)
		if release == current.Name || isIndex && there[release] || !isIndex && there[name+indexSuffix] {
			continue
		}
		if err := root.RemoveAll(path.Join(releasesDir, name)); err != nil {
			return err
		}
	}
	return nil
}

// prune removes the oldest releases beyond Keep. It runs under the lock. The
// index goes first: a release without one is never taken for a whole one.
func (d *Dir) prune(root *folder) error {
	old, err := d.old(root)
	if err != nil {
		return err
	}
	keep := max(cmp.Or(d.Keep, defaultKeep), 0)
	for _, name := range old[min(keep, len(old)):] {
		err := errors.Join(
			removeIfThere(root, path.Join(releasesDir, name+indexSuffix)),
			root.RemoveAll(path.Join(releasesDir, name)),
		)
		if err != nil {
			return fmt.Errorf("remove old release %s: %w", name, err)
		}
	}
	return nil
}

// old lists the releases that are not current, the youngest first.
func (d *Dir) old(root *folder) ([]string, error) {
	entries, err := fs.ReadDir(root.FS(), releasesDir)
	if err != nil {
		return nil, err
	}
	current, _ := d.Current()
	age := make(map[string]int64)
	var names []string
	for _, e := range entries {
		if !e.IsDir() || e.Name() == current.Name {
			continue
		}
		names = append(names, e.Name())
		if info, err := root.Stat(path.Join(releasesDir, e.Name()+indexSuffix)); err == nil {
			age[e.Name()] = info.ModTime().UnixNano()
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(age[b], age[a]), strings.Compare(b, a))
	})
	return names, nil
}

func exists(root *folder, name string) bool {
	_, err := root.Lstat(name)
	return err == nil
}

func removeIfThere(root *folder, name string) error {
	if err := root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
