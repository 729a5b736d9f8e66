package release

import (
	"errors"
	"io"
	"io/fs"
	"path"
	"time"

	"golang.org/x/sys/unix"
)

// A descriptor is an open file. An os.File may be of any kind, a pipe among
// them, and takes several calls of the kernel more, which adds up over a
// release.
type descriptor int

// openAt opens a file. The kernel looks up the whole name, and leaves the
// folder as little as os.Root does (openat2(2), Linux 5.6 and later), which
// looks up one folder at a time.
func (f *folder) openAt(name string, flags, mode uint64) (descriptor, error) {
	fd, err := unix.Openat2(f.fd, name, &unix.OpenHow{
		Flags:   flags | unix.O_CLOEXEC,
		Mode:    mode,
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS,
	})
	return descriptor(fd), err
}

// write makes a file that is not there yet, and says when that was.
func (f *folder) write(name string, data []byte) (time.Time, error) {
	file, err := f.openAt(name, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL, newMode)
	if err != nil { // which is for os.Root to word, where it is one for it as well
		return f.writeFile(name, data)
	}
	_, err = file.Write(data)
	var info unix.Stat_t
	statErr := unix.Fstat(int(file), &info)
	if err := errors.Join(err, statErr, unix.Close(int(file))); err != nil {
		return time.Time{}, &fs.PathError{Op: "write", Path: f.at(name), Err: err}
	}
	return time.Unix(info.Mtim.Unix()), nil
}

// makeDir makes a folder in one that is there.
func (f *folder) makeDir(name string, mode uint32) error {
	above, err := f.openAt(path.Dir(name), unix.O_PATH|unix.O_DIRECTORY, 0)
	if err != nil {
		return f.Root.Mkdir(name, fs.FileMode(mode))
	}
	err = unix.Mkdirat(int(above), path.Base(name), mode)
	if err := errors.Join(err, unix.Close(int(above))); err != nil {
		return &fs.PathError{Op: "mkdir", Path: f.at(name), Err: err}
	}
	return nil
}

// hash reads a file and gives its size and hash.
func (f *folder) hash(name string) (entry, error) {
	file, err := f.openAt(name, unix.O_RDONLY, 0)
	if err != nil {
		return hashFile(f.FS(), name)
	}
	e, err := hashOf(file)
	if err := errors.Join(err, unix.Close(int(file))); err != nil {
		return e, &fs.PathError{Op: "read", Path: f.at(name), Err: err}
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
