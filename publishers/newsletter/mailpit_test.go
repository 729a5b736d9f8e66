package newsletter_test

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/html"

	"netsync/publishers/newsletter"
	"netsync/schema/testkit/npmtest"
	"netsync/schema/testkit/porttest"
)

// leastSupport is the minimum percentage of mail programs that support a message,
// according to Mailpit and caniemail.com.
const leastSupport = 90

// Mailpit is a mail server that checks messages.
func TestMailpitApprovesOfEveryMessage(t *testing.T) {
	t.Parallel()
	pit := startMailpit(t)
	site := tellEverything(t, pit.smtp)
	messages := pit.messages(t)
	if len(messages) != len(kinds()) {
		t.Errorf("%d messages, want one of each kind: %q", len(messages), kinds())
	}
	for _, m := range messages {
		t.Run(m.kind(), func(t *testing.T) {
			pit.judgeMarkup(t, m)
			pit.judgeLinks(t, m, site)
			judgeWayOut(t, m, site)
		})
	}
}

// judgeMarkup checks how many mail programs support the markup of a message.
func (p *mailpit) judgeMarkup(t *testing.T, m pitMessage) {
	t.Helper()
	var report struct {
		Total    struct{ Supported, Partial, Unsupported float64 }
		Warnings []struct {
			Slug  string
			Score struct {
				Found                int
				Partial, Unsupported float64
			}
		}
	}
	p.get(t, "message/"+m.ID+"/html-check", &report)
	t.Logf("supported: %.1f %%, partly %.1f %%, not %.1f %%", report.Total.Supported, report.Total.Partial, report.Total.Unsupported)
	if report.Total.Supported >= leastSupport && len(report.Warnings) > 0 { // some are told of every message
		return
	}
	t.Errorf("want %d %%; what weighs most:", leastSupport)
	for _, w := range report.Warnings[:min(8, len(report.Warnings))] {
		t.Logf("%s: %+v", w.Slug, w.Score)
	}
}

// judgeLinks checks that all links in both parts of the message work, and that
// none was missed.
func (p *mailpit) judgeLinks(t *testing.T, m pitMessage, site string) {
	t.Helper()
	var report struct {
		Errors int
		Links  []struct {
			URL        string
			StatusCode int
			Status     string
		}
	}
	p.get(t, "message/"+m.ID+"/link-check", &report)
	var checked []string
	for _, l := range report.Links {
		checked = append(checked, l.URL)
		if l.StatusCode != http.StatusOK {
			t.Errorf("%s: %d %s", l.URL, l.StatusCode, l.Status)
		}
	}
	if report.Errors != 0 {
		t.Errorf("%d errors", report.Errors)
	}
	for _, link := range linksOf(t, m.HTML) {
		u, err := url.Parse(link)
		switch {
		case err != nil || !u.IsAbs() || u.String() != link:
			t.Errorf("%q is not an address as it should be: %v", link, err)
		case u.Scheme == "mailto":
		case !strings.HasPrefix(link, site+"/") || !slices.Contains(checked, link):
			t.Errorf("%s was not looked at", link)
		}
	}
}

func linksOf(t *testing.T, page string) (links []string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for n := range doc.Descendants() {
		for _, a := range n.Attr {
			if n.Data == "a" && a.Key == "href" {
				links = append(links, a.Val)
			}
		}
	}
	if len(links) == 0 {
		t.Error("there is no link")
	}
	return links
}

// judgeWayOut checks the ways of unsubscribing in a message.
func judgeWayOut(t *testing.T, m pitMessage, site string) {
	t.Helper()
	way := m.ListUnsubscribe
	want, post := "", ""
	switch who, _, _ := strings.Cut(m.kind(), "-"); who {
	case "listed":
		want = "mailto:networks@leiden.test?subject=unsubscribe"
	case "subscriber":
		want, post = site+newsletter.UnsubscribePath, "List-Unsubscribe=One-Click"
	default: // an invitation is from no list
		if way.Header != "" || way.HeaderPost != "" {
			t.Errorf("%+v", way)
		}
		return
	}
	if way.Errors != "" || way.HeaderPost != post || len(way.Links) != 1 || !strings.HasPrefix(way.Links[0], want) {
		t.Errorf("List-Unsubscribe: %+v, want %s", way, want)
	}
}

// A mailpit is a process of the program mailpit.
type mailpit struct {
	smtp, web string // addresses
	client    *http.Client
}

// A pitMessage is a message in Mailpit's API.
type pitMessage struct {
	ID              string
	To              []struct{ Address string }
	HTML            string
	ListUnsubscribe struct {
		Header     string
		Links      []string
		Errors     string
		HeaderPost string
	}
}

func (m pitMessage) kind() string { return kindOf(m.To[0].Address) }

// startMailpit starts a Mailpit that ends with the test. It stores messages in a
// file of the test, uses no external services, and follows links to this machine.
func startMailpit(t *testing.T) *mailpit {
	t.Helper()
	program := npmtest.Program(t, "mailpit", "mailpit")
	p := &mailpit{smtp: porttest.Free(t), web: porttest.Free(t)}
	p.client = &http.Client{Timeout: time.Minute, Transport: &http.Transport{DisableKeepAlives: true}}
	var log strings.Builder
	cmd := exec.Command(program, "--listen", p.web, "--smtp", p.smtp, "--database", filepath.Join(t.TempDir(), "mail.db"),
		"--disable-version-check", "--smtp-disable-rdns", "--block-remote-css-and-fonts",
		"--allow-internal-http-requests", "--disable-link-check-rate-limit")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // it may have ended
		_ = cmd.Wait()                                      // a kill is no failure
		if t.Failed() {
			t.Log(log.String())
		}
	})
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		answer, err := p.client.Get("http://" + p.web + "/readyz")
		if err == nil {
			_ = answer.Body.Close() // it was answered
			if answer.StatusCode == http.StatusOK {
				return p
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("Mailpit does not start: %v", err)
		}
	}
}

// get requests a path of Mailpit's API.
func (p *mailpit) get(t *testing.T, path string, into any) {
	t.Helper()
	answer, err := p.client.Get("http://" + p.web + "/api/v1/" + path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }() // all was read
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", path, answer.Status)
	}
	if err := json.NewDecoder(answer.Body).Decode(into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// messages returns all received messages, sorted by kind.
func (p *mailpit) messages(t *testing.T) (all []pitMessage) {
	t.Helper()
	var list struct{ Messages []struct{ ID string } }
	p.get(t, "messages?limit=1000", &list)
	for _, listed := range list.Messages {
		var m pitMessage
		p.get(t, "message/"+listed.ID, &m)
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b pitMessage) int { return cmp.Compare(a.kind(), b.kind()) })
	return all
}
