//go:build !linux

package porttest

import "net"

// hold finds a port and lets go of it at once: here a socket that is bound
// would keep the port from the program that is to have it.
func hold() (address string, release func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	return l.Addr().String(), func() {}, l.Close()
}
