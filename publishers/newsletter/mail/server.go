package mail

import (
	"errors"
	"net"
	"net/url"
	"strconv"
	"strings"

	"netsync/schema/shared"
)

// A Server is the address of a mail server. The zero Server means none.
type Server struct {
	host           string
	port           int
	tls            bool // from the first byte (RFC 8314 §3.3)
	user, password string
}

const (
	portSMTP  = 25
	portSMTPS = 465
)

// errServer does not quote the address, which may contain a password.
var errServer = errors.New("newsletter: the mail server's address cannot be read; write smtp://user:password@host:587, smtps://user:password@host:465 or host:25")

// ParseServer parses smtp://user:password@host:port, smtps://… or host:port.
func ParseServer(s string) (Server, error) {
	if s == "" {
		return Server{}, nil
	}
	if !strings.Contains(s, "://") {
		s = "smtp://" + s
	}
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return Server{}, errServer
	}
	out := Server{host: u.Hostname(), port: portSMTP, tls: u.Scheme == "smtps"}
	if out.tls {
		out.port = portSMTPS
	} else if u.Scheme != "smtp" {
		return Server{}, errServer
	}
	if port := u.Port(); port != "" {
		if out.port, err = strconv.Atoi(port); err != nil || out.port < 1 || out.port > 1<<16-1 {
			return Server{}, errServer
		}
	}
	out.user = u.User.Username()
	out.password, _ = u.User.Password()
	return out, nil
}

// isLoopback reports whether the server is on this machine.
func (s Server) isLoopback() bool { return shared.IsLoopback(s.host) }

// String returns the address without user and password.
func (s Server) String() string { return net.JoinHostPort(s.host, strconv.Itoa(s.port)) }
