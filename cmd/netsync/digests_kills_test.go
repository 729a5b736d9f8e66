package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"netsync/cmd/internal/cli"
	"netsync/publishers/newsletter"
	"netsync/schema/testkit/npmtest"
)

var subscribersN = flag.Int("faults.subscribers", 120, "how many get the digests of the test that kills who sends them")

// A postOffice is a mail server that fails now and then, at any command, and
// knows who has which message.
type postOffice struct {
	address string

	mu     sync.Mutex
	random *rand.Rand
	failed map[string]int            // by command
	has    map[string]map[string]int // how often, by digest and recipient
	links  map[string]string         // to leave, of the last message to each
}

// oneIn is how seldom a command fails.
const oneIn = 40

func openPostOffice(t *testing.T, random *rand.Rand) *postOffice {
	t.Helper()
	p := &postOffice{random: random, failed: make(map[string]int), has: make(map[string]map[string]int), links: make(map[string]string)}
	s := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &counterClerk{office: p, conn: c}, p.mayFail("EHLO", c)
	}))
	s.Domain, s.ErrorLog = "mail.test", silent{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.address = l.Addr().String()
	done := make(chan error)
	go func() { done <- s.Serve(l) }()
	t.Cleanup(func() {
		_ = s.Close()
		<-done
	})
	return p
}

type silent struct{}

func (silent) Printf(string, ...any) {}
func (silent) Println(...any)        {}

// mayFail says no for now, closes the connection in good order, or cuts it.
func (p *postOffice) mayFail(command string, c *smtp.Conn) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.random.IntN(oneIn) > 0 {
		return nil
	}
	p.failed[command]++
	switch p.random.IntN(3) {
	case 0:
		return &smtp.SMTPError{Code: 451, Message: "try again later"}
	case 1:
		return &smtp.SMTPError{Code: 421, Message: "closing"}
	}
	_ = c.Conn().Close() // that is the failure
	return errors.New("cut")
}

type counterClerk struct {
	office *postOffice
	conn   *smtp.Conn
	to     string
}

func (k *counterClerk) Mail(string, *smtp.MailOptions) error { return k.office.mayFail("MAIL", k.conn) }
func (k *counterClerk) Rcpt(to string, _ *smtp.RcptOptions) error {
	k.to = to
	return k.office.mayFail("RCPT", k.conn)
}
func (k *counterClerk) Reset()        {}
func (k *counterClerk) Logout() error { return nil }

// Data takes the message, or fails before it; afterwards the answer may be lost.
func (k *counterClerk) Data(r io.Reader) error {
	if err := k.office.mayFail("DATA", k.conn); err != nil {
		return err
	}
	m, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, m.Body); err != nil {
		return err
	}
	digest, _, _ := strings.Cut(m.Header.Get("Message-Id"), ".")
	k.office.took(digest, k.to, m.Header.Get("List-Unsubscribe"))
	return k.office.lost(k.conn)
}

// lost now and then loses the answer to a message that was taken. It does not
// refuse it: it has it.
func (p *postOffice) lost(c *smtp.Conn) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.random.IntN(oneIn) > 0 {
		return nil
	}
	p.failed["."]++
	_ = c.Conn().Close() // that is the failure
	return errors.New("cut")
}

func (p *postOffice) took(digest, to, leave string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.links[to] = leave
	if p.has[digest] == nil {
		p.has[digest] = make(map[string]int)
	}
	p.has[digest][to]++
}

// A killed sender, and a mail server that fails at any command, cost nobody a
// digest but in the one moment in which nobody can know, and give it to nobody
// twice. What may have been lost is counted.
func TestDigestsOfKilledSenders(t *testing.T) {
	t.Parallel()
	npmtest.Need(t, "long")
	n, random := faults(t, 8)
	office := openPostOffice(t, rand.New(rand.NewPCG(random.Uint64(), 0)))
	s := newSender(t, office, random)
	digests := max(n/10, 2)
	for d := range digests {
		s.news()
		s.send(n/digests, d)
		if t.Failed() {
			t.Fatalf("after digest %d", d+1)
		}
	}
	s.checkDigests(digests)
}

// A sender is a dataset with subscribers, and processes that send its digests.
type sender struct {
	*victim
	office *postOffice
	random *rand.Rand
	needs  time.Duration // to send one undisturbed
}

func newSender(t *testing.T, office *postOffice, random *rand.Rand) *sender {
	t.Helper()
	return senderOn(newVictim(t, random), office, random)
}

// senderOn makes a victim's newsletter one with subscribers.
func senderOn(v *victim, office *postOffice, random *rand.Rand) *sender {
	t := v.t
	t.Helper()
	s := &sender{victim: v, office: office, random: random, needs: 2 * time.Second}
	config, err := os.ReadFile(s.config())
	if err == nil {
		config = fmt.Appendf(config, "newsletter: {from: networks@example.org, smtp: %q, connections: 3}\n", office.address)
		err = os.WriteFile(s.config(), config, 0o644)
	}
	people := []string{"address,language,frequency"}
	for i := range *subscribersN {
		people = append(people, fmt.Sprintf("s%d@example.org,%s,", i, []string{"", "en"}[i%2]))
	}
	file := filepath.Join(s.dir, "people.csv")
	if err == nil {
		err = os.WriteFile(file, []byte(strings.Join(people, "\n")), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	s.must("sync")
	s.must("subscribers", "import", file)
	return s
}

func (s *sender) must(args ...string) string {
	s.t.Helper()
	out, code := netsync(s.t, append(args, "-c", s.config())...)
	if code != cli.ExitDone {
		s.t.Fatalf("netsync %v: exit code %d\n%s", args, code, out)
	}
	return out
}

// news makes commits until there is something to tell.
func (s *sender) news() {
	s.t.Helper()
	for {
		s.makeCommits(1 + s.random.IntN(3))
		s.must("sync")
		if !strings.Contains(s.must("digest", "preview", "--format", "json"), `"empty": true`) {
			return
		}
	}
}

// send sends the digest by processes that are killed so many times.
func (s *sender) send(kills, digest int) {
	s.t.Helper()
	for range kills {
		cmd := program("digest", "send", "-c", s.config())
		if err := cmd.Start(); err != nil {
			s.t.Fatal(err)
		}
		time.Sleep(time.Duration(s.random.Int64N(int64(s.needs)))) // chance puts the kill anywhere
		_ = cmd.Process.Kill()                                     // it may have ended
		_ = cmd.Wait()                                             // a kill is no failure
	}
	// Each of the server's failures may stop a process, and it fails less often
	// than it takes.
	began := time.Now()
	for try := 0; ; try++ {
		out, code := netsync(s.t, "digest", "send", "-c", s.config())
		if code == cli.ExitDone {
			break
		}
		if code != cli.ExitOutside || try > 100+*subscribersN {
			s.t.Fatalf("netsync digest send: exit code %d after %d tries\n%s", code, try, out)
		}
	}
	if digest == 0 {
		s.needs = max(s.needs, time.Since(began))
	}
}

// checkDigests compares what the mail server has with what netsync says of it.
func (s *sender) checkDigests(digests int) {
	s.t.Helper()
	var sent []newsletter.Sent
	if err := json.Unmarshal([]byte(s.must("digest", "list", "--json")), &sent); err != nil {
		s.t.Fatal(err)
	}
	if len(sent) != digests || len(s.office.has) > digests {
		s.t.Errorf("%d digests in the ledger and %d with the mail server, not %d", len(sent), len(s.office.has), digests)
	}
	uncertain, missing := 0, 0
	for _, d := range sent {
		if d.Completed.IsZero() || d.Recipients != *subscribersN || d.Sent+d.Uncertain != *subscribersN {
			s.t.Errorf("digest %s: %+v", d.ID, d)
		}
		uncertain += d.Uncertain
	}
	for digest, has := range s.office.has {
		for to, times := range has {
			if times > 1 {
				s.t.Errorf("%s has digest %s %d times", to, digest, times)
			}
		}
		missing += *subscribersN - len(has)
	}
	if missing > uncertain {
		s.t.Errorf("%d messages are missing, and %d are said to be uncertain", missing, uncertain)
	}
	s.t.Logf("%d digests to %d subscribers: %d uncertain, of which %d did not arrive; the server failed at %v",
		digests, *subscribersN, uncertain, missing, s.office.failed)
}
