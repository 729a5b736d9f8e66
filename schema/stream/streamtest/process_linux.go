package streamtest

import "syscall"

// dieWithTest ends a server with the test that started it, however that ends.
func dieWithTest() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
