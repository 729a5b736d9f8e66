package mail

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"time"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// answerLimit is how long the mail server may take for one answer.
const answerLimit = time.Minute

// A Connection is one to a mail server. It is dialled when it is needed, and again
// after it was lost. One goroutine uses it at a time.
type Connection struct {
	server Server
	client *mail.Client
	smtp   *smtp.Client // nil while there is none
	net    net.Conn     // beneath smtp
	used   bool         // a message went over it

	pipelines bool   // the server takes commands before it has answered to others (RFC 2920)
	mail      string // what MAIL says behind the sender
	room      []byte // for the next message: one is sent at a time
}

// NewConnection returns a connection that is not open yet.
func NewConnection(to Server) *Connection { return &Connection{server: to} }

// Open dials where there is no connection. When ctx ends, dialling does; what
// is sent later is not cut short by it.
func (c *Connection) Open(ctx context.Context) error {
	if c.smtp != nil {
		return nil
	}
	d := dialAttempt{server: c.server, outer: ctx}
	client, err := c.server.newClient(d.dial)
	if err != nil {
		return fmt.Errorf("set up mail: %w", err)
	}
	session, err := client.DialToSMTPClientWithContext(ctx)
	if err = d.finish(err); err != nil {
		return &DialError{c.server, err}
	}
	*c = Connection{server: c.server, client: client, smtp: session, net: d.conn}
	c.pipelines, _ = session.Extension("PIPELINING")
	for _, extension := range []struct{ name, parameter string }{{"8BITMIME", " BODY=8BITMIME"}, {"SMTPUTF8", " SMTPUTF8"}} {
		if ok, _ := session.Extension(extension.name); ok {
			c.mail += extension.parameter // RFC 6152 §2, RFC 6531 §3.4
		}
	}
	return nil
}

// A dialAttempt ends one attempt to connect with its context. The library heeds one
// only until there is a connection; greeting and handshake end with it here.
type dialAttempt struct {
	server Server
	outer  context.Context
	conn   net.Conn
	stop   func() bool
}

func (d *dialAttempt) dial(ctx context.Context, network, address string) (conn net.Conn, err error) {
	if d.server.tls {
		conn, err = (&tls.Dialer{Config: d.server.tlsConfig()}).DialContext(ctx, network, address)
	} else {
		conn, err = (&net.Dialer{}).DialContext(ctx, network, address)
	}
	if err == nil {
		d.conn = conn
		d.stop = context.AfterFunc(d.outer, func() { _ = conn.Close() }) // what waits for it fails
	}
	return conn, err
}

// finish returns why there is no session, and then leaves no connection behind.
func (d *dialAttempt) finish(err error) error {
	if d.conn == nil {
		return err
	}
	if !d.stop() && err == nil {
		err = d.outer.Err()
	}
	if err != nil {
		_ = d.conn.Close() // the first error counts
	}
	return err
}

// Close ends a connection in good order.
func (c *Connection) Close() {
	if c.smtp != nil {
		_ = c.withDeadline(func() error { return c.client.CloseWithSMTPClient(c.smtp) }) // all that matters was answered
		c.abort()
	}
}

// abort cuts a connection after a failure. It sends no QUIT, since that would complete
// a message which is only half written.
func (c *Connection) abort() {
	if c.net != nil {
		_ = c.net.Close()
	}
	*c = Connection{server: c.server}
}

// tlsConfig asks for a certificate of the server's name, except on this
// machine: nobody is in between, and servers there have none that is signed.
func (s Server) tlsConfig() *tls.Config {
	return &tls.Config{ServerName: s.host, MinVersion: tls.VersionTLS12, InsecureSkipVerify: s.isLoopback()}
}

func (s Server) newClient(dial mail.DialContextFunc) (*mail.Client, error) {
	options := []mail.Option{
		mail.WithPort(s.port), mail.WithTimeout(answerLimit),
		mail.WithTLSConfig(s.tlsConfig()), mail.WithDialContextFunc(dial),
	}
	switch {
	case s.tls: // the dialler sees to it
		options = append(options, mail.WithSSL())
	case s.isLoopback():
		options = append(options, mail.WithTLSPolicy(mail.TLSOpportunistic))
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	return mail.NewClient(s.host, append(options, s.authOptions()...)...)
}

func (s Server) authOptions() []mail.Option {
	if s.user == "" {
		return nil
	}
	options := []mail.Option{mail.WithUsername(s.user), mail.WithPassword(s.password)}
	switch {
	case s.isLoopback():
		return append(options, mail.WithOpportunisticSMTPAuth(mail.SMTPAuthPlainNoEnc, mail.SMTPAuthLoginNoEnc))
	case s.tls: // the library looks for STARTTLS only, and so does not know that this is encrypted
		return append(options, mail.WithOpportunisticSMTPAuth(mail.SMTPAuthPlain, mail.SMTPAuthLogin))
	}
	return append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover))
}

// A DialError is returned if no connection to the mail server can be made. It shows
// no password.
type DialError struct {
	server Server
	err    error
}

func (e *DialError) Error() string {
	return fmt.Sprintf("connect to mail server %s: %v", e.server, e.err)
}

func (e *DialError) Unwrap() error { return e.err }
