package process

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"go.uber.org/zap"

	"netsync/cmd/internal/broker"
	"netsync/cmd/internal/cli"
	"netsync/config"
)

// dataDirEvery is how often a process compares its data directory with the one
// that it began with.
const dataDirEvery = 2 * time.Second

// A DataDirError says that a data directory is no longer the one that a process
// began with. Its lock does not keep other processes out then, and what it writes
// is lost, or mixes with theirs.
type DataDirError struct {
	Path    string
	Removed bool // otherwise another file or folder is in its place
}

func (e *DataDirError) Error() string {
	what := "another one was put in its place"
	if e.Removed {
		what = "it was removed"
	}
	return fmt.Sprintf("%s is not the one that this process began with: %s; the process ends: put it back and start again, or start again to rebuild everything from Git", e.Path, what)
}

// watchDataDir returns a *DataDirError as soon as the data directory, the broker's
// store in it or the store's lock is removed or replaced, and nil when ctx ends.
func (n *node) watchDataDir(ctx context.Context) error {
	paths := []string{n.Config.DataDir}
	if n.broker != nil {
		paths = append(paths, StoreDir(n.Config), broker.LockFile(StoreDir(n.Config)))
	}
	first := make(map[string]fs.FileInfo)
	ticker := time.NewTicker(dataDirEvery)
	defer ticker.Stop()
	for {
		for _, path := range paths {
			if err := compareFile(first, path); err != nil {
				n.Log.Error("data directory removed or replaced", zap.Error(err))
				return err
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// compareFile compares a file with its first state, which it remembers.
func compareFile(first map[string]fs.FileInfo, path string) error {
	info, err := os.Stat(path)
	before := first[path]
	switch {
	case errors.Is(err, fs.ErrNotExist) && before != nil:
		return &DataDirError{Path: path, Removed: true}
	case err != nil: // it cannot be looked at for now
	case before == nil:
		first[path] = info
	case !os.SameFile(before, info):
		return &DataDirError{Path: path}
	}
	return nil
}

// DataFormat is the number of the format of the data directory. It grows when an
// older netsync can no longer read what this one writes. Data without a number is
// from before there was one, and is opened as it is.
const DataFormat = 1

// FormatFile holds the number.
const FormatFile = "format"

// checkFormat refuses a data directory that a newer netsync has written to. It
// writes nothing.
func checkFormat(cfg *config.Config) error {
	path := filepath.Join(cfg.DataDir, FormatFile)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the format of the data directory: %w", err)
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(data)))
	switch {
	case err != nil || n < 0:
		return cli.UsageError("%s does not hold the number of a format; if this is no folder of netsync's, set data_dir to another", path)
	case n > DataFormat:
		return cli.UsageError("the data in %s has format %d, and this netsync reads formats up to %d: a newer netsync has written to it. "+
			"Use that or a newer one, or set data_dir to another folder; nothing was changed", cfg.DataDir, n, DataFormat)
	}
	return nil
}

// noteFormat writes the format of this program into a data directory that its caller
// has locked. Older data needs nothing more: it is converted when it is read.
func noteFormat(cfg *config.Config) error {
	path := filepath.Join(cfg.DataDir, FormatFile)
	want := strconv.Itoa(DataFormat) + "\n"
	if data, err := os.ReadFile(path); err == nil && string(data) == want {
		return nil
	}
	file, err := os.CreateTemp(cfg.DataDir, ".format-*")
	if err != nil {
		return fmt.Errorf("note the format of the data directory: %w", err)
	}
	defer os.Remove(file.Name()) // does nothing once it has its name
	_, err = file.WriteString(want)
	if err = errors.Join(err, file.Chmod(0o600), file.Sync(), file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("note the format of the data directory: %w", err)
	}
	return nil
}

// A DiskFullError says that something failed because the disk of the data
// directory is full.
type DiskFullError struct {
	Dir string
	Err error
}

func (e *DiskFullError) Error() string {
	return fmt.Sprintf("no space left on the disk of %s: free some, or move data_dir to a larger disk, and try again; what was published stays (%v)", e.Dir, e.Err)
}

func (e *DiskFullError) Unwrap() error { return e.Err }

// explainDisk makes an error a *DiskFullError if a full disk is its cause. A broker
// on a full disk often says nothing of it, so the disk is looked at, too.
func explainDisk(cfg *config.Config, err error) error {
	if err == nil {
		return nil
	}
	if exit := (*cli.Error)(nil); errors.As(err, &exit) {
		return err // about the data or the usage
	}
	// An error of another process or of the broker comes as text.
	named := errors.Is(err, syscall.ENOSPC) || strings.Contains(err.Error(), syscall.ENOSPC.Error()) || strings.Contains(err.Error(), "no space is left on the disk")
	if !named && !broker.IsFull(cfg.DataDir) {
		return err
	}
	return &DiskFullError{cfg.DataDir, err}
}
