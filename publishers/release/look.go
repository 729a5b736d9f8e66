package release

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// A Look is at a release that is about to go live, or just did: all of it, and
// how it departs from the one before. Names are sorted.
type Look struct {
	Name                    string
	FS                      fs.FS
	Added, Changed, Removed []string
}

// look shows the stage, which lies at a path below the channel's folder.
func (s *Stage) look(see func(Look) error, at string) error {
	if see == nil {
		return nil
	}
	l := Look{Name: s.name, FS: os.DirFS(filepath.Join(s.dir.path, filepath.FromSlash(at)))}
	for name, c := range s.delta {
		switch {
		case c.gone:
			l.Removed = append(l.Removed, name)
		case !s.old.has(name):
			l.Added = append(l.Added, name)
		default:
			if old, _ := s.old.get(name); !old.same(c.entry) {
				l.Changed = append(l.Changed, name)
			}
		}
	}
	slices.Sort(l.Added)
	slices.Sort(l.Changed)
	slices.Sort(l.Removed)
	return see(l)
}
