package release

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// An Op is something that a Dir did to the disk.
type Op struct {
	Kind OpKind
	Path string    // absolute
	From string    // Link, Rename: the other name, absolute; Symlink: where it points to
	Data []byte    // Create
	Time time.Time // Create, Chtimes: of modification
}

// OpKind says what was done.
type OpKind string

// What can be done.
const (
	OpMkdir     OpKind = "mkdir"
	OpCreate    OpKind = "create" // a file with all that it holds
	OpChtimes   OpKind = "chtimes"
	OpLink      OpKind = "link"
	OpSymlink   OpKind = "symlink"
	OpRename    OpKind = "rename"
	OpRemove    OpKind = "remove"
	OpRemoveAll OpKind = "remove all"
	OpSync      OpKind = "sync"     // a file's content or a folder's entries
	OpSyncAll   OpKind = "sync all" // everything
)

// A folder is a folder on the disk, through which everything is written.
// Where somebody observes, it tells what it did; nothing is told of what
// failed.
type folder struct {
	*os.Root
	itself  *os.File
	fd      int      // of itself
	observe func(Op) // nil as a rule
}

func openFolder(path string, observe func(Op)) (*folder, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	itself, err := root.Open(".")
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return &folder{root, itself, int(itself.Fd()), observe}, nil
}

// Close gives the folder back.
func (f *folder) Close() error { return errors.Join(f.itself.Close(), f.Root.Close()) }

func (f *folder) done(err error, op Op, name string) error {
	if err == nil && f.observe != nil {
		op.Path = f.at(name)
		f.observe(op)
	}
	return err
}

func (f *folder) at(name string) string { return filepath.Join(f.Name(), name) }

// newMode is the mode of a new file.
const newMode = 0o644

// create makes a file that is not there yet, and says when that was.
func (f *folder) create(name string, data []byte) (time.Time, error) {
	when, err := f.write(name, data)
	return when, f.done(err, Op{Kind: OpCreate, Data: data, Time: when}, name)
}

// writeFile is write on every system.
func (f *folder) writeFile(name string, data []byte) (time.Time, error) {
	file, err := f.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, newMode)
	if err != nil {
		return time.Time{}, err
	}
	_, err = file.Write(data)
	info, statErr := file.Stat()
	if err := errors.Join(err, statErr, file.Close()); err != nil {
		return time.Time{}, err
	}
	return info.ModTime(), nil
}

// sync brings a file's content, or a folder's entries, to the disk.
func (f *folder) sync(name string) error {
	file, err := f.Open(name)
	if err != nil {
		return err
	}
	err = file.Sync()
	if err := errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("sync %s: %w", name, err)
	}
	return f.done(nil, Op{Kind: OpSync}, name)
}

// syncAll brings everything to the disk that was written since lock, a folder
// of the same file system, was opened. False says that this cannot be had.
func (f *folder) syncAll(lock *os.File) (bool, error) {
	done, err := syncAll(lock)
	if !done {
		return false, err
	}
	return true, f.done(err, Op{Kind: OpSyncAll}, ".")
}

// Mkdir makes a folder in one that is there.
func (f *folder) Mkdir(name string, mode uint32) error {
	return f.done(f.makeDir(name, mode), Op{Kind: OpMkdir}, name)
}

func (f *folder) MkdirAll(name string, perm fs.FileMode) error {
	return f.done(f.Root.MkdirAll(name, perm), Op{Kind: OpMkdir}, name)
}

func (f *folder) Link(from, name string) error {
	return f.done(f.Root.Link(from, name), Op{Kind: OpLink, From: f.at(from)}, name)
}

func (f *folder) Symlink(target, name string) error {
	return f.done(f.Root.Symlink(target, name), Op{Kind: OpSymlink, From: target}, name)
}

func (f *folder) Rename(from, name string) error {
	return f.done(f.Root.Rename(from, name), Op{Kind: OpRename, From: f.at(from)}, name)
}

func (f *folder) Remove(name string) error {
	return f.done(f.Root.Remove(name), Op{Kind: OpRemove}, name)
}

func (f *folder) RemoveAll(name string) error {
	return f.done(f.Root.RemoveAll(name), Op{Kind: OpRemoveAll}, name)
}

func (f *folder) Chtimes(name string, accessed, modified time.Time) error {
	return f.done(f.Root.Chtimes(name, accessed, modified), Op{Kind: OpChtimes, Time: modified}, name)
}

// makeFolders makes a folder and those above it, and brings the entries of
// those that it made to the disk.
func makeFolders(path string, observe func(Op)) error {
	if _, err := os.Stat(path); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	parent, name := filepath.Split(path)
	if err := makeFolders(filepath.Clean(parent), observe); err != nil {
		return err
	}
	f, err := openFolder(parent, observe)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Mkdir(name, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return f.sync(".")
}
