package signup

import (
	"net/http"
	"net/netip"
)

// clientNetwork returns the network to which a form or a link is attributed:
// providers give each customer one IPv4 address, or an IPv6 /64.
func (d *Desk) clientNetwork(r *http.Request) netip.Prefix { return networkOf(d.Address(r), 32, 64) }

// mailNetwork returns the network to which a mail is attributed: the owner of
// one address often has others nearby.
func (d *Desk) mailNetwork(r *http.Request) netip.Prefix { return networkOf(d.Address(r), 24, 56) }

// networkOf returns the network of an address, with a number of bits. Clients
// without an address, on a Unix socket, share the zero Prefix.
func networkOf(address netip.Addr, bits4, bits6 int) netip.Prefix {
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

// peerAddress returns the address of a connection.
func peerAddress(r *http.Request) netip.Addr {
	port, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return port.Addr().Unmap()
}
