//go:build !linux

package streamtest

import "syscall"

// dieWithTest does nothing here: only the end of the test in order ends a
// server.
func dieWithTest() *syscall.SysProcAttr { return nil }
