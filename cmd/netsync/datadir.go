package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"go.uber.org/zap"

	"netsync/cmd/internal/broker"
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

// watchDataDir returns a *DataDirError as soon as the data directory, the
// broker's store in it or the store's lock is removed or replaced; nil when ctx
// ends.
func (n *node) watchDataDir(ctx context.Context) error {
	paths := []string{n.cfg.DataDir}
	if n.broker != nil {
		paths = append(paths, storeDir(n.cfg), broker.LockFile(storeDir(n.cfg)))
	}
	first := make(map[string]fs.FileInfo)
	ticker := time.NewTicker(dataDirEvery)
	defer ticker.Stop()
	for {
		for _, path := range paths {
			if err := compareFile(first, path); err != nil {
				n.log.Error("data directory removed or replaced", zap.Error(err))
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

// compareFile compares a file with what it was at first, which it remembers.
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
