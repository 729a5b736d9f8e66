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
		d.cleanReleases(root, releasesDir),
		d.cleanReleases(root, spareDir),
		removeIfExists(root, currentTemp),
		root.sync("."),
	)
}

// cleanStages removes stages that no process locks, then indexes without a
// stage.
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
	for _, e := range entries {
		if e.IsDir() || pathExists(root, path.Join(stagesDir, releaseOf(e.Name()))) {
			continue
		}
		if err := removeIfExists(root, path.Join(stagesDir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// cleanReleases removes releases or spares without an index, and indexes
// without a release, which a crash in Flip or pruneReleases leaves.
func (d *Dir) cleanReleases(root *folder, sub string) error {
	entries, err := fs.ReadDir(root.FS(), sub)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	found := make(map[string]bool, len(entries))
	for _, e := range entries {
		found[e.Name()] = true
	}
	current, _ := d.Current()
	for name := range found {
		release := releaseOf(name)
		if sub == releasesDir && release == current.Name || found[release] && found[release+indexSuffix] {
			continue
		}
		if err := root.RemoveAll(path.Join(sub, name)); err != nil {
			return err
		}
	}
	return nil
}

// releaseOf returns the name of the release that a folder or index belongs to.
func releaseOf(name string) string {
	return strings.TrimSuffix(strings.TrimSuffix(name, indexSuffix), baseSuffix)
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
		do := d.retireRelease
		if i > 0 || !d.isAmended.Load() {
			do = func(root *folder, name string) error { return d.removeRelease(root, releasesDir, name) }
		}
		if err := do(root, name); err != nil {
			return fmt.Errorf("remove old release %s: %w", name, err)
		}
	}
	return nil
}

// removeRelease removes a release or a spare. It removes the index first: a
// release without one is never taken for a complete one.
func (d *Dir) removeRelease(root *folder, sub, name string) error {
	d.indexes.removeIndex(filepath.Join(d.path, sub, name))
	return errors.Join(
		removeIndex(root, path.Join(sub, name)),
		root.RemoveAll(path.Join(sub, name)),
	)
}

func removeIndex(root *folder, release string) error {
	return errors.Join(removeIfExists(root, release+indexSuffix), removeIfExists(root, release+baseSuffix))
}

// oldReleases returns the releases other than the current one, newest first.
func (d *Dir) oldReleases(root *folder) ([]string, error) {
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
