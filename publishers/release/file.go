package release

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"time"
)

// An Op is a disk operation of a Dir.
type Op struct {
	Kind OpKind
	Path string    // absolute
	From string    // Link, Rename: the old name, absolute; Symlink: the target
	Data []byte    // Create, Append
	Time time.Time // Create, Chtimes: modification time
}

// OpKind is the kind of an operation.
type OpKind string

// Kinds of operations.
const (
	OpMkdir     OpKind = "mkdir"
	OpCreate    OpKind = "create" // a file with its complete content
	OpAppend    OpKind = "append" // to a file
	OpChtimes   OpKind = "chtimes"
	OpLink      OpKind = "link"
	OpSymlink   OpKind = "symlink"
	OpRename    OpKind = "rename"
	OpRemove    OpKind = "remove"
	OpRemoveAll OpKind = "remove all"
	OpSync      OpKind = "sync"     // a file's content or a folder's entries
	OpSyncAll   OpKind = "sync all" // everything
)

// A folder is an open folder, through which all writing is done. It reports
// successful operations to observe.
type folder struct {
	*os.Root
	dirFile *os.File
	fd      int      // of dirFile
	observe func(Op) // may be nil
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

// Close closes the folder.
func (f *folder) Close() error { return errors.Join(f.dirFile.Close(), f.Root.Close()) }

func (f *folder) reportOp(err error, op Op, name string) error {
	if err == nil && f.observe != nil {
		op.Path = f.absPath(name)
		f.observe(op)
	}
	return err
}

func (f *folder) absPath(name string) string { return filepath.Join(f.Name(), name) }

// newMode is the mode of new files.
const newMode = 0o644

// create creates a file, which must not exist, and returns its modification
// time.
func (f *folder) create(name string, data []byte) (time.Time, error) {
	when, err := f.write(name, data)
	return when, f.reportOp(err, Op{Kind: OpCreate, Data: data, Time: when}, name)
}

// writeFile is the portable implementation of write.
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

// appendTo appends data to an existing file.
func (f *folder) appendTo(name string, data []byte) error {
	file, err := f.OpenFile(name, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	return f.reportOp(errors.Join(err, file.Close()), Op{Kind: OpAppend, Data: data}, name)
}

// replaceFile replaces a file atomically, and syncs it.
func (f *folder) replaceFile(name string, data []byte) error {
	draft := name + ".tmp"
	if err := removeIfExists(f, draft); err != nil {
		return err
	}
	if _, err := f.create(draft, data); err != nil {
		return errors.Join(err, removeIfExists(f, draft))
	}
	if err := f.sync(draft); err != nil {
		return err
	}
	got, err := f.ReadFile(draft)
	if err == nil && !bytes.Equal(got, data) {
		err = &ReadBackError{path.Base(name)}
	}
	if err != nil {
		return err
	}
	return errors.Join(f.Rename(draft, name), f.sync(path.Dir(name)))
}

// sync writes a file's content or a folder's entries to the disk.
func (f *folder) sync(name string) error {
	file, err := f.Open(name)
	if err != nil {
		return err
	}
	err = file.Sync()
	if err := errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("sync %s: %w", name, err)
	}
	return f.reportOp(nil, Op{Kind: OpSync}, name)
}

// syncAll writes everything to the disk that was written since lock, a folder
// on the same file system, was opened. It returns false if the system does not
// support that.
func (f *folder) syncAll(lock *os.File) (bool, error) {
	done, err := syncAll(lock)
	if !done {
		return false, err
	}
	return true, f.reportOp(err, Op{Kind: OpSyncAll}, ".")
}

// Mkdir creates a folder in an existing one.
func (f *folder) Mkdir(name string, mode uint32) error {
	return f.reportOp(f.makeDir(name, mode), Op{Kind: OpMkdir}, name)
}

func (f *folder) MkdirAll(name string, perm fs.FileMode) error {
	return f.reportOp(f.Root.MkdirAll(name, perm), Op{Kind: OpMkdir}, name)
}

func (f *folder) Link(from, name string) error {
	return f.reportOp(f.Root.Link(from, name), Op{Kind: OpLink, From: f.absPath(from)}, name)
}

func (f *folder) Symlink(target, name string) error {
	return f.reportOp(f.Root.Symlink(target, name), Op{Kind: OpSymlink, From: target}, name)
}

func (f *folder) Rename(from, name string) error {
	return f.reportOp(f.Root.Rename(from, name), Op{Kind: OpRename, From: f.absPath(from)}, name)
}

func (f *folder) Remove(name string) error {
	return f.reportOp(f.Root.Remove(name), Op{Kind: OpRemove}, name)
}

func (f *folder) RemoveAll(name string) error {
	return f.reportOp(f.Root.RemoveAll(name), Op{Kind: OpRemoveAll}, name)
}

func (f *folder) Chtimes(name string, accessed, modified time.Time) error {
	return f.reportOp(f.Root.Chtimes(name, accessed, modified), Op{Kind: OpChtimes, Time: modified}, name)
}

// makeFolders creates a folder and its parents, and syncs the entries of those
// that it created.
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

const (
	// parallel is the maximum number of concurrent file operations.
	parallel = 8
	// syncAllAbove is the number of new files and folders above which syncing
	// the whole file system is faster than syncing each.
	syncAllAbove = 32
)
