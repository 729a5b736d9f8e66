package client

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
)

func networks(text ...string) []netip.Prefix {
	var all []netip.Prefix
	for _, t := range text {
		all = append(all, netip.MustParsePrefix(t))
	}
	return all
}

// TestOnlyTrustedProxiesSayWhoAsks: a private address is not trusted by itself.
func TestOnlyTrustedProxiesSayWhoAsks(t *testing.T) {
	t.Parallel()
	clients := New(networks("127.0.0.0/8", "::1/128", "10.0.0.7/32"), zap.NewNop())
	for _, tt := range []struct{ remote, forwarded, want string }{
		{"192.0.2.1:99", "", "192.0.2.1"},
		{"127.0.0.1:99", "192.0.2.1", "192.0.2.1"},
		{"[::1]:99", "2001:db8::1", "2001:db8::1"},
		{"[::ffff:127.0.0.1]:99", "192.0.2.1", "192.0.2.1"},
		{"127.0.0.1:99", "", "127.0.0.1"},
		{"10.0.0.7:99", "192.0.2.1", "192.0.2.1"},
		{"10.0.0.8:99", "192.0.2.1", "10.0.0.8"},       // another machine of the private network
		{"192.168.1.1:99", "192.0.2.1", "192.168.1.1"}, // so is this
		{"203.0.113.5:99", "127.0.0.1", "203.0.113.5"}, // a stranger
		// What a client said before the proxies added to it is hearsay.
		{"127.0.0.1:99", "198.51.100.1, 192.0.2.1", "192.0.2.1"},
		{"127.0.0.1:99", "198.51.100.1, 192.0.2.1, 10.0.0.7", "192.0.2.1"},
		{"127.0.0.1:99", "127.0.0.1, 203.0.113.5", "203.0.113.5"},
		{"127.0.0.1:99", "10.0.0.7", "10.0.0.7"},
		{"127.0.0.1:99", "192.0.2.1:4711", "192.0.2.1"},
		{"127.0.0.1:99", "[2001:db8::1]:4711", "2001:db8::1"},
		{"127.0.0.1:99", "nonsense", "127.0.0.1"},
		{"127.0.0.1:99", "192.0.2.1, nonsense, 10.0.0.7", "10.0.0.7"},
		{"@", "192.0.2.1", "invalid IP"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = tt.remote
		if tt.forwarded != "" {
			for part := range strings.SplitSeq(tt.forwarded, ", ") { // one header or several are the same
				r.Header.Add(Header, part)
			}
		}
		if got := clients.Address(r).String(); got != tt.want {
			t.Errorf("from %s for %q: %s, want %s", tt.remote, tt.forwarded, got, tt.want)
		}
	}
}

// TestTheLogNamesWhoIsNotTrusted once an hour, and few of them.
func TestTheLogNamesWhoIsNotTrusted(t *testing.T) {
	t.Parallel()
	core, logs := observer.New(zap.WarnLevel)
	clients := New(networks("127.0.0.0/8"), zap.New(core))
	ask := func(remote string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = remote
		r.Header.Set(Header, "192.0.2.1")
		clients.Address(r)
	}
	ask("127.0.0.1:9")
	if logs.Len() != 0 {
		t.Errorf("a trusted one is named: %v", logs.All())
	}
	ask("10.0.0.8:9")
	ask("10.0.0.8:10")
	all := logs.TakeAll()
	if len(all) != 1 || all[0].ContextMap()["address"] != "10.0.0.8" || !strings.Contains(all[0].Message, "http.trusted_proxies") {
		t.Errorf("%v", all)
	}
	for i := range 1000 {
		ask(netip.AddrPortFrom(netip.AddrFrom4([4]byte{203, 0, byte(i >> 8), byte(i)}), 9).String())
	}
	if n := logs.Len(); n != maxNamed-1 {
		t.Errorf("%d strangers are named", n)
	}
}
