package live

import (
	"net/http"
	"net/netip"
	"sync"
)

// A limiter limits the number of connections, in total and for each client.
type limiter struct {
	max, maxPerClient int

	mu        sync.Mutex
	used      int
	perClient map[netip.Prefix]int // clients with connections
}

func newLimiter(max, maxPerClient int) *limiter {
	return &limiter{max: max, maxPerClient: maxPerClient, perClient: make(map[netip.Prefix]int)}
}

// acquireSlot acquires a slot for a client; the zero Prefix is not limited by
// itself. Without a slot, refused is the status of the response:
// http.StatusTooManyRequests if the client has too many, else
// http.StatusServiceUnavailable.
func (l *limiter) acquireSlot(client netip.Prefix) (release func(), refused int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if client.IsValid() && l.perClient[client] >= l.maxPerClient {
		return nil, http.StatusTooManyRequests
	}
	if l.used >= l.max {
		return nil, http.StatusServiceUnavailable
	}
	l.used++
	l.perClient[client]++
	return func() { l.releaseSlot(client) }, 0
}

func (l *limiter) releaseSlot(client netip.Prefix) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.used--
	if l.perClient[client]--; l.perClient[client] == 0 {
		delete(l.perClient, client)
	}
}

// clientNetwork returns the network that a provider assigns to one customer: an
// IPv4 address, or an IPv6 /56 (RFC 6177).
func (s *Server) clientNetwork(r *http.Request) netip.Prefix {
	if s.Address == nil || s.IsNear == nil {
		return netip.Prefix{}
	}
	address := s.Address(r)
	if s.IsNear(address) {
		return netip.Prefix{}
	}
	bits := 32
	if address.Is6() {
		bits = 56
	}
	network, err := address.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return network
}
