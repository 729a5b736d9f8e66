// Package client tells which address a request comes from, when proxies are in
// between. It is the one place of a process that reads X-Forwarded-For.
package client

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"
)

// Header is where a proxy says for whom it asks.
const Header = "X-Forwarded-For"

// maxNamed is how many untrusted senders of the header are named between two
// times that the list is emptied, so that strangers cannot fill the log.
const (
	maxNamed   = 20
	namedAgain = time.Hour
)

// Clients knows which proxies are believed. It may be used by several goroutines.
type Clients struct {
	trusted []netip.Prefix
	log     *zap.Logger

	mu    sync.Mutex
	named map[netip.Addr]bool // whom the log has named
	since time.Time           // when the list was emptied
}

// New makes Clients that believe what the trusted networks say.
func New(trusted []netip.Prefix, log *zap.Logger) *Clients {
	return &Clients{trusted: trusted, log: log, named: make(map[netip.Addr]bool)}
}

// Address returns the address that a request comes from: the connection's or, if
// that is a trusted proxy's, the last one in X-Forwarded-For that is not. What an
// untrusted sender says in it is ignored, and told to the log. A Unix socket has
// no address: the zero Addr.
func (c *Clients) Address(r *http.Request) netip.Addr {
	var address netip.Addr
	if port, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		address = plain(port.Addr())
	}
	said := strings.Split(strings.Join(r.Header.Values(Header), ","), ",")
	if said[0] == "" && len(said) == 1 {
		return address
	}
	if !c.Trusts(address) {
		c.nameUntrusted(address)
		return address
	}
	for _, text := range slices.Backward(said) {
		behind, ok := parse(text)
		if !ok {
			break // what comes before it is hearsay
		}
		if address = behind; !c.Trusts(address) {
			break
		}
	}
	return address
}

// Trusts reports whether an address is a trusted proxy's.
func (c *Clients) Trusts(a netip.Addr) bool {
	return slices.ContainsFunc(c.trusted, func(network netip.Prefix) bool { return network.Contains(a) })
}

// IsNear reports whether an address stands for many: a trusted proxy that does not
// say for whom it asks, or this machine.
func (c *Clients) IsNear(a netip.Addr) bool { return !a.IsValid() || a.IsLoopback() || c.Trusts(a) }

// parse reads an address, with a port or without, as proxies write it.
func parse(text string) (netip.Addr, bool) {
	text = strings.TrimSpace(text)
	if port, err := netip.ParseAddrPort(text); err == nil {
		return plain(port.Addr()), true
	}
	address, err := netip.ParseAddr(strings.Trim(text, "[]"))
	return plain(address), err == nil
}

func plain(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }

// nameUntrusted tells the log of a sender of the header that is not trusted: often
// a proxy that the configuration does not name, so that all who come through it
// pass for one.
func (c *Clients) nameUntrusted(a netip.Addr) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := time.Now(); now.Sub(c.since) > namedAgain {
		c.since = now
		clear(c.named)
	}
	if c.named[a] || len(c.named) >= maxNamed {
		return
	}
	c.named[a] = true
	c.log.Warn("X-Forwarded-For is ignored: its sender is not in http.trusted_proxies; if it is a proxy of yours, add it there",
		zap.Stringer("address", a))
}
