package newsletter_test

import (
	"io"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"
)

// A mailServer is a real SMTP server on loopback that records accepted messages.
// Hooks, by command, can refuse or close the connection.
type mailServer struct {
	address string

	mu    sync.Mutex
	taken []received
	hooks map[string]func(to string, c *smtp.Conn) error
}

type received struct {
	from, to string
	data     string
}

func startMail(tb testing.TB) *mailServer {
	tb.Helper()
	m := &mailServer{hooks: make(map[string]func(string, *smtp.Conn) error)}
	s := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		if err := m.hook("CONNECT", "", c); err != nil {
			return nil, err
		}
		return &session{server: m, conn: c}, nil
	}))
	s.Domain = "mail.test"
	s.ErrorLog = quiet{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	m.address = l.Addr().String()
	done := make(chan error)
	go func() { done <- s.Serve(l) }()
	tb.Cleanup(func() {
		_ = s.Close()
		<-done
	})
	return m
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

// on sets the hook of a command: CONNECT, MAIL, RCPT, DATA (before the
// content is read) or DOT (after).
func (m *mailServer) on(command string, do func(to string, c *smtp.Conn) error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.hooks[command] = do
}

func (m *mailServer) hook(command, to string, c *smtp.Conn) error {
	m.mu.Lock()
	do := m.hooks[command]
	m.mu.Unlock()
	if do == nil {
		return nil
	}
	return do(to, c)
}

// all returns the accepted messages.
func (m *mailServer) all() []received {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]received(nil), m.taken...)
}

// to returns the only message to an address.
func (m *mailServer) to(tb testing.TB, address string) received {
	tb.Helper()
	var found []received
	for _, r := range m.all() {
		if r.to == address {
			found = append(found, r)
		}
	}
	if len(found) != 1 {
		tb.Fatalf("%s got %d messages", address, len(found))
	}
	return found[0]
}

// count returns the number of messages to each recipient.
func (m *mailServer) count() map[string]int {
	n := make(map[string]int)
	for _, r := range m.all() {
		n[r.to]++
	}
	return n
}

func hangUp(_ string, c *smtp.Conn) error {
	_ = c.Conn().Close()
	return io.ErrClosedPipe
}

func answer(code int) func(string, *smtp.Conn) error {
	return func(to string, _ *smtp.Conn) error {
		return &smtp.SMTPError{Code: code, EnhancedCode: smtp.NoEnhancedCode, Message: "no: <" + to + ">"}
	}
}

// at restricts a hook to one recipient.
func at(address string, do func(string, *smtp.Conn) error) func(string, *smtp.Conn) error {
	return func(to string, c *smtp.Conn) error {
		if to != address {
			return nil
		}
		return do(to, c)
	}
}

type session struct {
	server   *mailServer
	conn     *smtp.Conn
	from, to string
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return s.server.hook("MAIL", "", s.conn)
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	return s.server.hook("RCPT", to, s.conn)
}

func (s *session) Data(r io.Reader) error {
	if err := s.server.hook("DATA", s.to, s.conn); err != nil {
		return err
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.server.mu.Lock()
	s.server.taken = append(s.server.taken, received{s.from, s.to, string(data)})
	s.server.mu.Unlock()
	return s.server.hook("DOT", s.to, s.conn)
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

func (r received) message(tb testing.TB) *mail.Message {
	tb.Helper()
	m, err := mail.ReadMessage(strings.NewReader(r.data))
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

func replace(s string, pairs ...string) string { return strings.NewReplacer(pairs...).Replace(s) }

// listen calls serve for each connection to the returned address.
func listen(tb testing.TB, serve func(net.Conn)) (address string) {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { serve(conn) })
		}
	})
	tb.Cleanup(func() {
		_ = l.Close()
		all.Wait()
	})
	return l.Addr().String()
}
