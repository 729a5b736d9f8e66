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

// answerLimit is the maximum time for one response of the mail server.
const answerLimit = time.Minute

// A Connection is a connection to a mail server. It connects when needed, and
// again after a loss. It must not be used concurrently.
type Connection struct {
	server  Server
	client  *mail.Client
	session *smtp.Client // nil while not connected
	conn    net.Conn     // of session
	used    bool         // a message was sent over it

	pipelines      bool   // the server accepts commands before it answered others (RFC 2920)
	mailParameters string // parameters of MAIL
}

// NewConnection returns a connection that is not open yet.
func NewConnection(to Server) *Connection { return &Connection{server: to} }

// Open connects unless the connection is open. ctx cancels connecting, but not
// later sending.
func (c *Connection) Open(ctx context.Context) error {
	if c.session != nil {
		return nil
	}
	d := dialAttempt{server: c.server, outer: ctx}
	client, err := c.server.newClient(d.dialServer)
	if err != nil {
		return fmt.Errorf("set up mail: %w", err)
	}
	session, err := client.DialToSMTPClientWithContext(ctx)
	if err = d.finishDial(err); err != nil {
		return &DialError{c.server, err}
	}
	*c = Connection{server: c.server, client: client, session: session, conn: d.conn}
	c.pipelines, _ = session.Extension("PIPELINING")
	for _, extension := range []struct{ name, parameter string }{{"8BITMIME", " BODY=8BITMIME"}, {"SMTPUTF8", " SMTPUTF8"}} {
		if ok, _ := session.Extension(extension.name); ok {
			c.mailParameters += extension.parameter // RFC 6152 §2, RFC 6531 §3.4
		}
	}
	return nil
}

// A dialAttempt cancels an attempt to connect when its context ends. The
// library does that only until the TCP connection is established; this covers
// the greeting and the handshake.
type dialAttempt struct {
	server Server
	outer  context.Context
	conn   net.Conn
	stop   func() bool
}

func (d *dialAttempt) dialServer(ctx context.Context, network, address string) (conn net.Conn, err error) {
	if d.server.tls {
		conn, err = (&tls.Dialer{Config: d.server.tlsConfig()}).DialContext(ctx, network, address)
	} else {
		conn, err = (&net.Dialer{}).DialContext(ctx, network, address)
	}
	if err == nil {
		d.conn = conn
		d.stop = context.AfterFunc(d.outer, func() { _ = conn.Close() }) // ends pending reads and writes
	}
	return conn, err
}

// finishDial returns the error of the attempt, and closes the connection if
// there is one.
func (d *dialAttempt) finishDial(err error) error {
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

// Close closes the connection regularly.
func (c *Connection) Close() {
	if c.session != nil {
		_ = c.withDeadline(func() error { return c.client.CloseWithSMTPClient(c.session) }) // all messages were acknowledged
		c.dropConnection()
	}
}

// dropConnection closes the connection after a failure. It does not send QUIT,
// which would complete a half-written message.
func (c *Connection) dropConnection() {
	if c.conn != nil {
		_ = c.conn.Close()
	}
	*c = Connection{server: c.server}
}

// tlsConfig requires a certificate for the server's name, except on this
// machine, where servers have no signed certificate.
func (s Server) tlsConfig() *tls.Config {
	return &tls.Config{ServerName: s.host, MinVersion: tls.VersionTLS12, InsecureSkipVerify: s.isLoopback()}
}

func (s Server) newClient(dial mail.DialContextFunc) (*mail.Client, error) {
	options := []mail.Option{
		mail.WithPort(s.port), mail.WithTimeout(answerLimit),
		mail.WithTLSConfig(s.tlsConfig()), mail.WithDialContextFunc(dial),
	}
	switch {
	case s.tls: // done by dialServer
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
	case s.tls: // the library recognizes encryption by STARTTLS only
		return append(options, mail.WithOpportunisticSMTPAuth(mail.SMTPAuthPlain, mail.SMTPAuthLogin))
	}
	return append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover))
}

// A DialError is returned if no connection to the mail server can be
// established. It does not show the password.
type DialError struct {
	server Server
	err    error
}

func (e *DialError) Error() string {
	return fmt.Sprintf("connect to mail server %s: %v", e.server, e.err)
}

func (e *DialError) Unwrap() error { return e.err }
