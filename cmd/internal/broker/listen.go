package broker

import (
	"errors"
	"fmt"
	"net"
	"syscall"
)

// ListenError says that the broker cannot have its address.
type ListenError struct {
	Address string
	Err     error
}

// Error names the address and the remedy.
func (e *ListenError) Error() string {
	return fmt.Sprintf("listen for NATS clients on %s: %v; set nats.listen to a free address, or nats.url to the server that runs there", e.Address, e.Err)
}

// Unwrap gives the error of the network, such as syscall.EADDRINUSE.
func (e *ListenError) Unwrap() error { return e.Err }

// checkAddress checks that the address is free before the store is read. Another
// process may still take it in between: awaitReady reports that.
func checkAddress(address string) error {
	if address == "" {
		return nil
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return &ListenError{Address: address, Err: withoutAddress(err)}
	}
	return l.Close()
}

// withoutAddress returns a network error without its address, which ListenError has.
func withoutAddress(err error) error {
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		return errno
	}
	return err
}
