package release

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// syncAll writes the file system of an open folder to the disk with one call.
// It reports write errors since the folder was opened (syncfs(2), Linux 5.8 and
// later); before 5.8, only reading back detects them.
func syncAll(dir *os.File) (bool, error) {
	if err := unix.Syncfs(int(dir.Fd())); err != nil {
		return true, fmt.Errorf("syncfs %s: %w", dir.Name(), err)
	}
	return true, nil
}
