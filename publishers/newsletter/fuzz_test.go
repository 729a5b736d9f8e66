package newsletter

import (
	"strings"
	"testing"
)

// FuzzAddresses checks that no mail address adds a header field.
func FuzzAddresses(f *testing.F) {
	for _, s := range []string{"Ada <ada@example.org>", "ada@example.org\r\nBcc: b@example.org", "\"a\\\r\\\nb\"@example.org", "=?utf-8?q?a=0Ab?= <a@b>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if a, err := parseAddress(s); err == nil && strings.ContainsAny(a.Address+a.Name, "\r\n\x00") {
			t.Errorf("%q is read as %q", s, a)
		}
	})
}
