package git

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// schemes are the transports that a repository may be reached by. Others,
// such as ext::, can run commands.
var schemes = []string{"https", "http", "ssh", "git", "file"}

// helperForm is helper::address, for which git runs a program.
var helperForm = regexp.MustCompile(`^[A-Za-z0-9+.-]*::`)

// userInfo finds the credentials of an address that cannot be parsed.
var userInfo = regexp.MustCompile(`^([A-Za-z0-9+.-]*://)[^/]*@`)

// checkAddress refuses an address that git could take for an option or a
// command.
func checkAddress(address string) error {
	switch {
	case address == "":
		return errors.New("no repository is given")
	case strings.HasPrefix(address, "-"):
		return fmt.Errorf("the repository %q begins with a hyphen", address)
	case strings.ContainsFunc(address, unicode.IsControl):
		return errors.New("the repository's address holds a control character")
	case helperForm.MatchString(address):
		return fmt.Errorf("the repository %q names a remote helper; use %s or a folder", Redact(address), strings.Join(schemes, ", "))
	}
	if scheme, _, ok := strings.Cut(address, "://"); ok && !slices.Contains(schemes, scheme) {
		return fmt.Errorf("the repository's scheme %q is not allowed; use %s or a folder", scheme, strings.Join(schemes, ", "))
	}
	return nil
}

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

// checkRef refuses a ref that git could take for an option or a pattern.
func checkRef(ref string) error {
	if ref == "" || strings.HasPrefix(ref, "-") || strings.ContainsAny(ref, " ~^:?*[\\\x7f") || strings.Contains(ref, "..") || strings.Contains(ref, "@{") ||
		strings.ContainsFunc(ref, unicode.IsControl) {
		return fmt.Errorf("%q is not a branch, tag or ref", ref)
	}
	return nil
}
