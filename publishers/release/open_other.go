//go:build !linux

package release

import (
	"io/fs"
	"time"
)

// write makes a file that is not there yet, and says when that was.
func (f *folder) write(name string, data []byte) (time.Time, error) { return f.writeFile(name, data) }

// makeDir makes a folder in one that is there.
func (f *folder) makeDir(name string, mode uint32) error {
	return f.Root.Mkdir(name, fs.FileMode(mode))
}

// hash reads a file and gives its size and hash.
func (f *folder) hash(name string) (entry, error) { return hashFile(f.FS(), name) }
