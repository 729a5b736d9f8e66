package validate

import (
	"net/url"
	"strings"
	"unicode"
)

// badAddress returns the problem of a web address (RFC 9110 §4.2), or "".
func badAddress(address string) string {
	if strings.ContainsFunc(address, func(r rune) bool { return unicode.IsSpace(r) || isForbidden(r) || r == '\\' }) {
		return "holds a blank or another character that no address has"
	}
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return "is not a web address: " + describeReason(err)
	case u.Scheme == "":
		return "is not a whole web address: it does not begin with https://"
	case u.Scheme != "http" && u.Scheme != "https":
		return "begins with " + shortenValue(u.Scheme) + ":, not with https:// or http://"
	case u.User != nil:
		return "holds a user name or a password, which everybody would see"
	case !goodHost(u.Hostname()):
		return "names no server that can be"
	}
	return ""
}

func describeReason(err error) string {
	if wrapped, ok := err.(*url.Error); ok { //nolint:errorlint // url.Parse returns it bare
		return wrapped.Err.Error()
	}
	return err.Error()
}

// goodHost reports whether a name can be a host: labels between dots, none of them empty (RFC
// 1123 §2.1), or an IPv6 address.
func goodHost(host string) bool {
	if host == "" || len(host) > 253 {
		return false
	}
	if strings.Contains(host, ":") {
		return true // url.Parse took the brackets off
	}
	for label := range strings.SplitSeq(strings.TrimSuffix(host, "."), ".") {
		if label == "" || len(label) > 63 || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") ||
			strings.ContainsFunc(label, func(r rune) bool {
				return r < 0x80 && r != '-' && r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
			}) {
			return false
		}
	}
	return true
}

// shortenValue shortens a value of a file for a message.
func shortenValue(s string) string {
	if runes := []rune(s); len(runes) > 60 {
		return string(runes[:60]) + "…"
	}
	return s
}
