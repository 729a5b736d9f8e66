package broker

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"
)

// ErrLocked says that another process has the store.
var ErrLocked = errors.New("the store is in use by another process")

// LockedError is ErrLocked with what is known of the other process.
type LockedError struct {
	StoreDir string
	PID      int    // 0 where it is not known
	URL      string // empty where it is not known or does not listen
}

// Error names the process and the remedy.
func (e *LockedError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "open the broker's store %s: %v", e.StoreDir, ErrLocked)
	if e.PID != 0 {
		fmt.Fprintf(&b, " (process %d", e.PID)
		if e.URL != "" {
			fmt.Fprintf(&b, ", at %s", e.URL)
		}
		b.WriteString(")")
	}
	b.WriteString("; stop it, or set data_dir to another folder")
	return b.String()
}

// Is makes errors.Is(err, ErrLocked) true.
func (e *LockedError) Is(target error) bool { return target == ErrLocked }

// A Lock is a store that this process has taken.
type Lock struct{ file *flock.Flock }

// Release lets another process take the store. Close of a broker does so, too.
func (l *Lock) Release() error { return l.file.Unlock() }

// Acquire takes the store for this process, for a Start that has it as its Lock.
// The error is a [*LockedError] if another process has the store.
//
// The kernel releases the lock when the process ends, however it ends. The file
// stays: removing it would let two processes lock two files of one name.
func Acquire(cfg Config) (*Lock, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	name := LockFile(cfg.StoreDir)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return nil, fmt.Errorf("lock the broker's store: %w", err)
	}
	l := flock.New(name, flock.SetPermissions(0o600))
	ok, err := l.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock the broker's store: %w", err)
	}
	if !ok {
		locked := &LockedError{StoreDir: cfg.StoreDir}
		// The other process may be starting or ending: without its file the
		// error says less, and is still right.
		if info, err := ReadInfo(cfg.InfoFile); err == nil {
			locked.PID, locked.URL = info.PID, info.URL
		}
		return nil, locked
	}
	return &Lock{l}, nil
}

// LockFile returns the name of the file that a process locks to take a store.
func LockFile(storeDir string) string { return filepath.Clean(storeDir) + ".lock" }
