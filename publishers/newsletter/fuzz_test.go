package newsletter

import (
	"strings"
	"testing"
)

// FuzzAddresses: no mail address carries a second header, and what is shown of
// a server holds no password.
func FuzzAddresses(f *testing.F) {
	for _, s := range []string{"Ada <ada@example.org>", "ada@example.org\r\nBcc: b@example.org", "\"a\\\r\\\nb\"@example.org", "=?utf-8?q?a=0Ab?= <a@b>", "smtp://user:secret@host:587", "smtps://host", "host:25", "[::1]:25"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if a, err := parseAddress(s); err == nil && strings.ContainsAny(a.Address+a.Name, "\r\n\x00") {
			t.Errorf("%q is read as %q", s, a)
		}
		server, err := parseServer(s)
		if err != nil || server.host == "" {
			return
		}
		if server.port < 1 || server.port > 65535 {
			t.Errorf("%q has the port %d", s, server.port)
		}
		if len(server.password) > 8 && strings.Contains(server.String(), server.password) && !strings.Contains(server.host, server.password) {
			t.Errorf("%q is shown as %q", s, server)
		}
	})
}
