//go:build !linux

package release

import (
	"io/fs"
	"os"
	"time"
)

// write creates a file, which must not exist, and returns its modification
// time.
func (f *folder) write(name string, data []byte) (time.Time, error) { return f.writeFile(name, data) }

// makeDir creates a folder in an existing one.
func (f *folder) makeDir(name string, mode uint32) error {
	return f.Root.Mkdir(name, fs.FileMode(mode))
}

// hashAt returns the size and hash of a file.
func (f *folder) hashAt(name string) (entry, error) { return hashFile(f.FS(), name) }

// syncAll writes the file system of an open folder to the disk with one call.
// It reports write errors since the folder was opened (syncfs(2), Linux 5.8 and
// later); before 5.8, only reading back detects them.
func syncAll(*os.File) (bool, error) { return false, nil }
