package signup

import (
	"net/http"
	"net/netip"
	"strings"
)

// network returns where a request comes from, as far as it can be told: a
// provider gives each of its customers one address of IPv4, or a /64 of IPv6.
// What a proxy says is believed where it is on this machine or in a private
// network; from elsewhere anybody could say it.
func network(r *http.Request) netip.Prefix {
	var address netip.Addr
	if port, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		address = port.Addr()
	}
	if isNear(address) {
		if behind, ok := forwarded(r.Header); ok {
			address = behind
		}
	}
	address = address.Unmap().WithZone("")
	bits := 32
	if address.Is6() {
		bits = 64
	}
	prefix, err := address.Prefix(bits)
	if err != nil {
		return netip.Prefix{} // of a socket that has no address: all who use it are one
	}
	return prefix
}

func isNear(a netip.Addr) bool { return a.Unmap().IsLoopback() || a.Unmap().IsPrivate() }

// forwarded returns the last address in X-Forwarded-For: the one that the proxy
// has seen itself. Those before it are hearsay.
func forwarded(h http.Header) (netip.Addr, bool) {
	all := strings.Join(h.Values("X-Forwarded-For"), ",")
	last := strings.TrimSpace(all[strings.LastIndexByte(all, ',')+1:])
	if port, err := netip.ParseAddrPort(last); err == nil { // as some proxies write it
		return port.Addr(), true
	}
	address, err := netip.ParseAddr(strings.Trim(last, "[]"))
	return address, err == nil
}
