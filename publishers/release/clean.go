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

// removeLeftovers removes the leftovers of a crash. The caller holds the lock.
func (d *Dir) removeLeftovers(root *folder) error {
	return errors.Join(
		d.cleanStages(root),
		d.cleanReleases(root),
		removeIfExists(root, currentTemp),
		root.sync("."),
	)
}

// cleanStages removes stages that no process locks.
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
			continue // a process writes it
		}
		err = root.RemoveAll(path.Join(stagesDir, e.Name()))
		if err := errors.Join(err, lock.Close()); err != nil {
			return err
		}
	}
	return nil
}

// cleanReleases removes drafts of the index log, and spares that it does not
// list.
func (d *Dir) cleanReleases(root *folder) error {
	err := removeIfExists(root, path.Join(releasesDir, logFile+".tmp"))
	if err != nil || !pathExists(root, spareDir) {
		return err
	}
	entries, err := fs.ReadDir(root.FS(), spareDir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if _, err := d.log.findRelease(d.path, e.Name()); err == nil && e.IsDir() {
			continue
		}
		if err := root.RemoveAll(sparePath(e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// pruneReleases removes the oldest releases beyond Keep. If the channel is
// amended, the newest of these becomes the spare. The caller holds the lock.
func (d *Dir) pruneReleases(root *folder) error {
	old, err := d.oldReleases(root)
	if err != nil {
		return err
	}
	keep := max(cmp.Or(d.Keep, defaultKeep), 0)
	for i, name := range old[min(keep, len(old)):] {
		if _, err = d.log.findRelease(d.path, name); err == nil && i == 0 && d.isAmended.Load() {
			err = replaceSpare(root, releasePath(name), name)
		} else {
			err = removeTree(root, releasePath(name))
		}
		if err != nil {
			return fmt.Errorf("remove old release %s: %w", name, err)
		}
	}
	return nil
}

// removeTree removes a release. It moves it to the stages first: after a crash,
// what remains is not taken for a complete release.
func removeTree(root *folder, tree string) error {
	trash := path.Join(stagesDir, path.Base(tree))
	return errors.Join(root.Rename(tree, trash), root.RemoveAll(trash))
}

// oldReleases returns the releases other than the current one, newest first.
// Those without an index are the oldest.
func (d *Dir) oldReleases(root *folder) ([]string, error) {
	entries, err := fs.ReadDir(root.FS(), releasesDir)
	if err != nil {
		return nil, err
	}
	all, err := d.log.list(d.path)
	if err != nil {
		return nil, err
	}
	current, _ := d.Current()
	age := make(map[string]int)
	for i, r := range all {
		age[r.name] = i + 1
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() && e.Name() != current.Name {
			names = append(names, e.Name())
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(age[b], age[a]), strings.Compare(b, a))
	})
	return names, nil
}

func pathExists(root *folder, name string) bool {
	_, err := root.Lstat(name)
	return err == nil
}

func removeIfExists(root *folder, name string) error {
	if err := root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
