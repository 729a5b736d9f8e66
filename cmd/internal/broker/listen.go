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

// probe finds out before the store is read whether the address is free.
// Another process may still take it in between: await sees that.
func probe(address string) error {
	if address == "" {
		return nil
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return &ListenError{Address: address, Err: reason(err)}
	}
	return l.Close()
}

// reason is a network error without the address, which ListenError has.
func reason(err error) error {
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		return errno
	}
	return err
}
