package delivery

import (
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// newDialer returns a dialer that refuses private addresses, except the networks
// listed. It checks the address that is connected to: a name may resolve to another
// one than at its lookup.
func newDialer(besides []netip.Prefix) *net.Dialer {
	return &net.Dialer{
		Timeout: 10 * time.Second,
		Control: func(_, address string, _ syscall.RawConn) error {
			to, err := netip.ParseAddrPort(address)
			if err != nil {
				return fmt.Errorf("connect to %s: %w", address, err)
			}
			if !isAllowed(to.Addr(), besides) {
				return &PrivateError{to.Addr()}
			}
			return nil
		},
	}
}

// A PrivateError says that the name of an endpoint resolves to an address that is not
// of the public internet.
type PrivateError struct{ Addr netip.Addr }

func (e *PrivateError) Error() string {
	return fmt.Sprintf("%s is no address of the public internet; networks that may be connected to all the same are named with the endpoint", e.Addr)
}

func isAllowed(a netip.Addr, besides []netip.Prefix) bool {
	if a.Zone() != "" {
		return false
	}
	a = a.Unmap()
	for _, p := range besides {
		if p.Contains(a) {
			return true
		}
	}
	return isPublic(a)
}

// reserved are the networks that are not of the public internet, by the special
// purpose registries of IANA (RFC 6890, as of 2025). Of IPv6 only 2000::/3 is
// allocated.
var reserved = parsePrefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
	"192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16",
	"192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	"2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
)

var (
	global6 = netip.MustParsePrefix("2000::/3")
	// nat64 hides an address of IPv4 in one of IPv6 (RFC 6052).
	nat64 = netip.MustParsePrefix("64:ff9b::/96")
)

func parsePrefixes(all ...string) []netip.Prefix {
	var out []netip.Prefix
	for _, s := range all {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}

// isPublic reports whether an address is on the public internet.
func isPublic(a netip.Addr) bool {
	if nat64.Contains(a) {
		b := a.As16()
		return isPublic(netip.AddrFrom4([4]byte(b[12:])))
	}
	if a.Is6() && !global6.Contains(a) {
		return false
	}
	for _, p := range reserved {
		if p.Contains(a) {
			return false
		}
	}
	return true
}
