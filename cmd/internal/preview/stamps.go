package preview

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"time"

	"netsync/worker/git"
	"netsync/worker/snapshot"
)

// A stamp is what a file looks like from outside. A file that is written again
// gets another one.
type stamp struct {
	size     int64
	modified time.Time
	mode     fs.FileMode
}

// stamps are those of the files in a folder, by slash-separated name.
type stamps map[string]stamp

// readStamps looks at the files that matter in a folder. Folders that cannot
// be read are left out: whoever reads the files says so.
func readStamps(ctx context.Context, dir string, matters func(name string) bool) (stamps, error) {
	all := make(stamps)
	if dir == "" {
		return all, nil
	}
	return all, filepath.WalkDir(dir, func(file string, entry fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			return nil
		case entry.IsDir() && entry.Name() == ".git":
			return fs.SkipDir
		case entry.IsDir():
			return nil
		}
		name, err := filepath.Rel(dir, file)
		if name = filepath.ToSlash(name); err != nil || !matters(name) {
			return err
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil // it went in between
		}
		if err == nil {
			all[name] = stamp{info.Size(), info.ModTime(), info.Mode()}
		}
		return err
	})
}

// changedNames returns the files that are not in both, or differ.
func (s stamps) changedNames(before stamps) []string {
	var names []string
	for name, now := range s {
		if was, ok := before[name]; !ok || was.size != now.size || was.mode != now.mode || !was.modified.Equal(now.modified) {
			names = append(names, name)
		}
	}
	for name := range before {
		if _, ok := s[name]; !ok {
			names = append(names, name)
		}
	}
	return names
}

// themeMatters says which files of a theme's folder are read.
func themeMatters(name string) bool {
	switch path.Dir(name) {
	case "templates", "assets", "labels":
		return true
	}
	return false
}

// A watch sees what changes in the dataset's folder, in the theme's, and in
// the repository.
type watch struct {
	config Config

	dataset, theme stamps
	commit         git.CommitID
}

// A look is what a watch found to be different.
type look struct {
	names     []string // files of the dataset
	theme     bool
	committed bool
}

func (l look) isEmpty() bool { return len(l.names) == 0 && !l.theme && !l.committed }

// settle is how long files must stay as they are before they are read: editors
// write a file in several steps.
const settle = 40 * time.Millisecond

// waitForChange waits, for a while, until no file is being written.
func (w *watch) waitForChange(ctx context.Context, tip func(context.Context) git.CommitID) (look, error) {
	before := *w
	for range 25 {
		moved, err := w.checkFiles(ctx, tip)
		if err != nil {
			return look{}, err
		}
		if moved.isEmpty() {
			break
		}
		select {
		case <-time.After(settle):
		case <-ctx.Done():
			return look{}, ctx.Err()
		}
	}
	return look{w.dataset.changedNames(before.dataset), len(w.theme.changedNames(before.theme)) > 0, w.commit != before.commit}, nil
}

func (w *watch) checkFiles(ctx context.Context, tip func(context.Context) git.CommitID) (look, error) {
	dataset, err := readStamps(ctx, w.config.Dir, snapshot.Belongs)
	if err != nil {
		return look{}, err
	}
	theme, err := readStamps(ctx, w.config.Theme, themeMatters)
	if err != nil {
		return look{}, err
	}
	commit := tip(ctx)
	l := look{dataset.changedNames(w.dataset), len(theme.changedNames(w.theme)) > 0, commit != w.commit}
	w.dataset, w.theme, w.commit = dataset, theme, commit
	return l, nil
}
