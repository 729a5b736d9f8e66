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

// A stamp is the metadata of a file. It changes when the file is written.
type stamp struct {
	size     int64
	modified time.Time
	mode     fs.FileMode
}

// stamps are the stamps of a folder's files, by slash-separated name.
type stamps map[string]stamp

// readStamps returns the stamps of the relevant files in a folder. It omits
// unreadable folders: reading the files reports them.
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
			return nil // it was removed meanwhile
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

// themeMatters reports whether a file of a theme's folder is used.
func themeMatters(name string) bool {
	switch path.Dir(name) {
	case "templates", "assets", "labels":
		return true
	}
	return false
}

// A watch detects changes in the dataset's folder, the theme's, and the
// repository.
type watch struct {
	config Config

	dataset, theme stamps
	commit         git.CommitID
}

// A look is what a watch found changed.
type look struct {
	names     []string // files of the dataset
	theme     bool
	committed bool
}

func (l look) isEmpty() bool { return len(l.names) == 0 && !l.theme && !l.committed }

// settle is how long files must stay unchanged before they are read: editors
// write a file in several steps.
const settle = 40 * time.Millisecond

// waitForChange checks for changes and waits, for a while, until no file is
// being written.
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
