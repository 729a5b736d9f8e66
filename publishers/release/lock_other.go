//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package release

import "os"

// Without flock(2), only one process at a time may write to the folder.

// lockDir waits for flock(2) on a folder. Closing the file or the end of the
// process releases the lock.
func lockDir(path string) (*os.File, error) { return os.Open(path) }

// tryLockDir is lockDir without waiting. It returns a nil file if another
// process holds the lock.
func tryLockDir(path string) (*os.File, error) { return os.Open(path) }
