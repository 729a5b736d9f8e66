package release

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"netsync/schema/failpoint"
)

// step is a step of Flip. A crash after any step leaves the old release or the
// new one, and files that Open removes. The names are failpoints.
type step struct {
	name string
	do   func() error
}

// Flip makes the stage the current release: it writes all new files to the
// disk, reads them back, and then changes current in one step. changed reports
// whether current changed: a stage that equals the current release (the same
// names and content) is discarded instead. A full stage is compared with the
// files on the disk, so it repairs damage that no index shows.
//
// Flip ends the stage in any case. After an error with changed false, readers
// see the old release. After an error with changed true they see the new one,
// but its link may not survive a power failure, or old releases may remain.
func (s *Stage) Flip() (changed bool, err error) {
	s.closeMu.Lock()
	defer s.closeMu.Unlock()
	if s.isClosed {
		return false, fmt.Errorf("flip stage %s: %w", s.name, ErrClosed)
	}
	s.staged.removeUnlisted(s.baseFiles)
	same, err := s.equalsBase()
	if same {
		return false, s.discardStage()
	}
	if err == nil {
		err = runSteps(s.prepareSteps())
	}
	if err == nil {
		err = s.callHook(s.dir.Before, s.treePath("."))
	}
	if err == nil {
		err = s.dir.withLock(func(*folder) error { return runSteps(s.flipSteps()) })
	}
	now, _ := s.dir.Current()
	changed = now.Name == s.name
	if err == nil {
		err = s.callHook(s.dir.After, releasePath(s.name))
	}
	if err == nil {
		err = s.root.RemoveAll(s.stagePath(".")) // what remains of it
	}
	if err != nil {
		return changed, errors.Join(fmt.Errorf("flip stage %s: %w", s.name, err), s.discardStage())
	}
	if s.dir.Synced != nil {
		s.dir.Synced(s.syncTime)
	}
	return changed, s.close()
}

// timeStep adds the duration of a step to syncTime.
func (s *Stage) timeStep(do func() error) func() error {
	return func() error {
		began := time.Now()
		defer func() { s.syncTime += time.Since(began) }()
		return do()
	}
}

func runSteps(steps []step) error {
	for _, st := range steps {
		err := failpoint.Hit("release: " + st.name)
		if err == nil {
			err = st.do()
		}
		if err != nil {
			return fmt.Errorf("%s: %w", st.name, err)
		}
	}
	return nil
}

// equalsBase reports whether the stage equals the current release.
func (s *Stage) equalsBase() (bool, error) {
	if s.base.Name == "" || s.baseIndex == nil || len(s.staged.damaged) > 0 || !s.staged.isEqual(s.baseFiles) {
		return false, nil
	}
	if err := s.checkCurrent(); err != nil {
		return false, err
	}
	if !s.full {
		return true, nil
	}
	found, err := verifyRelease(s.base.Path, s.baseFiles)
	// A release that cannot be read is replaced.
	return err == nil && len(found) == 0, nil
}

// prepareSteps returns the steps before the lock is taken: others may flip
// meanwhile, and readers see no effect.
func (s *Stage) prepareSteps() []step {
	return []step{
		{"assemble", s.buildTree},
		{"sync", func() error { return s.tree.syncAndReadBack() }},
	}
}

// flipSteps returns the steps under the lock. The index is written first, so
// that each release has one.
func (s *Stage) flipSteps() []step {
	return []step{
		{"compare current", s.checkCurrent},
		{"write index", s.timeStep(s.writeIndex)},
		{"place files", func() error {
			s.isPlaced = true
			return s.root.Rename(s.treePath("."), releasePath(s.name))
		}},
		{"sync folders", s.timeStep(func() error {
			return errors.Join(s.root.sync(stagesDir), s.root.sync(releasesDir))
		})},
		{"make link", func() error { return makeLink(s.root, releasePath(s.name)) }},
		{"change current", func() error { return s.root.Rename(currentTemp, currentLink) }},
		{"sync link", s.timeStep(func() error { return s.root.sync(".") })},
		{"read link back", func() error { return s.dir.checkLink(s.name) }},
		{"remove old releases", func() error { return s.dir.pruneReleases(s.root) }},
	}
}

func (s *Stage) writeIndex() error {
	return s.dir.log.add(s.root, s.next, s.baseIndex, s.staged.changes)
}

// checkCurrent returns ErrMoved if the current release is no longer the stage's
// base.
func (s *Stage) checkCurrent() error {
	if now, _ := s.dir.Current(); now != s.base {
		return ErrMoved
	}
	return nil
}

// makeLink creates the new symbolic link under a temporary name.
func makeLink(root *folder, place string) error {
	if info, err := root.Lstat(currentLink); err == nil && info.Mode().Type() != fs.ModeSymlink {
		return fmt.Errorf("%s is not a symbolic link; move it away", root.absPath(currentLink))
	}
	if err := removeIfExists(root, currentTemp); err != nil {
		return err
	}
	return root.Symlink(place, currentTemp)
}

func (d *Dir) checkLink(name string) error {
	if now, ok := d.Current(); !ok || now.Name != name {
		return &ReadBackError{currentLink}
	}
	return nil
}

// A Look describes a release that is about to go live or just did, and its
// differences from the one before. Names are sorted.
type Look struct {
	Name                    string
	FS                      fs.FS
	Added, Changed, Removed []string
}

// callHook calls Before or After for the stage, whose files are in a folder
// relative to the channel's.
func (s *Stage) callHook(see func(Look) error, at string) error {
	if see == nil {
		return nil
	}
	l := Look{Name: s.name, FS: os.DirFS(filepath.Join(s.dir.path, filepath.FromSlash(at)))}
	for name, c := range s.staged.changes {
		switch {
		case c.removed:
			l.Removed = append(l.Removed, name)
		case !s.baseFiles.hasFile(name):
			l.Added = append(l.Added, name)
		default:
			if old, _ := s.baseFiles.get(name); !old.isSameContent(c.entry) {
				l.Changed = append(l.Changed, name)
			}
		}
	}
	slices.Sort(l.Added)
	slices.Sort(l.Changed)
	slices.Sort(l.Removed)
	return see(l)
}
