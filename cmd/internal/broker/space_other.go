//go:build !linux && !darwin

package broker

// freeSpace cannot tell.
func freeSpace(string) (uint64, bool) { return 0, false }
