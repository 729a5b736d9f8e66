package release

import (
	"os"

	"golang.org/x/sys/unix"
)

// openNew makes a file that is not there yet, and opens it for writing. The
// kernel looks up the whole name, and leaves the folder as little as os.Root
// does (openat2(2), Linux 5.6 and later), which looks up one folder at a time.
func (f *folder) openNew(name string) (*os.File, error) {
	fd, err := unix.Openat2(int(f.itself.Fd()), name, &unix.OpenHow{
		Flags:   unix.O_WRONLY | unix.O_CREAT | unix.O_EXCL | unix.O_CLOEXEC,
		Mode:    0o644,
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS,
	})
	if err != nil { // which is for os.Root to word, where it is one for it as well
		return f.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	}
	return os.NewFile(uintptr(fd), f.at(name)), nil
}
