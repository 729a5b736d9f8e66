package config

import (
	"fmt"
	"net"
	"net/netip"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"netsync/schema/shared"
)

// SocketPrefix is the prefix of an address that is the path of a Unix socket.
const SocketPrefix = "unix:"

// checkAdminListen checks host:port, or unix: and a path, which it makes absolute.
func checkAdminListen(text, base string) (string, *fault) {
	path, isSocket := strings.CutPrefix(text, SocketPrefix)
	if !isSocket {
		return text, checkListen(text)
	}
	if path == "" || strings.HasSuffix(path, "/") {
		return text, &fault{fmt.Sprintf("is %q, which names no socket", text), "write unix:/run/netsync/admin.sock, or host:port"}
	}
	return SocketPrefix + filepath.Clean(resolvePath(path, base)), nil
}

// minToken is the minimum number of characters of a secret that others may try to guess over
// the network.
const minToken = 16

func checkToken(text string) *fault {
	if n := utf8.RuneCountInString(text); n < minToken {
		return &fault{fmt.Sprintf("has %d characters, which can be guessed", n),
			fmt.Sprintf("use %d at least, such as what openssl rand -hex 32 prints", minToken)}
	}
	return nil
}

// Words that stand for networks in http.trusted_proxies.
const (
	loopbackWord = "loopback"
	privateWord  = "private"
)

// checkNetwork checks an address, a network, or a word for some networks.
func checkNetwork(text string) (string, *fault) {
	if text == loopbackWord || text == privateWord {
		return text, nil
	}
	if address, err := netip.ParseAddr(text); err == nil && address.Zone() == "" {
		return address.Unmap().String(), nil
	}
	if network, err := netip.ParsePrefix(text); err == nil {
		return network.Masked().String(), nil
	}
	return text, &fault{fmt.Sprintf("has %q, which is no address and no network", text), "write 10.0.0.7, 10.0.0.0/24, loopback or private"}
}

// Proxies returns the networks whose X-Forwarded-For is trusted.
func (h HTTP) Proxies() []netip.Prefix {
	words := map[string][]string{
		loopbackWord: {"127.0.0.0/8", "::1/128"},
		privateWord:  {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"}, // RFC 1918, RFC 4193
	}
	var all []netip.Prefix
	for _, text := range h.TrustedProxies {
		for _, network := range words[text] {
			all = append(all, netip.MustParsePrefix(network))
		}
		if address, err := netip.ParseAddr(text); err == nil {
			all = append(all, netip.PrefixFrom(address, address.BitLen()))
		} else if network, err := netip.ParsePrefix(text); err == nil {
			all = append(all, network)
		}
	}
	return all
}

// checkHTTP reports keys of the HTTP servers that do not fit together.
func (c *Config) checkHTTP(report func(key, problem, remedy string)) {
	h := c.HTTP
	if isSocket := strings.HasPrefix(h.AdminListen, SocketPrefix); !isSocket && !IsLoopbackListen(h.AdminListen) && h.AdminToken == "" {
		report("http.admin_listen", "can be reached from other machines, and http.admin_token is not set",
			"set "+envName("http.admin_token")+fileSuffix+" to a file with a token, or listen on 127.0.0.1")
	}
	if _, port, _ := net.SplitHostPort(h.Listen); h.Listen == h.AdminListen && port != "0" {
		report("http.admin_listen", "is the address of http.listen, which the public reads", "give the pages for operators an address of their own")
	}
}

// IsLoopbackListen reports whether only this machine can reach an address to listen on.
func IsLoopbackListen(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	return shared.IsLoopback(host)
}
