package signup_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"netsync/publishers"
	"netsync/publishers/newsletter"
	"netsync/publishers/newsletter/signup"
	"netsync/publishers/newsletter/subscribers"
	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/stream"
	"netsync/schema/stream/streamtest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, streamtest.LeakOptions()...)
}

const dataset = "leiden-networks"

const manifest = `{
	"schema": "netsync/v1", "id": "leiden-networks", "languages": ["en", "nl"], "time_zone": "Europe/Amsterdam",
	"title": {"en": "Networks and associations", "nl": "Netwerken en verenigingen"},
	"vocabularies": {"topics": {"water": {"en": "Water", "nl": "Water"}, "energy": {"en": "Energy", "nl": "Energie"},
		"open-science": {"en": "Open Science", "nl": "Open science"}, "inclusion": {"en": "Diversity and inclusion", "nl": "Diversiteit en inclusie"},
		"health": {"en": "Health", "nl": "Gezondheid"}, "heritage": {"en": "Heritage"}}}
}`

// A clock advances when a test says so.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// A desk is served, with the newsletter of a real stream and a real mail
// server.
type desk struct {
	t      *testing.T
	server *httptest.Server
	letter *newsletter.Newsletter
	js     jetstream.JetStream
	mail   *mailServer
	clock  *clock
	logs   *observer.ObservedLogs

	mu       sync.Mutex
	outcomes map[signup.Outcome]int
}

func (d *desk) observe(o signup.Outcome) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.outcomes == nil {
		d.outcomes = make(map[signup.Outcome]int)
	}
	d.outcomes[o]++
}

func (d *desk) outcome(o signup.Outcome) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.outcomes[o]
}

// lastForwarded returns the client address from a trusted proxy.
func lastForwarded(r *http.Request) netip.Addr {
	header := r.Header.Get("X-Forwarded-For")
	address, _ := netip.ParseAddr(strings.TrimSpace(header[strings.LastIndexByte(header, ',')+1:]))
	return address
}

func open(t *testing.T, adjust ...func(*signup.Config)) *desk {
	t.Helper()
	d := &desk{t: t, js: streamtest.JetStream(t), mail: startMail(t), clock: &clock{now: time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)}}
	core, logs := observer.New(zapcore.DebugLevel)
	d.logs = logs
	mux := http.NewServeMux()
	d.server = httptest.NewServer(mux)
	t.Cleanup(d.server.Close)
	var err error
	d.letter, err = newsletter.New(newsletter.Config{
		Dir: t.TempDir(), BaseURL: "https://networks.example.org", SelfURL: d.server.URL, Grace: time.Hour,
		From: "Networks <networks@example.org>", SMTP: d.mail.address, JetStream: d.js, Log: zap.New(core), Now: d.clock.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	d.publish()
	c := signup.Config{Letter: d.letter, Open: true, Website: "https://networks.example.org", Log: zap.New(core), Now: d.clock.Now, Retry: 10 * time.Millisecond,
		Address: lastForwarded, Observe: d.observe}
	for _, a := range adjust {
		a(&c)
	}
	s, err := signup.New(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, pattern := range s.Patterns() {
		mux.Handle(pattern, s)
	}
	mux.HandleFunc("/newsletter/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "the archive") })
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return d
}

// publish writes the dataset's only changeset and publishes it to the
// newsletter.
func (d *desk) publish() {
	d.t.Helper()
	ctx := d.t.Context()
	if _, err := d.js.CreateStream(ctx, stream.Config(dataset, 1)); err != nil {
		d.t.Fatal(err)
	}
	state := &schema.State{}
	sha := strings.Repeat("a", 40)
	cs := &event.Changeset{ID: sha + "@0", Commit: sha, Manifest: json.RawMessage(manifest), StateDigest: state.Digest()}
	data, err := event.Encode(event.Event{ID: cs.ID, Type: event.ChangesetCompleted, Dataset: dataset, Time: d.clock.Now(), Changeset: cs})
	if err == nil {
		_, err = d.js.Publish(ctx, "netsync."+dataset+".changeset", data)
	}
	if err != nil {
		d.t.Fatal(err)
	}
	m, err := schema.DecodeManifest([]byte(manifest))
	if err == nil {
		err = d.letter.Publish(ctx, publishers.Edition{
			Position:  event.Position{Dataset: dataset, Changeset: cs.ID, Commit: sha, Sequence: 1, StateDigest: cs.StateDigest},
			Changeset: cs, Manifest: m, State: state, Entries: []publishers.Entry{{Changeset: cs, Time: d.clock.Now(), Sequence: 1}}, Fresh: true,
		})
	}
	if err != nil {
		d.t.Fatal(err)
	}
}

// An answer is the response to a request.
type answer struct {
	status int
	header http.Header
	body   string
}

// do sends a request without following redirects.
func (d *desk) do(method, path string, body string, headers ...string) answer {
	d.t.Helper()
	if !strings.HasPrefix(path, "http") {
		path = d.server.URL + path
	}
	r, err := http.NewRequestWithContext(d.t.Context(), method, path, strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := d.server.Client().Transport.RoundTrip(r)
	if err != nil {
		d.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, string(text)}
}

func (d *desk) get(path string, headers ...string) answer {
	d.t.Helper()
	return d.do(http.MethodGet, path, "", headers...)
}

// form encodes pairs of fields and values.
func form(pairs ...string) string {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v.Encode()
}

func (d *desk) signUp(address string, pairs ...string) answer {
	d.t.Helper()
	return d.do(http.MethodPost, newsletter.SignupPath, form(append([]string{"address", address, "frequency", "weekly", "language", "en"}, pairs...)...))
}

// expect fails the test if an answer is not as expected.
func (a answer) expect(t *testing.T, what string, status int, texts ...string) answer {
	t.Helper()
	if a.status != status {
		t.Fatalf("%s: %d, want %d\n%s", what, a.status, status, a.body)
	}
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			t.Errorf("%s does not say %q:\n%s", what, text, a.body)
		}
	}
	return a
}

var linkInMail = regexp.MustCompile(`http://[^\s"<>]+/newsletter/(confirm|preferences)/[^\s"<>]+`)

// invited waits for the nth mail and returns its link.
func (d *desk) invited(n int) string {
	d.t.Helper()
	streamtest.Eventually(d.t, fmt.Sprintf("mail number %d", n), func() bool { return len(d.mail.all()) >= n })
	text := strings.NewReplacer("=\r\n", "", "=3D", "=").Replace(d.mail.all()[n-1].data)
	link := linkInMail.FindString(text)
	if link == "" {
		d.t.Fatalf("there is no link in the mail:\n%s", text)
	}
	return link
}

// join subscribes an address and returns the links to its own pages.
func (d *desk) join(address string, p subscribers.Preferences) (preferences, unsubscribe string) {
	d.t.Helper()
	p.Frequency = subscribers.Weekly
	if _, err := d.letter.Import(d.t.Context(), []subscribers.Request{{Address: address, Preferences: p}}, true); err != nil {
		d.t.Fatal(err)
	}
	l, err := d.letter.Subscribers(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	id := l.ID(address)
	return newsletter.PreferencesPath + l.Token(subscribers.Prefer, id), newsletter.UnsubscribePath + l.Token(subscribers.Unsubscribe, id)
}

// list returns the contents of the bucket, to detect changes.
func (d *desk) list() string {
	d.t.Helper()
	l, err := d.letter.Subscribers(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	s, err := d.js.Stream(d.t.Context(), "KV_"+subscribers.Bucket(dataset))
	if err != nil {
		d.t.Fatal(err)
	}
	info, err := s.Info(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	var all []string
	for s, err := range l.All(d.t.Context()) {
		if err != nil {
			d.t.Fatal(err)
		}
		all = append(all, fmt.Sprintf("%s %s %s %v", s.Address, s.Language, s.Frequency, s.Topics))
	}
	slices.Sort(all)
	return fmt.Sprintf("%s, up to message %d", strings.Join(all, "; "), info.State.LastSeq)
}

// A mailServer is a real SMTP server on loopback that records accepted mail.
type mailServer struct {
	address string

	mu    sync.Mutex
	taken []received
	fail  int // the number of messages to refuse for now
}

type received struct{ to, data string }

func startMail(t *testing.T) *mailServer {
	t.Helper()
	m := &mailServer{}
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{server: m}, nil }))
	s.Domain = "mail.test"
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m.address = l.Addr().String()
	done := make(chan error)
	go func() { done <- s.Serve(l) }()
	t.Cleanup(func() {
		_ = s.Close()
		<-done
	})
	return m
}

func (m *mailServer) all() []received {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.taken)
}

type session struct {
	server *mailServer
	to     string
}

func (s *session) Mail(string, *smtp.MailOptions) error { return nil }
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	return nil
}

func (s *session) Data(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	if s.server.fail > 0 {
		s.server.fail--
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.NoEnhancedCode, Message: "not now: <" + s.to + ">"}
	}
	s.server.taken = append(s.server.taken, received{s.to, string(data)})
	return nil
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

func (r received) message(t *testing.T) *mail.Message {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(r.data))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// silent fails the test if the log has an address or a link.
func (d *desk) silent() {
	d.t.Helper()
	for _, e := range d.logs.All() {
		line := e.Message + fmt.Sprint(e.ContextMap())
		if strings.Contains(line, "@example") || regexp.MustCompile(`[A-Za-z0-9_-]{40}`).MatchString(line) {
			d.t.Errorf("the log says %q", line)
		}
	}
}
