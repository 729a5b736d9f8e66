package newsletter_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"netsync/publishers"
	"netsync/publishers/newsletter"
	"netsync/schema/stream"
)

const (
	ada   = "ada@example.org"
	grace = "Grace@example.org"
	lynn  = "lynn@example.net"
)

// A desk is a dataset, a mail server, and newsletters that share a ledger.
type desk struct {
	*history
	mail *mailServer
	now  time.Time
}

func newDesk(tb testing.TB) *desk {
	d := &desk{history: live(tb), mail: startMail(tb), now: start.Add(24 * time.Hour)}
	d.story()
	return d
}

// newsletter opens one that shows the whole stream.
func (d *desk) newsletter(tb testing.TB, dir string, adjust ...func(*newsletter.Config)) *newsletter.Newsletter {
	tb.Helper()
	set := func(c *newsletter.Config) {
		c.From, c.Recipients = `"Networks, and more" <networks@leiden.test>`, []string{ada, "Grace <" + grace + ">", lynn, strings.ToUpper(ada)}
		c.SMTP, c.JetStream = d.mail.address, d.js
		c.Now = func() time.Time { return d.now }
	}
	n := open(tb, dir, append([]func(*newsletter.Config){set}, adjust...)...)
	d.catchUp(tb, n)
	return n
}

func send(tb testing.TB, n *newsletter.Newsletter) newsletter.Report {
	tb.Helper()
	r, err := n.Send(context.Background())
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

func list(tb testing.TB, n *newsletter.Newsletter) []newsletter.Sent {
	tb.Helper()
	all, err := n.List(context.Background())
	if err != nil {
		tb.Fatal(err)
	}
	return all
}

var each = map[string]int{ada: 1, grace: 1, lynn: 1}

func TestADigestIsSentOnceAndAnEmptyOneNot(t *testing.T) {
	d, dir := newDesk(t), t.TempDir()
	n := d.newsletter(t, dir)
	r := send(t, n)
	if r.Sent != 3 || r.Recipients != 3 || r.Empty || !strings.HasPrefix(r.Subject, "Networks and associations: ") {
		t.Errorf("%+v", r)
	}
	if r := send(t, n); !r.Empty || r.Sent != 0 {
		t.Errorf("a second time: %+v", r)
	}
	if diff := cmp.Diff(each, d.mail.count()); diff != "" {
		t.Error(diff)
	}
	next := drafted(t, n)
	if !next.Empty || uint64(next.From) != uint64(d.seq) {
		t.Errorf("the draft was not begun anew: %+v", next)
	}
	d.commit("More", []edit{{"networks/una-europa", replace(una, "10", "12")}})
	d.catchUp(t, n)
	r = send(t, n)
	if r.Subject != "Networks and associations: 3 changes to Una Europa" || r.Sent != 3 {
		t.Errorf("%+v", r)
	}
	all := list(t, n)
	if len(all) != 2 || all[0].From != all[1].To || all[0].Sent != 3 || all[1].Completed.IsZero() {
		t.Errorf("%+v", all)
	}
	// A rebuild gets the sent digests from the ledger.
	rebuilt := filepath.Join(dir, "rebuilt")
	d.newsletter(t, rebuilt)
	if diff := cmp.Diff(shown(t, rebuilt), shown(t, dir)); diff != "" {
		t.Error(diff)
	}
}

func TestAMessageIsWhatMailProgramsExpect(t *testing.T) {
	d := newDesk(t)
	n := d.newsletter(t, t.TempDir())
	asHTML, _ := n.Preview("html")
	asText, _ := n.Preview("text")
	report := send(t, n)
	first := d.mail.to(t, ada)
	m := first.message(t)
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || subject != report.Subject {
		t.Errorf("subject %q, %v", subject, err)
	}
	to, err := m.Header.AddressList("To")
	if err != nil || len(to) != 1 || to[0].Address != ada || first.to != ada || first.from != "networks@leiden.test" {
		t.Errorf("from %s to %v, %v", first.from, to, err)
	}
	for header, want := range map[string]string{
		"From": `"Networks, and more" <networks@leiden.test>`, "List-Id": "<leiden-networks.newsletter.leiden.test>",
		"Auto-Submitted": "auto-generated", "Mime-Version": "1.0", "X-Mailer": "", "User-Agent": "", "Bcc": "",
	} {
		if got := m.Header.Get(header); got != want {
			t.Errorf("%s: %q, want %q", header, got, want)
		}
	}
	if date, err := m.Header.Date(); err != nil || !date.Equal(d.now) {
		t.Errorf("date %v, %v", date, err)
	}
	if id := m.Header.Get("Message-Id"); !strings.HasSuffix(id, "@leiden.test>") || strings.Count(id, ".") != 2 {
		t.Errorf("message id %s", id)
	}
	parts := partsOf(t, m.Header.Get("Content-Type"), m.Body)
	want := map[string]string{"text/plain": string(asText), "text/html": string(asHTML)}
	if diff := cmp.Diff(want, parts); diff != "" {
		t.Error(diff)
	}
}

func partsOf(t *testing.T, contentType string, body io.Reader) map[string]string {
	t.Helper()
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("%s, %v", contentType, err)
	}
	parts := make(map[string]string)
	r := multipart.NewReader(body, params["boundary"])
	for {
		p, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return parts
		}
		if err != nil {
			t.Fatal(err)
		}
		kind, params, err := mime.ParseMediaType(p.Header.Get("Content-Type"))
		if err != nil || !strings.EqualFold(params["charset"], "utf-8") || p.Header.Get("Content-Transfer-Encoding") != "quoted-printable" {
			t.Errorf("part: %v, %v", p.Header, err)
		}
		data, err := io.ReadAll(quotedprintable.NewReader(p))
		if err != nil {
			t.Fatal(err)
		}
		parts[kind] = string(bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")))
	}
}

func TestHostileNamesInjectNoHeaders(t *testing.T) {
	d := &desk{history: live(t), mail: startMail(t), now: start}
	evil := "Evil\\r\\nBcc: eve@example.org\\r\\n\\r\\n<script>alert(1)</script>\\n.\\n" + strings.Repeat("é", 200)
	d.manifest = replace(manifest, "Networks and associations", `List\r\nX-Evil: 1`)
	d.commit(evil, []edit{{"networks/evil", `{"name":{"en":"` + evil + `"}}`}})
	send(t, d.newsletter(t, t.TempDir()))
	for _, r := range d.mail.all() {
		m := r.message(t)
		if m.Header.Get("Bcc") != "" || m.Header.Get("X-Evil") != "" {
			t.Errorf("%v", m.Header)
		}
		parts := partsOf(t, m.Header.Get("Content-Type"), m.Body)
		if len(parts) != 2 || strings.Contains(parts["text/html"], "<script") {
			t.Errorf("%v", parts)
		}
	}
	if diff := cmp.Diff(each, d.mail.count()); diff != "" {
		t.Error(diff)
	}
}

// The sender crashes after the k-th message. Another one continues with the same
// content, despite later changes, and nobody gets it twice.
func TestACrashBetweenRecipients(t *testing.T) {
	for k := 1; k <= 3; k++ {
		t.Run(fmt.Sprint(k), func(t *testing.T) {
			d := newDesk(t)
			ctx, die := context.WithCancel(context.Background())
			d.mail.on("DOT", func(string, *smtp.Conn) error {
				if len(d.mail.all()) == k {
					die()
				}
				return nil
			})
			first, err := d.newsletter(t, t.TempDir(), oneByOne).Send(ctx)
			var unfinished *newsletter.UnfinishedError
			if k < 3 && (!errors.As(err, &unfinished) || unfinished.Open != 3-k || first.Sent != k) {
				t.Errorf("%+v, %v", first, err)
			}
			d.commit("Meanwhile", []edit{{"networks/una-europa", replace(una, "10", "12")}})
			d.now = d.now.Add(time.Minute)
			n := d.newsletter(t, t.TempDir())
			r, err := n.Resume(context.Background())
			if err != nil || r.Digest != first.Digest || r.Sent != 3-k || r.Already != k {
				t.Errorf("%+v, %v", r, err)
			}
			if diff := cmp.Diff(each, d.mail.count()); diff != "" {
				t.Error(diff)
			}
			sameBodies(t, d.mail.all())
			if next := drafted(t, n); next.Empty || next.Subject != "Networks and associations: 3 changes to Una Europa" {
				t.Errorf("the next draft: %+v", next)
			}
		})
	}
}

func oneByOne(c *newsletter.Config) { c.Connections = 1 }

func sameBodies(t *testing.T, all []received) {
	t.Helper()
	ids := make(map[string]bool)
	var digest string
	for _, r := range all {
		m := r.message(t)
		id := m.Header.Get("Message-Id")
		if ids[id] {
			t.Errorf("two messages %s", id)
		}
		ids[id] = true
		body := m.Header.Get("Subject") + m.Header.Get("Date") + strings.SplitN(id, ".", 2)[0] +
			fmt.Sprint(partsOf(t, m.Header.Get("Content-Type"), m.Body))
		if digest != "" && body != digest {
			t.Error("two recipients got different digests")
		}
		digest = body
	}
}

func TestTwoSendersAtOnceSendOneDigest(t *testing.T) {
	d := newDesk(t)
	d.mail.on("RCPT", func(string, *smtp.Conn) error { time.Sleep(time.Millisecond); return nil })
	var senders []*newsletter.Newsletter
	for range 3 {
		senders = append(senders, d.newsletter(t, t.TempDir()))
	}
	var all sync.WaitGroup
	for _, n := range senders {
		for range 2 {
			all.Go(func() {
				if _, err := n.Send(context.Background()); err != nil {
					t.Error(err)
				}
			})
		}
	}
	all.Wait()
	if diff := cmp.Diff(each, d.mail.count()); diff != "" {
		t.Error(diff)
	}
	sent := list(t, senders[0])
	if len(sent) != 1 || sent[0].Completed.IsZero() {
		t.Errorf("%+v", sent)
	}
}

// A message that the server may have accepted is never sent again; one that it
// certainly did not accept is.
func TestWhatAServerDoesToAMessage(t *testing.T) {
	cases := []struct {
		name, command string
		do            func(string, *smtp.Conn) error
		want          newsletter.Counts // in the end
		taken         int               // messages to grace
	}{
		{"hangs up at once", "CONNECT", hangUp, newsletter.Counts{Sent: 3}, 1},
		{"hangs up at MAIL", "MAIL", hangUp, newsletter.Counts{Sent: 3}, 1},
		{"hangs up at RCPT", "RCPT", at(grace, hangUp), newsletter.Counts{Sent: 3}, 1},
		{"hangs up in the content", "DATA", at(grace, hangUp), newsletter.Counts{Sent: 2, Uncertain: 1}, 0},
		{"hangs up after the content", "DOT", at(grace, hangUp), newsletter.Counts{Sent: 2, Uncertain: 1}, 1},
		{"is busy at MAIL", "MAIL", answer(421), newsletter.Counts{Sent: 3}, 1},
		{"refuses the sender", "MAIL", answer(530), newsletter.Counts{Sent: 3}, 1},
		{"puts off the recipient", "RCPT", at(grace, answer(450)), newsletter.Counts{Sent: 3}, 1},
		{"refuses the recipient", "RCPT", at(grace, answer(550)), newsletter.Counts{Sent: 2, Refused: 1}, 0},
		{"puts off the content", "DATA", at(grace, answer(451)), newsletter.Counts{Sent: 3}, 1},
		{"refuses the content", "DATA", at(grace, answer(554)), newsletter.Counts{Sent: 2, Refused: 1}, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t)
			core, logs := observer.New(zapcore.DebugLevel)
			n := d.newsletter(t, t.TempDir(), func(c *newsletter.Config) { c.Log = zap.New(core) })
			d.mail.on(c.command, c.do)
			_, err := n.Send(context.Background())
			d.mail.on(c.command, nil)
			if strings.Contains(fmt.Sprint(err), "@") || logsName(logs) {
				t.Errorf("an address is told: %v, %v", err, logs.All())
			}
			_, err = n.Send(context.Background())
			all := list(t, n)
			if err != nil || len(all) != 1 || all[0].Completed.IsZero() {
				t.Fatalf("%+v, %v", all, err)
			}
			if diff := cmp.Diff(c.want, all[0].Counts); diff != "" {
				t.Error(diff)
			}
			want := map[string]int{ada: 1, grace: c.taken, lynn: 1}
			if c.taken == 0 {
				delete(want, grace)
			}
			if diff := cmp.Diff(want, d.mail.count()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func logsName(logs *observer.ObservedLogs) bool {
	for _, l := range logs.All() {
		if strings.Contains(fmt.Sprint(l.Message, l.ContextMap()), "@example") {
			return true
		}
	}
	return false
}

func TestAConnectionThatGrewOldIsReplaced(t *testing.T) {
	d := newDesk(t)
	var seen atomic.Int64 // connections have goroutines of their own
	d.mail.on("MAIL", func(_ string, c *smtp.Conn) error {
		if seen.Add(1) == 2 {
			return hangUp("", c)
		}
		return nil
	})
	if r := send(t, d.newsletter(t, t.TempDir(), oneByOne)); r.Sent != 3 {
		t.Errorf("%+v", r)
	}
}

func TestTheLedgerHoldsNoAddress(t *testing.T) {
	d := newDesk(t)
	n := d.newsletter(t, t.TempDir())
	send(t, n)
	kv, err := d.js.KeyValue(context.Background(), newsletter.Bucket(dataset))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := kv.Keys(context.Background())
	if err != nil || len(keys) != 7 {
		t.Fatalf("%v, %v", keys, err)
	}
	for _, key := range keys {
		e, err := kv.Get(context.Background(), key)
		if err != nil {
			t.Fatal(err)
		}
		for _, address := range []string{ada, grace, lynn} {
			if strings.Contains(strings.ToLower(key+string(e.Value())), strings.ToLower(address)) {
				t.Errorf("%s: %s", key, e.Value())
			}
		}
	}
}

func TestSendingNeedsItsSettings(t *testing.T) {
	d := newDesk(t)
	for name, forget := range map[string]func(*newsletter.Config){
		"smtp":       func(c *newsletter.Config) { c.SMTP = "" },
		"from":       func(c *newsletter.Config) { c.From = "" },
		"recipients": func(c *newsletter.Config) { c.Recipients = nil },
	} {
		n := d.newsletter(t, t.TempDir(), forget)
		_, err := n.Send(context.Background())
		var setup *newsletter.SetupError
		if !errors.As(err, &setup) || !strings.Contains(setup.Remedy, "newsletter."+name) {
			t.Errorf("%s: %v", name, err)
		}
		if drafted(t, n).Empty {
			t.Errorf("%s: there is no draft", name)
		}
	}
	for _, bad := range []func(*newsletter.Config){
		func(c *newsletter.Config) { c.SMTP = "http://user:hunter2@x" },
		func(c *newsletter.Config) { c.SMTP = "smtp://user:hunter2%zz@x" },
		func(c *newsletter.Config) { c.From = "a@example.org\r\nBcc: b@example.org" },
		func(c *newsletter.Config) { c.Recipients = []string{"nobody"} },
		func(c *newsletter.Config) { c.BaseURL = "javascript:alert(1)" },
		func(c *newsletter.Config) { c.Grace = -1 },
		func(c *newsletter.Config) { c.Connections = -1 },
		func(c *newsletter.Config) { c.Rate = -1 },
	} {
		c := newsletter.Config{Dir: t.TempDir(), BaseURL: baseURL, Log: zap.NewNop()}
		bad(&c)
		if err := c.Validate(); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestATestLeavesNoTrace(t *testing.T) {
	d := newDesk(t)
	n := d.newsletter(t, t.TempDir())
	for range 2 {
		if err := n.SendTest(context.Background(), "Test <test@example.org>"); err != nil {
			t.Fatal(err)
		}
	}
	if all := list(t, n); len(all) != 0 || d.mail.count()["test@example.org"] != 2 {
		t.Errorf("%v, %v", all, d.mail.count())
	}
	if r := send(t, n); r.Sent != 3 {
		t.Errorf("%+v", r)
	}
}

// A draft that another process has sent since is not sent again.
func TestAStaleDraftIsNotSent(t *testing.T) {
	d := newDesk(t)
	behind := d.newsletter(t, t.TempDir())
	send(t, d.newsletter(t, t.TempDir()))
	if r := send(t, behind); !r.Empty {
		t.Errorf("%+v", r)
	}
	if diff := cmp.Diff(each, d.mail.count()); diff != "" {
		t.Error(diff)
	}
}

// If the ledger is lost, the draft is rebuilt from the whole stream.
func TestALostLedgerIsNoticed(t *testing.T) {
	d, dir := newDesk(t), t.TempDir()
	n := d.newsletter(t, dir)
	send(t, n)
	if err := d.js.DeleteKeyValue(context.Background(), newsletter.Bucket(dataset)); err != nil {
		t.Fatal(err)
	}
	if p, err := n.Position(context.Background()); err != nil || p.Sequence != 0 {
		t.Errorf("%+v, %v", p, err)
	}
	reader, err := stream.Open(context.Background(), d.js, dataset)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := publishers.Build(context.Background(), n, reader, 0); err != nil || drafted(t, n).Empty {
		t.Errorf("%v", err)
	}
}
