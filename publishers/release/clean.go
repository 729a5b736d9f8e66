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
		d.cleanReleases(root, releasesDir),
		d.cleanReleases(root, spareDir),
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
		if e.IsDir() || exists(root, path.Join(stagesDir, releaseOf(e.Name()))) {
			continue
		}
		if err := removeIfThere(root, path.Join(stagesDir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// cleanReleases removes releases or spares without an index, and the other way
// round: both are what a crash in Flip or in prune leaves.
func (d *Dir) cleanReleases(root *folder, sub string) error {
	entries, err := fs.ReadDir(root.FS(), sub)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	there := make(map[string]bool, len(entries))
	for _, e := range entries {
		there[e.Name()] = true
	}
	current, _ := d.Current()
	for name := range there {
		release := releaseOf(name)
		if sub == releasesDir && release == current.Name || there[release] && there[release+indexSuffix] {
			continue
		}
		if err := root.RemoveAll(path.Join(sub, name)); err != nil {
			return err
		}
	}
	return nil
}

// releaseOf is the name of the release that a folder or an index belongs to.
func releaseOf(name string) string {
	return strings.TrimSuffix(strings.TrimSuffix(name, indexSuffix), baseSuffix)
}

// prune removes the oldest releases beyond Keep, but the youngest of them
// becomes the spare where the channel is amended. It runs under the lock.
func (d *Dir) prune(root *folder) error {
	old, err := d.old(root)
	if err != nil {
		return err
	}
	keep := max(cmp.Or(d.Keep, defaultKeep), 0)
	for i, name := range old[min(keep, len(old)):] {
		do := d.retire
		if i > 0 || !d.amends.Load() {
			do = func(root *folder, name string) error { return d.removeRelease(root, releasesDir, name) }
		}
		if err := do(root, name); err != nil {
			return fmt.Errorf("remove old release %s: %w", name, err)
		}
	}
	return nil
}

// removeRelease removes a release or a spare. The index goes first: a release
// without one is never taken for a whole one.
func (d *Dir) removeRelease(root *folder, sub, name string) error {
	d.shelf.forget(filepath.Join(d.path, sub, name))
	return errors.Join(
		removeIndex(root, path.Join(sub, name)),
		root.RemoveAll(path.Join(sub, name)),
	)
}

func removeIndex(root *folder, release string) error {
	return errors.Join(removeIfThere(root, release+indexSuffix), removeIfThere(root, release+baseSuffix))
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
