//go:build !linux

package release

import "os"

// openNew makes a file that is not there yet, and opens it for writing.
func (f *folder) openNew(name string) (*os.File, error) {
	return f.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
}
