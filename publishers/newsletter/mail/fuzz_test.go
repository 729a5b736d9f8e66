package mail

import (
	"strings"
	"testing"
)

// FuzzServers checks that the printed address of a server contains no password.
func FuzzServers(f *testing.F) {
	for _, s := range []string{"smtp://user:secret@host:587", "smtps://host", "host:25", "[::1]:25", "ada@example.org\r\nBcc: b@example.org"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		server, err := ParseServer(s)
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
