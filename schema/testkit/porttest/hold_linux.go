package porttest

import (
	"fmt"
	"net/netip"
	"syscall"
)

// hold binds a socket and does not let it listen. Where both have
// SO_REUSEADDR, another may then listen on the same port (socket(7)), but the
// kernel gives the port to nobody who asks for any.
func hold() (address string, release func(), err error) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return "", nil, err
	}
	release = func() { _ = syscall.Close(fd) } // nothing was written
	defer func() {
		if err != nil {
			release()
		}
	}()
	loopback := netip.AddrFrom4([4]byte{127, 0, 0, 1})
	// The port is chosen before the option is set: with it, the kernel may
	// choose one that another socket holds in the same way.
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: loopback.As4()}); err != nil {
		return "", nil, err
	}
	if err := syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1); err != nil {
		return "", nil, err
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		return "", nil, err
	}
	bound, ok := name.(*syscall.SockaddrInet4)
	if !ok {
		return "", nil, fmt.Errorf("a socket of %T", name)
	}
	return netip.AddrPortFrom(loopback, uint16(bound.Port)).String(), release, nil
}
