package newsletter_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"netsync/publishers/newsletter"
)

// naughtyNames are names of networks with special meaning in templates.
var naughtyNames = []string{
	`{{ .Subscriber.Email }}`, `{{`, `}}`, "{{`x`}}", `{{{"a"}}}`, `{{/* gone? */}}`, `{{ define "content" }}`, `<!-- gone? -->`, `<img data-embed src="x.png">`,
	`https://example.org/"}}{{ .Campaign.Name }}{{"@TrackLink`, `https://example.org@TrackLink`, `{{ TrackLink "https://example.org" }}`, `\u007b\{{`,
}

func (d *campaignDesk) tellNaughty(tb testing.TB) {
	tb.Helper()
	for i, name := range naughtyNames {
		id := "naughty-" + string(rune('a'+i))
		record, err := json.Marshal(map[string]any{"id": id, "name": map[string]string{"en": name}, "tier": "key", "summary": map[string]string{"en": name}})
		if err != nil {
			tb.Fatal(err)
		}
		d.commit("Add "+name, []edit{{"networks/" + id, string(record)}})
	}
}

func TestADigestGoesOutAsOneCampaign(t *testing.T) {
	t.Parallel()
	d := newCampaignDesk(t)
	d.tellNaughty(t)
	n := d.newsletter(t, d.listmonk.URL)
	shows := shown(t, n.Dir)["next.html"]
	r := send(t, n)
	if r.Campaign == 0 || r.Recipients != 3 || r.Empty {
		t.Errorf("%+v", r)
	}
	if r := send(t, n); !r.Empty || r.Campaign != 0 {
		t.Errorf("a second time: %+v", r)
	}
	d.listmonk.Finished(t)
	want := map[string]int{ada: 1, strings.ToLower(grace): 1, lynn: 1}
	if diff := cmp.Diff(want, d.mail.count()); diff != "" {
		t.Fatal(diff)
	}
	if all := list(t, n); len(all) != 1 || all[0].Campaign != r.Campaign || all[0].Recipients != 3 || all[0].Completed.IsZero() {
		t.Errorf("%+v", all)
	}
	for to := range want {
		d.checkCampaign(t, d.mail.to(t, to), shows, r.Subject)
	}
	if _, ok := shown(t, n.Dir)["archive/"+r.Digest+"/index.html"]; !ok {
		t.Error("the digest is not in the archive")
	}
}

// judge compares a message sent by listmonk with the draft.
func (d *campaignDesk) checkCampaign(t *testing.T, got received, shows, subject string) {
	t.Helper()
	m := got.message(t)
	said, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || said != subject {
		t.Errorf("subject %q, want %q", said, subject)
	}
	if from := m.Header.Get("From"); from != `"Networks, and more" <networks@leiden.test>` {
		t.Errorf("from %q", from)
	}
	if leave := m.Header.Get("List-Unsubscribe"); !strings.HasPrefix(leave, "<"+d.listmonk.URL+"/subscription/") {
		t.Errorf("List-Unsubscribe %q", leave)
	}
	parts := bodies(t, got)
	page, text := parts["text/html"], parts["text/plain"]
	// Up to the footer it equals the draft byte for byte.
	const footer = `<tr><td class="text soft rule"`
	body, _, _ := strings.Cut(shows, footer)
	if got, _, _ := strings.Cut(page, footer); got != body {
		t.Errorf("listmonk sent another page:\n%s", cmp.Diff(body, got))
	}
	var readable strings.Builder
	links := 0
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for node := range root.Descendants() {
		switch {
		case node.Type == html.TextNode:
			readable.WriteString(node.Data)
		case node.Data == "a" && strings.HasPrefix(attribute(node, "href"), d.listmonk.URL+"/subscription/"):
			links++
			d.mustAnswer(t, attribute(node, "href"))
		}
	}
	if links != 2 || strings.Count(text, d.listmonk.URL+"/subscription/") != 2 || strings.Contains(page+text, "listmonk.invalid") {
		t.Errorf("%d links to leave and to choose; the text is\n%s", links, text)
	}
	for _, name := range naughtyNames {
		if !strings.Contains(readable.String(), name) || !strings.Contains(text, name) {
			t.Errorf("%q is not said as it is", name)
		}
	}
}

func (d *campaignDesk) mustAnswer(t *testing.T, address string) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }() // all was read
	if page, err := io.ReadAll(answer.Body); err != nil || answer.StatusCode != http.StatusOK {
		t.Errorf("%s: %s: %v\n%s", address, answer.Status, err, page)
	}
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func TestASubjectIsNoTemplate(t *testing.T) {
	t.Parallel()
	d := newCampaignDesk(t)
	n := d.newsletter(t, d.listmonk.URL)
	send(t, n)
	const name = `{{ .Subscriber.Email }} "@TrackLink`
	record, err := json.Marshal(map[string]any{"id": "una-europa", "name": map[string]string{"en": name}, "tier": "key"})
	if err != nil {
		t.Fatal(err)
	}
	d.commit("Rename", []edit{{"networks/una-europa", string(record)}})
	d.catchUp(t, n)
	r := send(t, n)
	if !strings.Contains(r.Subject, name) {
		t.Fatalf("%+v", r)
	}
	d.listmonk.Finished(t)
	for _, got := range d.mail.all() {
		said, err := new(mime.WordDecoder).DecodeHeader(got.message(t).Header.Get("Subject"))
		if err != nil {
			t.Fatal(err)
		}
		if said == r.Subject {
			return
		}
	}
	t.Errorf("no message has the subject %q", r.Subject)
}

func TestADigestWaitsForApprovalBeforeListmonkHearsOfIt(t *testing.T) {
	t.Parallel()
	d := newCampaignDesk(t)
	n := d.newsletter(t, d.listmonk.URL, func(c *newsletter.Config) { c.Hold = true })
	r := send(t, n)
	if r.Waiting.IsZero() || len(d.listmonk.Campaigns(t)) != 0 {
		t.Fatalf("%+v", r)
	}
	approved, err := n.Approve(context.Background(), r.Digest)
	if err != nil || approved.Campaign == 0 {
		t.Fatalf("%+v: %v", approved, err)
	}
	if _, started := d.campaigns(t); len(started) != 1 {
		t.Errorf("%+v", started)
	}
}

func TestATestGoesToASubscriberOfListmonk(t *testing.T) {
	t.Parallel()
	d := newCampaignDesk(t)
	n := d.newsletter(t, d.listmonk.URL)
	if err := n.SendTest(context.Background(), ada); err != nil {
		t.Fatal(err)
	}
	got := d.mail.waitFor(t, ada)
	if subject := got.message(t).Header.Get("Subject"); !strings.HasPrefix(subject, "[Test] ") {
		t.Errorf("subject %q", subject)
	}
	var setup *newsletter.SetupError
	err := n.SendTest(context.Background(), "stranger@example.org")
	if !errors.As(err, &setup) || strings.Contains(err.Error(), "stranger") {
		t.Errorf("to a stranger: %v", err)
	}
	if left := d.listmonk.Campaigns(t); len(left) != 0 {
		t.Errorf("tests leave campaigns: %+v", left)
	}
	if r := send(t, n); r.Campaign == 0 {
		t.Errorf("after the tests: %+v", r)
	}
}

func TestWhatListmonkLacksIsToldAndTheDigestStaysUnfinished(t *testing.T) {
	t.Parallel()
	d := newCampaignDesk(t)
	for _, c := range []struct {
		name   string
		adjust func(*newsletter.Listmonk)
		want   string
	}{
		{"list", func(l *newsletter.Listmonk) { l.Lists = []int{d.list, 99} }, "no list 99"},
		{"token", func(l *newsletter.Listmonk) { l.Token = "hunter2" }, "newsletter.listmonk.user and token"},
		{"template", func(l *newsletter.Listmonk) { l.Template = 99 }, "template"},
		{"away", func(l *newsletter.Listmonk) { l.URL = "http://127.0.0.1:1" }, "connection refused"},
	} {
		n := d.newsletter(t, d.listmonk.URL, func(conf *newsletter.Config) { c.adjust(conf.Listmonk) })
		_, err := n.Send(context.Background())
		var unfinished *newsletter.UnfinishedError
		if !errors.As(err, &unfinished) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	n := d.newsletter(t, d.listmonk.URL)
	if r := send(t, n); r.Campaign == 0 {
		t.Errorf("%+v", r)
	}
	if drafts, started := d.campaigns(t); len(drafts) != 0 || len(started) != 1 {
		t.Errorf("drafts %+v, started %+v", drafts, started)
	}
	if files, err := filepath.Glob(n.Dir + "/current/archive/*/index.html"); err != nil || len(files) != 1 {
		t.Errorf("%v: %v", files, err)
	}
}
