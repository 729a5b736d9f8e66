package live

import (
	"net/http"
	"net/netip"
	"sync"
)

// seats count who listens: in all, and of each client.
type seats struct {
	most, mostEach int

	mu    sync.Mutex
	taken int
	each  map[netip.Prefix]int // those with a seat
}

func newSeats(most, mostEach int) *seats {
	return &seats{most: most, mostEach: mostEach, each: make(map[netip.Prefix]int)}
}

// claim takes a seat for a client; the zero Prefix is for those who are not counted
// by themselves. Without a seat, refused is the status of the answer:
// http.StatusTooManyRequests if the client has enough of them, else
// http.StatusServiceUnavailable.
func (s *seats) claim(client netip.Prefix) (leave func(), refused int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if client.IsValid() && s.each[client] >= s.mostEach {
		return nil, http.StatusTooManyRequests
	}
	if s.taken >= s.most {
		return nil, http.StatusServiceUnavailable
	}
	s.taken++
	s.each[client]++
	return func() { s.release(client) }, 0
}

func (s *seats) release(client netip.Prefix) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken--
	if s.each[client]--; s.each[client] == 0 {
		delete(s.each, client)
	}
}

// clientOf returns the network that a provider gives one customer: an address of
// IPv4, a /56 of IPv6 (RFC 6177).
func (s *Server) clientOf(r *http.Request) netip.Prefix {
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
