package mailcatcher

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/smtp"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	gomail "github.com/wneessen/go-mail"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start runs a catcher until the test, or the returned function, ends it.
func start(t *testing.T, cfg Config) (c *Catcher, addr string, stop func()) {
	t.Helper()
	if cfg.Dir == "" {
		cfg.Dir = t.TempDir()
	}
	if cfg.Addr == "" {
		cfg.Addr = "127.0.0.1:0"
	}
	c = New(cfg)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	addr, err := c.Addr(ctx)
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	t.Cleanup(stop)
	return c, addr, stop
}

func send(t *testing.T, addr string, to []string, lines ...string) {
	t.Helper()
	message := strings.Join(lines, "\r\n") + "\r\n"
	if err := smtp.SendMail(addr, nil, "sender@example.org", to, []byte(message)); err != nil {
		t.Fatal(err)
	}
}

func TestMailOfARealClientIsCaught(t *testing.T) {
	c, addr, _ := start(t, Config{})
	host, port, _ := net.SplitHostPort(addr)
	var number int
	fmt.Sscan(port, &number)
	m := gomail.NewMsg()
	for _, err := range []error{m.FromFormat("Networks", "news@example.org"), m.To("a@example.org"), m.Bcc("b@example.org")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	m.Subject("Neues aus Netzwerken: Zürich, 大学 🎓")
	m.SetBodyString(gomail.TypeTextPlain, "Grüße: https://example.org/a.")
	m.AddAlternativeString(gomail.TypeTextHTML, `<p>Grüße <a href="https://example.org/b?x=1&amp;y=2">here</a>`)
	if err := m.AttachReader("plan.pdf", strings.NewReader("12345")); err != nil {
		t.Fatal(err)
	}
	client, err := gomail.NewClient(host, gomail.WithPort(number), gomail.WithTLSPolicy(gomail.NoTLS))
	if err != nil {
		t.Fatal(err)
	}
	if err := client.DialAndSendWithContext(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	list := c.Messages()
	if len(list) != 1 {
		t.Fatalf("messages: %+v", list)
	}
	got := list[0]
	if got.Subject != "Neues aus Netzwerken: Zürich, 大学 🎓" || got.To != "<a@example.org>" ||
		!slices.Equal(got.Recipients, []string{"a@example.org", "b@example.org"}) {
		t.Fatalf("message: %+v", got)
	}
	content, err := c.Read(got.ID)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(content.Text, "Grüße") || !strings.Contains(content.HTML, "<p>Grüße") {
		t.Fatalf("content: %+v", content)
	}
	if want := []string{"https://example.org/b?x=1&y=2", "https://example.org/a"}; !slices.Equal(content.Links, want) {
		t.Fatalf("links: %q", content.Links)
	}
	if len(content.Attachments) != 1 || content.Attachments[0].Name != "plan.pdf" || content.Attachments[0].Size != 5 {
		t.Fatalf("attachments: %+v", content.Attachments)
	}
}

func TestSourceIsKeptByteForByte(t *testing.T) {
	c, addr, _ := start(t, Config{})
	body := "Subject: x\r\nDelivered-To: forged@example.org\r\n\r\n.dot\r\n..two\r\nGr\xfc\xdfe\r\n"
	send(t, addr, []string{"a@example.org"}, strings.TrimSuffix(body, "\r\n"))
	m := c.Messages()[0]
	raw, err := c.Raw(m.ID)
	if err != nil || !bytes.HasSuffix(raw, []byte("\r\n"+body)) {
		t.Fatalf("raw: %q, %v", raw, err)
	}
	if !slices.Equal(m.Recipients, []string{"a@example.org"}) {
		t.Fatalf("recipients: %q", m.Recipients)
	}
}

func TestMessagesSurviveARestart(t *testing.T) {
	dir := t.TempDir()
	c, addr, stop := start(t, Config{Dir: dir})
	for i := range 3 {
		send(t, addr, []string{"a@example.org", "b@example.org"}, fmt.Sprintf("Subject: %d", i), "", "x")
	}
	before := c.Messages()
	stop()
	for name, content := range map[string]string{
		"20260101T000000.000000000Z.part": "half", "notes.eml": "mine", "20260101T000000.000000000Z.eml.bak": "mine",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	again, addr, _ := start(t, Config{Dir: dir})
	after := again.Messages()
	if !slices.EqualFunc(before, after, func(a, b Message) bool { return fmt.Sprint(a) == fmt.Sprint(b) }) {
		t.Fatalf("before %+v\nafter  %+v", before, after)
	}
	if _, err := os.Stat(filepath.Join(dir, "20260101T000000.000000000Z.part")); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("half a message stayed: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "notes.eml")); err != nil {
		t.Fatalf("a file of somebody else is gone: %v", err)
	}
	send(t, addr, []string{"a@example.org"}, "Subject: 3", "", "x")
	if got := again.Messages()[0].Subject; got != "3" {
		t.Fatalf("newest is %q", got)
	}
}

func TestOnlyTheLast200StayAndNamesSort(t *testing.T) {
	frozen := time.Date(2026, 11, 1, 2, 3, 4, 0, time.UTC)
	dir := t.TempDir()
	c, addr, _ := start(t, Config{Dir: dir, Now: func() time.Time { return frozen }})
	var wg sync.WaitGroup
	for w := range 5 {
		wg.Go(func() {
			for i := range 45 {
				send(t, addr, []string{"a@example.org"}, fmt.Sprintf("Subject: %d-%d", w, i), "", "x")
			}
		})
	}
	wg.Wait()
	list := c.Messages()
	if len(list) != maxMessages {
		t.Fatalf("%d messages", len(list))
	}
	if !slices.IsSortedFunc(list, func(a, b Message) int { return strings.Compare(b.ID, a.ID) }) {
		t.Fatal("not the newest first")
	}
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(names) != maxMessages {
		t.Fatalf("%d files, %v", len(names), err)
	}
}

func TestTooLargeMessageIsRefused(t *testing.T) {
	dir := t.TempDir()
	c, addr, _ := start(t, Config{Dir: dir})
	big := []byte("Subject: x\r\n\r\n" + strings.Repeat(strings.Repeat("x", 98)+"\r\n", maxBytes/100+1))
	err := smtp.SendMail(addr, nil, "a@example.org", []string{"b@example.org"}, big)
	if err == nil || !strings.Contains(err.Error(), "552") {
		t.Fatalf("SendMail: %v", err)
	}
	if names, _ := os.ReadDir(dir); len(names) > 0 || len(c.Messages()) > 0 {
		t.Fatalf("kept %v, %v", names, c.Messages())
	}
	send(t, addr, []string{"a@example.org"}, "Subject: small", "", "x")
}

func TestOnlyLoopbackIsListenedOn(t *testing.T) {
	for _, addr := range []string{"", ":1025", "0.0.0.0:0", "[::]:0", "192.0.2.1:1025", "example.org:25", "127.0.0.1"} {
		c := New(Config{Dir: t.TempDir(), Addr: addr})
		var bad *AddrError
		if err := c.Run(t.Context()); !errors.As(err, &bad) {
			t.Errorf("Run on %q: %v", addr, err)
		}
		if _, err := c.Addr(t.Context()); !errors.As(err, &bad) {
			t.Errorf("Addr on %q: %v", addr, err)
		}
	}
	l, err := net.Listen("tcp", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := New(Config{Dir: t.TempDir(), Listener: l}).Run(t.Context()); err == nil {
		t.Error("a listener on all addresses was taken")
	}
}

func TestGivenListenerIsUsed(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c, addr, _ := start(t, Config{Listener: l})
	if addr != l.Addr().String() {
		t.Fatalf("listens on %s", addr)
	}
	send(t, addr, []string{"a@example.org"}, "Subject: x", "", "x")
	if len(c.Messages()) != 1 {
		t.Fatal("nothing caught")
	}
	if err := c.Run(t.Context()); !errors.Is(err, ErrUsed) {
		t.Fatalf("second Run: %v", err)
	}
}

func TestStopDoesNotWaitForIdleClients(t *testing.T) {
	_, addr, stop := start(t, Config{})
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if line, err := bufio.NewReader(conn).ReadString('\n'); err != nil || !strings.HasPrefix(line, "220 ") {
		t.Fatalf("greeting %q, %v", line, err)
	}
	began := time.Now()
	stop()
	if took := time.Since(began); took > 10*grace {
		t.Fatalf("took %v", took)
	}
}

func TestNoAuthenticationIsOffered(t *testing.T) {
	_, addr, _ := start(t, Config{})
	client, err := smtp.Dial(addr)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if ok, _ := client.Extension("AUTH"); ok {
		t.Fatal("AUTH is offered")
	}
}
