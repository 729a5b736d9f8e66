//go:build linux || darwin

package broker

import "golang.org/x/sys/unix"

// freeSpace returns how many bytes may still be written to a folder's disk;
// false where that cannot be told.
func freeSpace(dir string) (uint64, bool) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil || s.Blocks == 0 {
		return 0, false
	}
	return s.Bavail * uint64(s.Bsize), true
}
