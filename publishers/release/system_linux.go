package release

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"time"

	"golang.org/x/sys/unix"
)

// A descriptor is an open regular file. It needs fewer system calls than an
// os.File, which adds up over a release.
type descriptor int

// openAt opens a file. The kernel resolves the whole path below the folder,
// without links (openat2(2), Linux 5.6 and later); os.Root resolves one element
// at a time.
func (f *folder) openAt(name string, flags, mode uint64) (descriptor, error) {
	fd, err := unix.Openat2(f.fd, name, &unix.OpenHow{
		Flags:   flags | unix.O_CLOEXEC,
		Mode:    mode,
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS,
	})
	return descriptor(fd), err
}

// write creates a file, which must not exist, and returns its modification
// time.
func (f *folder) write(name string, data []byte) (time.Time, error) {
	file, err := f.openAt(name, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL, newMode)
	if err != nil { // os.Root may succeed, or return the usual error
		return f.writeFile(name, data)
	}
	_, err = file.Write(data)
	var info unix.Stat_t
	statErr := unix.Fstat(int(file), &info)
	if err := errors.Join(err, statErr, unix.Close(int(file))); err != nil {
		return time.Time{}, &fs.PathError{Op: "write", Path: f.absPath(name), Err: err}
	}
	return time.Unix(info.Mtim.Unix()), nil
}

// makeDir creates a folder in an existing one.
func (f *folder) makeDir(name string, mode uint32) error {
	above, err := f.openAt(path.Dir(name), unix.O_PATH|unix.O_DIRECTORY, 0)
	if err != nil {
		return f.Root.Mkdir(name, fs.FileMode(mode))
	}
	err = unix.Mkdirat(int(above), path.Base(name), mode)
	if err := errors.Join(err, unix.Close(int(above))); err != nil {
		return &fs.PathError{Op: "mkdir", Path: f.absPath(name), Err: err}
	}
	return nil
}

// hashAt returns the size and hash of a file.
func (f *folder) hashAt(name string) (entry, error) {
	file, err := f.openAt(name, unix.O_RDONLY, 0)
	if err != nil {
		return hashFile(f.FS(), name)
	}
	e, err := hashOf(file)
	if err := errors.Join(err, unix.Close(int(file))); err != nil {
		return e, &fs.PathError{Op: "read", Path: f.absPath(name), Err: err}
	}
	return e, nil
}

func (d descriptor) Read(p []byte) (int, error) {
	n, err := unix.Read(int(d), p)
	switch {
	case errors.Is(err, unix.EINTR):
		return 0, nil
	case err != nil:
		return 0, err
	case n == 0 && len(p) > 0:
		return 0, io.EOF
	}
	return n, nil
}

func (d descriptor) Write(p []byte) (written int, err error) {
	for written < len(p) {
		n, err := unix.Write(int(d), p[written:])
		if err != nil && !errors.Is(err, unix.EINTR) {
			return written, err
		}
		written += max(n, 0)
	}
	return written, nil
}

// syncAll writes the file system of an open folder to the disk with one call.
// It reports write errors since the folder was opened (syncfs(2), Linux 5.8 and
// later); before 5.8, only reading back detects them.
func syncAll(dir *os.File) (bool, error) {
	if err := unix.Syncfs(int(dir.Fd())); err != nil {
		return true, fmt.Errorf("syncfs %s: %w", dir.Name(), err)
	}
	return true, nil
}
