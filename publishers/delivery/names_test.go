package delivery

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// names is a server of names that stand for private addresses.
type names struct{ conn net.PacketConn }

var hostile = map[string]string{
	"four.example.": "127.0.0.1", "six.example.": "::1", "private.example.": "10.0.0.1", "metadata.example.": "169.254.169.254",
	"mapped.example.": "::ffff:127.0.0.1", "nat64.example.": "64:ff9b::7f00:1",
}

func newNames(t *testing.T) *names {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	n := &names{conn}
	go n.serve()
	return n
}

// dialer is that of an endpoint, which asks this server.
func (n *names) dialer(besides []netip.Prefix) *net.Dialer {
	d := newDialer(besides)
	d.Resolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", n.conn.LocalAddr().String())
	}}
	return d
}

func (n *names) serve() {
	buffer := make([]byte, 1500)
	for {
		size, from, err := n.conn.ReadFrom(buffer)
		if err != nil {
			return
		}
		var m dnsmessage.Message
		if m.Unpack(buffer[:size]) != nil || len(m.Questions) != 1 {
			continue
		}
		m.Response, m.Additionals = true, nil
		q := m.Questions[0]
		address, err := netip.ParseAddr(hostile[strings.ToLower(q.Name.String())])
		if err != nil {
			m.RCode = dnsmessage.RCodeNameError
		}
		header := dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, Type: q.Type, TTL: 1}
		switch {
		case err != nil:
		case q.Type == dnsmessage.TypeA && address.Is4():
			m.Answers = []dnsmessage.Resource{{Header: header, Body: &dnsmessage.AResource{A: address.As4()}}}
		case q.Type == dnsmessage.TypeAAAA && address.Is6():
			m.Answers = []dnsmessage.Resource{{Header: header, Body: &dnsmessage.AAAAResource{AAAA: address.As16()}}}
		}
		if data, err := m.Pack(); err == nil {
			_, _ = n.conn.WriteTo(data, from)
		}
	}
}
