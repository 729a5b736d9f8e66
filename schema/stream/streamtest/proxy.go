package streamtest

import (
	"bytes"
	"io"
	"net"
	"sync"
	"testing"
)

// A Proxy stands between clients and a server, and can cut what goes between
// them: at once, or after it has passed on what a client says with a text in
// it, so that the server does what it is asked for and its answer is lost.
type Proxy struct {
	Address string // host:port for clients

	server   string
	listener net.Listener
	busy     sync.WaitGroup

	mu     sync.Mutex
	conns  map[net.Conn]struct{}
	after  []byte        // what the next cut comes after; nil for none
	passed chan struct{} // closed when it was passed on
}

// NewProxy starts a proxy before a server, which ends with the test.
func NewProxy(tb testing.TB, server string) *Proxy {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	p := &Proxy{Address: l.Addr().String(), server: server, listener: l, conns: make(map[net.Conn]struct{})}
	p.busy.Go(p.accept)
	tb.Cleanup(func() {
		l.Close()
		p.Cut()
		p.busy.Wait()
	})
	return p
}

// Cut ends all connections. Clients may connect again.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		c.Close()
	}
}

// SwallowAfter passes on the next message of a client that holds a text, and
// nothing that the server says from then on; the channel is closed then.
func (p *Proxy) SwallowAfter(text string) <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.after, p.passed = []byte(text), make(chan struct{})
	return p.passed
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return // the test ended
		}
		server, err := net.Dial("tcp", p.server)
		if err != nil {
			client.Close()
			continue
		}
		p.mu.Lock()
		p.conns[client], p.conns[server] = struct{}{}, struct{}{}
		p.mu.Unlock()
		var mute sync.Once
		silent := make(chan struct{})
		p.busy.Go(func() { p.forward(server, client, func() { mute.Do(func() { close(silent) }) }) })
		p.busy.Go(func() { p.back(client, server, silent) })
	}
}

// forward passes on what a client says.
func (p *Proxy) forward(to, from net.Conn, mute func()) {
	defer p.end(to, from)
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			swallow := p.isLast(buffer[:n])
			if swallow != nil {
				mute()
			}
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
			if swallow != nil {
				close(swallow)
			}
		}
		if err != nil {
			return
		}
	}
}

// isLast returns the channel to close after a message that the answer to is
// to be swallowed.
func (p *Proxy) isLast(said []byte) chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.after == nil || !bytes.Contains(said, p.after) {
		return nil
	}
	p.after = nil
	return p.passed
}

// back passes on what the server says, until it is to be silent.
func (p *Proxy) back(to, from net.Conn, silent <-chan struct{}) {
	defer p.end(to, from)
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		select {
		case <-silent:
			_, _ = io.Copy(io.Discard, from) // until it is cut
			return
		default:
		}
		if n > 0 {
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func (p *Proxy) end(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		c.Close()
		delete(p.conns, c)
	}
}
