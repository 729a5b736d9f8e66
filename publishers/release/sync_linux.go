package release

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// syncAll brings all that was written to the file system of an open folder to
// the disk, with one call. It reports what failed to be written since the
// folder was opened (syncfs(2), Linux 5.8 and later); before 5.8 the read
// back is all there is. False says that the call is not there to be used.
func syncAll(dir *os.File) (bool, error) {
	if err := unix.Syncfs(int(dir.Fd())); err != nil {
		return true, fmt.Errorf("syncfs %s: %w", dir.Name(), err)
	}
	return true, nil
}
