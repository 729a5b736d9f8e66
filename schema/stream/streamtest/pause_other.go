//go:build !unix

package streamtest

import "syscall"

// There are no such signals here: a test that pauses a server fails.
const (
	pause  = syscall.Signal(0)
	resume = syscall.Signal(0)
)
