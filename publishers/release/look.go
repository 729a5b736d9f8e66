package release

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

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
