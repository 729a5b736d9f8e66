package ops

import (
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"netsync/publishers"
	"netsync/publishers/release"
	"netsync/schema"
	"netsync/schema/event"
)

// secrets are the texts that a public status must not have.
var secrets = []string{
	"hunter2-value", "networks/unpublished", "host-of-netsync", "4711", "broker.internal", "git.internal", "disk.internal", "draft-0a", "endpoint.internal",
}

// troubled returns a status that quotes secrets wherever possible.
func troubled() Status {
	s := well()
	s.Process = Process{Version: "v1", PID: 4711, Host: "host-of-netsync", Broker: "nats://broker.internal:4222", Connected: true, Admin: "http://host-of-netsync:8090"}
	findings := []event.Finding{{Finding: schema.Finding{
		Severity: schema.Error, Rule: "NS008", File: "networks/unpublished.yaml", Record: "networks/unpublished", Message: "the value hunter2-value is wrong",
	}}}
	s.Worker.Findings, s.Worker.Held, s.Worker.Error, s.Worker.Failing = findings, true, "git ls-remote https://git.internal/x", now.Add(-time.Hour)
	s.Worker.Quarantined = []string{"networks/unpublished"}
	s.Stream.Findings = &event.Findings{Findings: findings}
	s.Stream.Unwritable = "disk.internal is full"
	s.Channels[0].Error, s.Channels[0].Failing = "write hunter2-value to disk.internal", now.Add(-time.Minute)
	s.Channels[1].Held = &publishers.Hold{Changeset: "3f2a0c1d9e8b7a65@40", Since: now.Add(-time.Hour), Release: "1"}
	s.Digest = &Digest{Waits: "draft-0a", Error: "dial host-of-netsync"}
	s.Webhooks = []Webhook{{Name: "endpoint.internal", Problem: "x"}}
	return s
}

func adminServer(t *testing.T, s Status, a Admin) *httptest.Server {
	t.Helper()
	a.Metrics = NewMetrics()
	c := Config{Status: func(context.Context) Status { return s }, Log: zap.NewNop()}
	server := httptest.NewServer(NewAdmin(c, a).http.Handler)
	t.Cleanup(server.Close)
	return server
}

// TestThePublicReadsNoSecret checks that the public status only has whether the
// channels are current.
func TestThePublicReadsNoSecret(t *testing.T) {
	t.Parallel()
	s := troubled()
	public := httptest.NewServer(New(Config{Status: func(context.Context) Status { return s }, Log: zap.NewNop()}).http.Handler)
	t.Cleanup(public.Close)
	for path, want := range map[string]string{
		"/status": "cannot be brought up to date for 1 min", "/status.json": `"lag_seconds": 0`, "/readyz": "the stream cannot be written",
	} {
		_, body := do(t, public, http.MethodGet, path)
		if !strings.Contains(body, want) {
			t.Errorf("%s lacks %q:\n%s", path, want, body)
		}
		for _, secret := range secrets {
			if strings.Contains(body, secret) {
				t.Errorf("%s tells %q:\n%s", path, secret, body)
			}
		}
	}
	for _, path := range []string{"/metrics", "/newsletter/next.html", "/newsletter/next.txt", "/newsletter/next.json", "/docs/", "/debug/pprof/"} {
		if w, _ := do(t, public, http.MethodGet, path); w.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", path, w.Status)
		}
	}
	admin := adminServer(t, s, Admin{})
	_, page := do(t, admin, http.MethodGet, "/status")
	_, json := do(t, admin, http.MethodGet, "/status.json")
	for _, secret := range secrets {
		if !strings.Contains(page+json, secret) {
			t.Errorf("operators do not read %q", secret)
		}
	}
	if _, body := do(t, admin, http.MethodGet, "/readyz"); !strings.Contains(body, "disk.internal is full") {
		t.Errorf("operators do not read why it is not ready: %q", body)
	}
}

func TestThePublicStatusSaysWhetherChannelsAreCurrent(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		happens func(*Status)
		verdict string
		current bool
	}{
		{"all is well", func(*Status) {}, "Every channel is current.", true},
		{"one is behind", func(s *Status) { s.Channels[1].Lag, s.Channels[1].LagSeconds = 3, 70 }, "1 of 3 channels not current.", false},
		{"one is held", func(s *Status) { s.Channels[0].Held = &publishers.Hold{Since: now} }, "1 of 3 channels not current.", false},
		{"the stream is away", func(s *Status) { s.Stream.Error = "gone" }, "3 of 3 channels not current.", false},
		{"nothing yet", func(s *Status) { s.Channels[2].Position = event.Position{} }, "1 of 3 channels not current.", false},
		{"no channels", func(s *Status) { s.Channels = nil }, "The channels run in other processes.", false},
	} {
		s := well()
		tt.happens(&s)
		p := s.Public()
		if p.Verdict().Text != tt.verdict || p.Current != tt.current {
			t.Errorf("%s: %q, current %v", tt.name, p.Verdict().Text, p.Current)
		}
		page, err := render("public.html", p.Time, p)
		if err != nil || !strings.Contains(string(page), tt.verdict) {
			t.Errorf("%s: %v\n%s", tt.name, err, page)
		}
	}
}

// TestOperatorsReadTheDraft checks that the draft has its styles, as a mail
// has.
func TestOperatorsReadTheDraft(t *testing.T) {
	t.Parallel()
	drafts, err := release.Open(filepath.Join(t.TempDir(), "drafts"))
	if err != nil {
		t.Fatal(err)
	}
	publishFolder(t, drafts, "1", map[string]string{"next.html": "<p style=color:red>Mail", "next.txt": "Mail", "next.json": "{}", "pending.json": "{}"})
	admin := adminServer(t, well(), Admin{Drafts: drafts.Path()})
	for path, media := range map[string]string{"next.html": "text/html; charset=utf-8", "next.txt": "text/plain; charset=utf-8", "next.json": "application/json"} {
		w, _ := do(t, admin, http.MethodGet, "/newsletter/"+path)
		if w.StatusCode != http.StatusOK || w.Header.Get("Content-Type") != media || w.Header.Get("Content-Security-Policy") == pagePolicy {
			t.Errorf("%s: %s, %v", path, w.Status, w.Header)
		}
	}
	if w, _ := do(t, admin, http.MethodGet, "/newsletter/pending.json"); w.StatusCode != http.StatusNotFound {
		t.Errorf("what the draft is made of: %s", w.Status)
	}
	if w, _ := do(t, admin, http.MethodGet, "/"); w.Header.Get("Location") != "/status" {
		t.Errorf("/ leads to %q", w.Header.Get("Location"))
	}
}

// TestAnotherSitesNameIsRefused checks that a page whose name points to this
// machine (DNS rebinding) cannot read anything.
func TestAnotherSitesNameIsRefused(t *testing.T) {
	t.Parallel()
	open := adminServer(t, well(), Admin{Hosts: []string{"Ops.example.org"}})
	closed := adminServer(t, well(), Admin{Token: "0123456789abcdef"})
	socket := adminServer(t, well(), Admin{Socket: true})
	for host, want := range map[string]int{
		"localhost:8090": 200, "LOCALHOST": 200, "127.0.0.1:8090": 200, "127.9.9.9": 200, "[::1]:8090": 200, "ops.example.org:8090": 200,
		"evil.example.com:8090": 403, "evil.example.com": 403, "localhost.evil.example.com": 403, "127.0.0.1.evil.example.com:8090": 403, "192.0.2.1:8090": 403, "x": 403,
	} {
		for _, path := range []string{"/", "/status", "/status.json", "/metrics", "/healthz", "/newsletter/next.html"} {
			got := askAs(t, open, path, host, "")
			if want == 403 != (got == 403) {
				t.Errorf("%s as %q: %d", path, host, got)
			}
			if got := askAs(t, closed, path, host, "Bearer 0123456789abcdef"); got == 403 || got == 401 {
				t.Errorf("%s as %q, with the token: %d", path, host, got)
			}
			if got := askAs(t, socket, path, host, ""); got == 403 {
				t.Errorf("%s as %q, by the socket: %d", path, host, got)
			}
		}
	}
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte("ada:0123456789abcdef"))
	for authorization, want := range map[string]int{
		"": 401, "Bearer": 401, "Bearer x": 401, "Bearer 0123456789abcdeg": 401, "bearer 0123456789abcdef": 200, basic: 200, "Basic x": 401, "0123456789abcdef": 401,
	} {
		if got := askAs(t, closed, "/status", "localhost", authorization); got != want {
			t.Errorf("with %q: %d, want %d", authorization, got, want)
		}
	}
}

func askAs(t *testing.T, server *httptest.Server, path, host, authorization string) int {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, server.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = host
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	w, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close()
	_, _ = io.Copy(io.Discard, w.Body)
	return w.StatusCode
}
