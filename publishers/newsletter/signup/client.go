package signup

import (
	"net/http"
	"net/netip"
)

// client returns the network that a form or a link counts for: a provider gives
// each of its customers one address of IPv4, or a /64 of IPv6.
func (d *Desk) client(r *http.Request) netip.Prefix { return network(d.Address(r), 32, 64) }

// neighbours returns the network that a mail counts for: whoever has one address
// of it often has more.
func (d *Desk) neighbours(r *http.Request) netip.Prefix { return network(d.Address(r), 24, 56) }

// network cuts an address to so many bits. All who have no address, by a Unix
// socket, are one: the zero Prefix.
func network(address netip.Addr, bits4, bits6 int) netip.Prefix {
	bits := bits4
	if address.Is6() {
		bits = bits6
	}
	prefix, err := address.WithZone("").Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return prefix
}

// peer returns the address of a connection.
func peer(r *http.Request) netip.Addr {
	port, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return port.Addr().Unmap()
}
