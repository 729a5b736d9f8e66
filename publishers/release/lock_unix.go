//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package release

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// lockDir waits for flock(2) on a folder. Closing the file or the end of the
// process releases the lock.
func lockDir(path string) (*os.File, error) {
	return lockFolder(path, syscall.LOCK_EX)
}

// tryLockDir is lockDir without waiting. It returns a nil file if another
// process holds the lock.
func tryLockDir(path string) (*os.File, error) {
	f, err := lockFolder(path, syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, nil
	}
	return f, err
}

func lockFolder(path string, how int) (*os.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(f.Fd()), how)
		if err == nil {
			return f, nil
		}
		if !errors.Is(err, syscall.EINTR) {
			f.Close()
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
	}
}
