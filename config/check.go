package config

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"net/mail"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"netsync/schema/shared"
)

// check checks a text by the rule that a struct tag names, and returns its normal form.
// An empty text passes if the key may be empty.
func check(rule, text, base string) (string, *fault) {
	if mayBeEmpty := rule != "listen" && rule != "listen-or-socket" && rule != "ref"; text == "" && mayBeEmpty {
		return "", nil
	}
	switch rule {
	case "path":
		return resolvePath(text, base), nil
	case "repository":
		return checkRepository(text, base)
	case "ref":
		return text, checkRef(text)
	case "subfolder":
		return checkSubfolder(text)
	case "id":
		return text, checkID(text)
	case "listen", "listen-or-not":
		return text, checkListen(text)
	case "listen-or-socket":
		return checkAdminListen(text, base)
	case "token":
		return text, checkToken(text)
	case "network":
		return checkNetwork(text)
	case "natsurl":
		return text, checkNATS(text)
	case "baseurl":
		return checkBaseURL(text)
	case "address":
		return text, checkAddress(text)
	case "weburl":
		return text, checkWeb(text)
	case "apiurl":
		return checkAPI(text, "write https://api.github.com, or https://HOST/api/v3 for GitHub Enterprise Server")
	case "listmonk":
		return checkAPI(text, "write https://HOST, as where people open listmonk; http only for this machine")
	case "fullname":
		return text, checkFullName(text)
	case "appid":
		return text, checkWord(text, `^[A-Za-z0-9.]{1,64}$`, "write the number or the client id that the App's settings show")
	case "number":
		return text, checkWord(text, `^[1-9][0-9]{0,17}$`, "write the number at the end of the address of its page")
	case "rsakey":
		return text, checkRSAKey(text)
	case "dkimkey":
		return text, checkDKIMKey(text)
	case "selector":
		return text, checkSelector(text)
	case "agekey":
		return text, checkAgeKey(text)
	case "backupto":
		return checkBackupTo(text, base)
	case "smtp":
		_, flt := parseSMTP(text)
		return text, flt
	}
	return text, nil
}

// checkRepository checks a repository's address, and makes a local path absolute.
func checkRepository(text, base string) (string, *fault) {
	if isRemote(text) {
		return text, checkRemote(text)
	}
	return resolvePath(text, base), nil
}

func checkWeb(text string) *fault {
	if u, ok := parseURL(text); !ok || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.Fragment != "" {
		return &fault{"is not the address of something on the web", "write it as https://host/path"}
	}
	return nil
}

// isRemote reports whether git reads a text as an address: with a scheme, or host:path with
// a colon before the first slash.
func isRemote(text string) bool {
	before, _, _ := strings.Cut(text, "/")
	return strings.Contains(before, ":")
}

// checkRemote accepts the transports that run no program on this machine.
func checkRemote(text string) *fault {
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok {
		if strings.HasPrefix(text, "-") || isRemote(text) && strings.Contains(text, "::") {
			return &fault{"names a Git transport that is not allowed", "use an https, ssh, git or file address, or host:path"}
		}
		return nil
	}
	if allowed := []string{"https", "http", "ssh", "git", "file"}; !slices.Contains(allowed, scheme) {
		return &fault{fmt.Sprintf("has the scheme %q", scheme), "use https, ssh, git or file"}
	}
	host, _, _ := strings.Cut(rest, "/")
	if strings.HasPrefix(host, "-") {
		return &fault{"has a host that begins with a dash", "write the host's name"}
	}
	user, _, hasUser := cutLast(host, "@")
	if hasUser && (strings.Contains(user, ":") || strings.HasPrefix(scheme, "http")) {
		return &fault{"has credentials in the address, where logs would show them", "take them out; use github.token, Git's credential helper or an SSH key"}
	}
	if _, ok := parseURL(text); !ok {
		return &fault{"is not an address", "write it as https://host/path"}
	}
	return nil
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return "", s, false
}

// checkRef checks the rules of git-check-ref-format(1) that prevent git from reading a ref as
// an option, a revision or a pattern.
func checkRef(text string) *fault {
	if text == "" || strings.HasPrefix(text, "-") || strings.HasSuffix(text, "/") ||
		strings.Contains(text, "..") || strings.Contains(text, "@{") || strings.ContainsAny(text, " ~^:?*[\\") {
		return &fault{fmt.Sprintf("is %q, which is not the name of a branch or tag", text), "write a name such as main"}
	}
	return nil
}

func checkSubfolder(text string) (string, *fault) {
	clean := path.Clean(text)
	if path.IsAbs(clean) || clean == ".." || strings.HasPrefix(clean, "../") || strings.Contains(text, `\`) {
		return text, &fault{fmt.Sprintf("is %q, which is not inside the repository", text), "write a folder such as data/networks"}
	}
	if clean == "." {
		clean = ""
	}
	return clean, nil
}

func checkID(text string) *fault {
	const maxID = 64
	ok, err := regexp.MatchString(`^[a-z0-9]+(-[a-z0-9]+)*$`, text)
	if err != nil || !ok || len(text) > maxID {
		return &fault{fmt.Sprintf("is %q", text), "write small letters and digits, in groups with single dashes between, at most 64 characters"}
	}
	return nil
}

func checkListen(text string) *fault {
	host, port, err := net.SplitHostPort(text)
	n, numErr := strconv.ParseUint(port, 10, 16)
	if err != nil || numErr != nil || strings.ContainsAny(host, " /@") {
		return &fault{fmt.Sprintf("is %q", text), "write host:port, such as 127.0.0.1:" + strconv.FormatUint(max(n, 8080), 10)}
	}
	return nil
}

func checkNATS(text string) *fault {
	for server := range strings.SplitSeq(text, ",") {
		server = strings.TrimSpace(server)
		if !strings.Contains(server, "://") {
			server = "nats://" + server
		}
		u, ok := parseURL(server)
		if !ok || u.Hostname() == "" || !slices.Contains([]string{"nats", "tls"}, u.Scheme) {
			return &fault{"is not the address of a NATS server", "write nats://host:4222 or tls://host:4222"}
		}
	}
	return nil
}

// checkBaseURL checks a URL, and removes the slash at its end.
func checkBaseURL(text string) (string, *fault) {
	u, ok := parseURL(text)
	if !ok || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil ||
		u.RawQuery != "" || u.Fragment != "" || strings.ContainsAny(text, "?#\"'<> ") {
		return text, &fault{"is not the address of a website", "write it as https://networks.example.org or https://example.org/networks"}
	}
	return strings.TrimRight(text, "/"), nil
}

// checkAPI checks that a token is sent encrypted, or stays on this machine.
func checkAPI(text, remedy string) (string, *fault) {
	clean, flt := checkBaseURL(text)
	if flt != nil {
		return text, &fault{"is not the address of an API", remedy}
	}
	u, _ := parseURL(clean)
	if u.Scheme != "https" && !shared.IsLoopback(u.Hostname()) {
		return text, &fault{"is not encrypted", remedy}
	}
	return clean, nil
}

func checkAddress(text string) *fault {
	if _, err := mail.ParseAddress(text); err != nil {
		return &fault{fmt.Sprintf("has %q, which is not a mail address", text), "write name@example.org, or Name <name@example.org>"}
	}
	return nil
}

// fullName matches owner/name on GitHub, as its forms accept them.
var fullName = regexp.MustCompile(`^[A-Za-z0-9](-?[A-Za-z0-9])*/[A-Za-z0-9._-]+$`)

func checkFullName(text string) *fault {
	_, name, _ := strings.Cut(text, "/")
	if !fullName.MatchString(text) || name == "." || name == ".." {
		return &fault{fmt.Sprintf("is %q, which is no repository on GitHub", text), "write owner/name"}
	}
	return nil
}

func checkWord(text, pattern, remedy string) *fault {
	if ok, err := regexp.MatchString(pattern, text); err != nil || !ok {
		return &fault{fmt.Sprintf("is %q", text), remedy}
	}
	return nil
}

// checkRSAKey checks a key in the form that GitHub issues. Its message does not quote it.
func checkRSAKey(text string) *fault {
	wrong := &fault{"is not an RSA private key in PEM form", "give the file that GitHub made for the App, by NETSYNC_GITHUB_PRIVATE_KEY_FILE"}
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return wrong
	}
	if _, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return nil
	}
	if key, err := x509.ParsePKCS8PrivateKey(block.Bytes); err == nil {
		if _, ok := key.(*rsa.PrivateKey); ok {
			return nil
		}
	}
	return wrong
}
