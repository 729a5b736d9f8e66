package config

import (
	"fmt"
	"io"
	"net/url"
	"strings"
)

// URL is one or more server addresses with commas between, which may hold a
// user and a password. It prints and marshals with those hidden; the value
// comes out by [URL.Reveal].
type URL string

// Reveal returns the value.
func (u URL) Reveal() string { return string(u) }

// String hides user and password: nats://[redacted]@host:4222.
func (u URL) String() string {
	parts := strings.Split(string(u), ",")
	for i, part := range parts {
		// The last @ ends the userinfo (RFC 3986 §3.2.1); cutting by hand
		// also hides it in an address that does not parse.
		at := strings.LastIndex(part, "@")
		if at < 0 {
			continue
		}
		scheme := ""
		if n := strings.Index(part, "://"); n >= 0 && n < at {
			scheme = part[:n+len("://")]
		}
		parts[i] = scheme + redacted + part[at:]
	}
	return strings.Join(parts, ",")
}

// GoString is for %#v.
func (u URL) GoString() string { return u.String() }

// Format covers every verb.
func (u URL) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, u.String()) }

// MarshalText covers JSON and YAML.
func (u URL) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// parseURL is url.Parse without the value in its error, which may hold a
// password.
func parseURL(text string) (*url.URL, bool) {
	u, err := url.Parse(text)
	return u, err == nil
}
