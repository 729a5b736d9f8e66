package git

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"netsync/schema/shared/gitcommand"
)

// helperForm matches helper::address, for which git runs a program.
var helperForm = regexp.MustCompile(`^[A-Za-z0-9+.-]*::`)

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
		return fmt.Errorf("the repository %q names a remote helper; use %s or a folder", gitcommand.Redact(address), strings.Join(gitcommand.Schemes(), ", "))
	}
	if scheme, _, ok := strings.Cut(address, "://"); ok && !slices.Contains(gitcommand.Schemes(), scheme) {
		return fmt.Errorf("the repository's scheme %q is not allowed; use %s or a folder", scheme, strings.Join(gitcommand.Schemes(), ", "))
	}
	return nil
}

// checkRef refuses a ref that git could take for an option or a pattern.
func checkRef(ref string) error {
	if ref == "" || strings.HasPrefix(ref, "-") || strings.ContainsAny(ref, " ~^:?*[\\\x7f") || strings.Contains(ref, "..") || strings.Contains(ref, "@{") ||
		strings.ContainsFunc(ref, unicode.IsControl) {
		return fmt.Errorf("%q is not a branch, tag or ref", ref)
	}
	return nil
}
