package newsletter_test

import (
	"bufio"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"netsync/publishers/newsletter"
)

// A plainServer is an SMTP server with scripted responses.
type plainServer struct {
	extensions string            // that it announces
	answers    map[string]string // to commands that begin so; others get a yes

	mu       sync.Mutex
	taken    []string // recipients of messages that came whole
	early    int      // commands that came before the answer to those before them
	sessions int
}

func (p *plainServer) serve(conn net.Conn) {
	defer conn.Close()
	p.note(func() { p.sessions++ })
	in := bufio.NewReader(conn)
	fmt.Fprint(conn, "220 plain\r\n")
	to := ""
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimSpace(line)
		if in.Buffered() > 0 {
			p.note(func() { p.early++ })
		}
		answer := "250 yes"
		switch {
		case strings.HasPrefix(line, "EHLO"):
			answer = "250-plain" + p.extensions + "\r\n250 8BITMIME"
		case strings.HasPrefix(line, "RCPT"):
			to = strings.Trim(strings.TrimPrefix(line, "RCPT TO:"), "<>")
		case line == "DATA":
			answer = "354 go on"
		}
		for begin, with := range p.answers {
			if strings.HasPrefix(line, begin) {
				answer = with
			}
		}
		fmt.Fprintf(conn, "%s\r\n", answer)
		if line == "DATA" && strings.HasPrefix(answer, "354") {
			for line != "." {
				if line, err = in.ReadString('\n'); err != nil {
					return
				}
				line = strings.TrimRight(line, "\r\n")
			}
			p.note(func() { p.taken = append(p.taken, to) })
			fmt.Fprint(conn, "250 taken\r\n")
		}
	}
}

func (p *plainServer) note(what func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	what()
}

// send sends to a number of recipients over one connection.
func (p *plainServer) send(t *testing.T, recipients int) newsletter.Report {
	t.Helper()
	address := listen(t, p.serve)
	n := newDesk(t).newsletter(t, t.TempDir(), many(recipients, 1), func(c *newsletter.Config) { c.SMTP = address })
	r := send(t, n)
	p.mu.Lock()
	defer p.mu.Unlock()
	slices.Sort(p.taken)
	return r
}

// Commands are sent in one write if the server supports pipelining.
func TestCommandsComeAtOnceWhereTheServerTakesThemSo(t *testing.T) {
	t.Parallel()
	const recipients = 5
	for extensions, early := range map[string]int{"": 0, "\r\n250-PIPELINING": 2 * recipients} {
		p := &plainServer{extensions: extensions}
		if r := p.send(t, recipients); r.Sent != recipients || len(p.taken) != recipients {
			t.Errorf("%q: %+v, the server took %v", extensions, r, p.taken)
		}
		if p.early != early || p.sessions != 1 {
			t.Errorf("%q: %d commands came early, want %d; over %d connections", extensions, p.early, early, p.sessions)
		}
	}
}

// A server that requests the content although it refused the recipient gets none,
// not even an empty message.
func TestARefusedRecipientGetsNoEmptyMessage(t *testing.T) {
	t.Parallel()
	p := &plainServer{
		extensions: "\r\n250-PIPELINING",
		answers:    map[string]string{"RCPT TO:<reader-1@": "550 no", "RCPT TO:<reader-3@": "550 no"},
	}
	if r := p.send(t, 5); r.Sent != 3 || r.Refused != 2 || r.Uncertain != 0 {
		t.Errorf("%+v", r)
	}
	if got := strings.Join(p.taken, " "); got != "reader-0@example.org reader-2@example.org reader-4@example.org" {
		t.Errorf("the server took messages to %s", got)
	}
	if p.sessions < 2 { // the last one that is cut off may need none after it
		t.Errorf("%d connection was made: none was cut off", p.sessions)
	}
}

// With a correct server, the same connection is used further.
func TestARefusalInOnePieceEndsNoConnection(t *testing.T) {
	t.Parallel()
	for _, extensions := range []string{"", "\r\n250-PIPELINING"} {
		p := &plainServer{extensions: extensions, answers: map[string]string{"DATA": "554 no valid recipients", "RCPT": "550 no"}}
		if r := p.send(t, 5); r.Refused != 5 || len(p.taken) > 0 || p.sessions != 1 {
			t.Errorf("%q: %+v, over %d connections the server took %v", extensions, r, p.sessions, p.taken)
		}
	}
}
