package delivery

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// post is a kind of delivery without a body.
type post string

func (p post) Host() string { return string(p) }

func (p post) Request(ctx context.Context, _ Message) (*http.Request, error) {
	return http.NewRequestWithContext(ctx, http.MethodPost, string(p), nil)
}

func TestNoPrivateAddressIsConnectedTo(t *testing.T) {
	t.Parallel()
	names := newNames(t)
	var listeners []net.Listener
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Logf("no %s here: %v", address, err)
			continue
		}
		defer l.Close()
		listeners = append(listeners, l)
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				t.Errorf("a private address was connected to: %s", c.LocalAddr())
				c.Close()
			}
		}()
	}
	for n, l := range listeners {
		_, port, _ := net.SplitHostPort(l.Addr().String())
		hosts := []string{"127.0.0.1", "localhost", "127.1", "0x7f000001", "[::ffff:127.0.0.1]", "four.example"}
		if n > 0 {
			hosts = []string{"[::1]", "localhost", "[::ffff:7f00:1]", "six.example"}
		}
		for _, host := range append(hosts, "private.example", "metadata.example", "mapped.example", "nat64.example") {
			t.Run(host+" "+l.Addr().Network(), func(t *testing.T) {
				e := newEndpoint(Config{Kind: post("http://" + host + ":" + port + "/"), Timeout: 5 * time.Second, Now: time.Now}, names.dialer(nil))
				r := e.postMessage(t.Context(), Message{ID: "x"})
				// 127.1 and the like are names that nobody has.
				unknown := host == "127.1" || host == "0x7f000001"
				if refused := strings.Contains(r.reason, "no address of the public internet"); r.ok || refused == unknown {
					t.Errorf("%s: %+v", host, r)
				}
			})
		}
	}
}

func TestWhichAddressesArePublic(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"8.8.8.8", "130.161.128.82", "2001:67c:2564:a::1", "2606:4700::1111", "64:ff9b::808:808"} {
		if !isAllowed(netip.MustParseAddr(s), nil) {
			t.Errorf("%s is public", s)
		}
	}
	for _, s := range []string{
		"0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.168.1.1",
		"192.0.2.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00::1", "ff02::1",
		"::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001::1",
		"2001:db8::1", "fec0::1", "100::1", "3fff::1",
	} {
		if isAllowed(netip.MustParseAddr(s), nil) {
			t.Errorf("%s is not public", s)
		}
	}
	if !isAllowed(netip.MustParseAddr("::ffff:127.0.0.1"), loopback) || isAllowed(netip.MustParseAddr("10.0.0.1"), loopback) {
		t.Error("networks that are named")
	}
}
