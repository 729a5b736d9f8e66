package mailcatcher

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
	"go.uber.org/zap"
)

const (
	maxConns = 64
	idle     = 2 * time.Minute
	grace    = time.Second
)

// serve speaks SMTP until the context ends, and waits for all that it began.
func (c *Catcher) serve(ctx context.Context, l net.Listener) error {
	conns := &connSet{Listener: l, open: make(map[net.Conn]struct{})}
	srv := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		return &session{catcher: c}, nil
	}))
	srv.Domain = "localhost"
	srv.MaxMessageBytes = maxBytes
	srv.MaxRecipients = maxRecipients
	srv.ReadTimeout, srv.WriteTimeout = idle, idle
	srv.EnableSMTPUTF8 = true
	srv.ErrorLog = errorLog{c.cfg.Log}

	served := make(chan error, 1)
	go func() { served <- srv.Serve(conns) }()
	select {
	case err := <-served:
		conns.closeAll()
		_ = srv.Shutdown(context.Background())
		return fmt.Errorf("mail catcher: %w", err)
	case <-ctx.Done():
	}
	cut := time.AfterFunc(grace, conns.closeAll)
	defer cut.Stop()
	// Without a deadline: cut ends every connection, so this does end.
	err := srv.Shutdown(context.Background())
	_ = <-served
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// session is one SMTP connection. It asks for no authentication and takes
// any sender and recipient.
type session struct {
	catcher    *Catcher
	from       string
	recipients []string
}

var _ smtp.Session = (*session)(nil)

func (s *session) Reset()        { s.from, s.recipients = "", nil }
func (s *session) Logout() error { return nil }

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.recipients = append(s.recipients, to)
	return nil
}

// Data answers only after the message is in its file.
func (s *session) Data(r io.Reader) error {
	m, err := s.catcher.store.add(s.from, s.recipients, r)
	log := s.catcher.cfg.Log
	if err != nil {
		log.Warn("mail not kept", zap.Error(err))
		var refused *smtp.SMTPError
		if errors.As(err, &refused) {
			return refused
		}
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "The message could not be kept"}
	}
	log.Info("mail caught", zap.String("message", m.ID), zap.Int("recipients", len(m.Recipients)), zap.Int64("bytes", m.Size))
	return nil
}

// connSet counts connections, refuses more than maxConns, and can cut them
// all: Shutdown by itself waits for clients that stay idle.
type connSet struct {
	net.Listener
	mu   sync.Mutex
	open map[net.Conn]struct{}
	done bool
}

func (s *connSet) Accept() (net.Conn, error) {
	for {
		conn, err := s.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if tracked := s.addConn(conn); tracked != nil {
			return tracked, nil
		}
		conn.Close()
	}
}

func (s *connSet) addConn(conn net.Conn) net.Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.done || len(s.open) >= maxConns {
		return nil
	}
	s.open[conn] = struct{}{}
	return &trackedConn{conn, s}
}

func (s *connSet) closeAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done = true
	for conn := range s.open {
		conn.Close()
	}
}

type trackedConn struct {
	net.Conn
	set *connSet
}

func (c *trackedConn) Close() error {
	c.set.mu.Lock()
	delete(c.set.open, c.Conn)
	c.set.mu.Unlock()
	return c.Conn.Close()
}

// errorLog takes what the SMTP library has to say of misbehaving clients.
type errorLog struct{ log *zap.Logger }

func (l errorLog) Printf(format string, v ...any) {
	l.log.Debug("smtp connection", zap.String("detail", fmt.Sprintf(format, v...)))
}
func (l errorLog) Println(v ...any) {
	l.log.Debug("smtp connection", zap.String("detail", fmt.Sprint(v...)))
}
