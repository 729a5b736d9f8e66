package config

import (
	"net"
	"strconv"
	"strings"
)

// SMTP is a mail server, taken apart.
type SMTP struct {
	Host     string
	Port     int    // 25 or 465 where the address names none
	TLS      bool   // TLS from the first byte (RFC 8314 §3.3); otherwise STARTTLS where offered
	User     string // empty: no authentication
	Password Secret
}

// Server is the mail server of newsletter.smtp, and false where it is not set.
func (n Newsletter) Server() (SMTP, bool) {
	if n.SMTP == "" {
		return SMTP{}, false
	}
	server, flt := parseSMTP(n.SMTP.Reveal())
	return server, flt == nil
}

// parseSMTP reads smtp://user:password@host:port, smtps://… or host:port. What
// it says about a wrong one does not quote it.
func parseSMTP(text string) (SMTP, *fault) {
	const (
		portSMTP  = 25
		portSMTPS = 465
		maxPort   = 1<<16 - 1
	)
	wrong := &fault{"is not the address of a mail server", "write smtp://user:password@host:587, smtps://user:password@host:465 or host:25; in a password, write @ / : # % as %40 %2F %3A %23 %25"}
	if !strings.Contains(text, "://") {
		if _, _, err := net.SplitHostPort(text); err != nil || strings.Contains(text, "@") {
			return SMTP{}, wrong
		}
		text = "smtp://" + text
	}
	u, ok := parseURL(text)
	if !ok || u.Hostname() == "" || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" {
		return SMTP{}, wrong
	}
	server := SMTP{Host: u.Hostname(), Port: portSMTP}
	switch u.Scheme {
	case "smtp":
	case "smtps":
		server.TLS, server.Port = true, portSMTPS
	default:
		return SMTP{}, wrong
	}
	if u.Port() != "" {
		port, err := strconv.Atoi(u.Port())
		if err != nil || port < 1 || port > maxPort {
			return SMTP{}, wrong
		}
		server.Port = port
	}
	if u.User != nil {
		password, _ := u.User.Password()
		server.User, server.Password = u.User.Username(), Secret(password)
	}
	return server, nil
}
