package release

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A KeptRelease is the current release or one kept beside it.
type KeptRelease struct {
	Release
	Time    time.Time // when it first went live
	Current bool
}

// Releases returns the kept releases, newest first.
func (d *Dir) Releases() ([]KeptRelease, error) {
	var kept []KeptRelease
	err := d.withLock(func(root *folder) error {
		all, err := d.log.list(d.path)
		current, _ := d.Current()
		for _, l := range slices.Backward(all) {
			if pathExists(root, releasePath(l.name)) {
				r := Release{l.name, filepath.Join(d.path, releasesDir, l.name)}
				kept = append(kept, KeptRelease{r, l.time, r == current})
			}
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list releases in %s: %w", d.path, err)
	}
	return kept, nil
}

// ReadFileOf reads a file of a kept release, as Dir.ReadFile does of the
// current one.
func (d *Dir) ReadFileOf(r Release, name string) ([]byte, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	return d.readWhole(r, name)
}

// RollBack makes a kept release current again, after verifying it. If a file is
// damaged, the error is a *DamagedError and nothing changes. A stage that was
// begun before is refused with ErrMoved.
func (d *Dir) RollBack(name string) error {
	if err := checkLabel(name); err != nil {
		return fmt.Errorf("return to a release: %w", err)
	}
	r := Release{name, filepath.Join(d.path, releasesDir, name)}
	l, err := d.log.findRelease(d.path, name)
	if err != nil {
		return fmt.Errorf("return to release %s: %w", name, err)
	}
	found, err := verifyRelease(r.Path, l.index)
	if err == nil && len(found) > 0 {
		err = &DamagedError{found[0].Name}
	}
	if err == nil {
		d.log.setVerified(l, true)
		err = d.withLock(func(root *folder) error { return d.returnTo(root, r) })
	}
	if err != nil {
		return fmt.Errorf("return to release %s: %w", name, err)
	}
	return nil
}

func (d *Dir) returnTo(root *folder, r Release) error {
	place := releasePath(r.Name)
	if _, err := root.Lstat(place); err != nil {
		return err // it is no longer kept
	}
	return runSteps([]step{
		{"make link", func() error { return makeLink(root, place) }},
		{"change current", func() error { return root.Rename(currentTemp, currentLink) }},
		{"sync link", func() error { return root.sync(".") }},
		{"read link back", func() error { return d.checkLink(r.Name) }},
	})
}

// ReadNote reads a note, a small file beside the releases. The error is
// fs.ErrNotExist if there is none.
func (d *Dir) ReadNote(name string) ([]byte, error) {
	if err := checkLabel(strings.ReplaceAll(name, ".", "-")); err != nil {
		return nil, err
	}
	return readBelow(d.path, name)
}

// WriteNote writes a note atomically and syncs it.
func (d *Dir) WriteNote(name string, data []byte) error {
	return d.changeNote(name, func(root *folder) error { return root.replaceFile(name, data) })
}

// RemoveNote removes a note, if there is one.
func (d *Dir) RemoveNote(name string) error {
	return d.changeNote(name, func(root *folder) error {
		return errors.Join(removeIfExists(root, name), root.sync("."))
	})
}

func (d *Dir) changeNote(name string, do func(*folder) error) error {
	if err := checkLabel(strings.ReplaceAll(name, ".", "-")); err != nil {
		return fmt.Errorf("note %s: %w", name, err)
	}
	if err := d.withLock(do); err != nil {
		return fmt.Errorf("note %s: %w", name, err)
	}
	return nil
}
