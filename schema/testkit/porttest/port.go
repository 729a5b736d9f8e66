// Package porttest finds ports for programs that tests start. It is for tests
// alone.
package porttest

import (
	"net"
	"testing"
)

// Free returns an address on 127.0.0.1, as host:port, on which nobody listens.
// On Linux nobody is given its port either until the test ends, unless they
// ask for it by its number: a port that is only looked up can be another's
// before the program that was to have it has started.
func Free(tb testing.TB) string {
	tb.Helper()
	address, release, err := hold()
	if err != nil {
		tb.Fatalf("find a free port: %v", err)
	}
	tb.Cleanup(release)
	return address
}

// Port returns the port of an address as Free returns it.
func Port(tb testing.TB, address string) string {
	tb.Helper()
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		tb.Fatal(err)
	}
	return port
}
