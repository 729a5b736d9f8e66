package gitcommand

import (
	"net/url"
	"regexp"
)

// Schemes are the transports that a repository may be reached by. Others, such
// as ext::, can run commands.
func Schemes() []string { return []string{"https", "http", "ssh", "git", "file"} }

// userInfo finds the credentials of an address that cannot be parsed.
var userInfo = regexp.MustCompile(`^([A-Za-z0-9+.-]*://)[^/]*@`)

// Redact returns a repository's address without its password. Over HTTP a user
// name can be a token, so it is hidden too.
func Redact(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return userInfo.ReplaceAllString(address, "${1}xxxxx@")
	}
	if u.User == nil {
		return address
	}
	if _, has := u.User.Password(); !has && (u.Scheme == "http" || u.Scheme == "https") {
		u.User = url.User("xxxxx")
	}
	return u.Redacted()
}
