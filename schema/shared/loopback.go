package shared

import (
	"net/netip"
	"strings"
)

// IsLoopback reports whether only this machine reaches a host: a loopback address,
// or localhost. Other names are not looked up: they can lead anywhere.
func IsLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}
