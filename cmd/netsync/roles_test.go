package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"netsync/cmd/internal/cli"
	"netsync/cmd/internal/mailcatcher"
	"netsync/schema"
	"netsync/schema/stream"
	"netsync/schema/stream/streamtest"
	"netsync/schema/testkit/npmtest"
)

const (
	leiden = "netsync-leiden-networks"
	images = "OBJ_netsync-leiden-networks-assets"
)

// TestAClusterByTheShippedFiles is the story of a cluster: every role does its
// work with its own permissions, over TLS, and none can do more.
func TestAClusterByTheShippedFiles(t *testing.T) {
	t.Parallel()
	npmtest.Need(t, "long")
	c := startShipped(t, streamtest.ClusterConfig{})
	dir := t.TempDir()
	sampleRepository(t, dir)
	(&demoProcess{t: t, dir: dir}).showLogo("1")
	worker := startRun(t, t.TempDir(), "--only", "worker", "-c", c.config("worker", fmt.Sprintf("  replicas: 3\ndataset: {repository: %s/dataset}\n", dir)))
	mail := mailcatcher.New(mailcatcher.Config{Addr: "127.0.0.1:0", Dir: t.TempDir()})
	go func() { _ = mail.Run(t.Context()) }() // ends with the test
	smtp, err := mail.Addr(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	told := make(chan struct{}, 1)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if body, _ := io.ReadAll(r.Body); strings.Contains(string(body), `"netsync.record.updated"`) {
			told <- struct{}{}
		}
	}))
	defer receiver.Close()
	hooks := fmt.Sprintf("webhooks: {endpoints: [{name: intranet, url: '%s', secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw, private: 127.0.0.0/8}]}\n", receiver.URL)
	data := t.TempDir()
	publisher := startRun(t, data, "--only", "website,feed,newsletter,webhooks", "-c", c.config("publisher",
		fmt.Sprintf("newsletter: {smtp: %s, from: a@example.org, recipients: [b@example.org]}\n", smtp)+hooks))

	// On the machine of the publishers: verify and digest look at their folders,
	// and the website shows whether people can subscribe. Secrets are not needed.
	operator := c.config("operator", fmt.Sprintf("data_dir: %s\ndataset: {repository: %s/dataset}\nnewsletter: {from: a@example.org}\n", data, dir)+hooks)
	c.commands(operator)
	repo := demoProcess{t: t, dir: dir}
	repo.replace("networks/una-europa.yaml", "count: 11", "count: 12")
	repo.commit("Another member")
	if out, code := netsync(t, "sync", "-c", operator); code != cli.ExitDone {
		t.Errorf("netsync sync: %s", out)
	}
	select {
	case <-told:
	case <-time.After(2 * time.Minute):
		t.Fatalf("the webhook was not called:\n%s", publisher.lines())
	}
	streamtest.Eventually(t, "the delivery to be noted", func() bool {
		out, _ := netsync(t, "webhooks", "list", "-c", operator)
		return strings.Contains(out, "delivered, the last") && strings.Contains(out, "0 waiting, 0 given up")
	})
	if n := len(mail.Messages()); n != 1 {
		t.Errorf("%d digests were sent, not 1", n)
	}
	_, js := c.connect("worker")
	s, err := js.Stream(t.Context(), leiden)
	if err != nil || s.CachedInfo().Config.Replicas != 3 {
		t.Fatalf("the stream is %+v, %v", s, err)
	}
	if s, err := js.Stream(t.Context(), images); err != nil || s.CachedInfo().Config.Replicas != 3 {
		t.Fatalf("the stream of images is %+v, %v", s, err)
	}
	archive := filepath.Join(t.TempDir(), "cluster.tar.zst")
	if out, code := netsync(t, "backup", "--no-encryption", "--images", "--to", archive, "-c", c.config("backup", "")); code != cli.ExitDone {
		t.Errorf("netsync backup: %s", out)
	}
	if out, code := netsync(t, "verify", "--backup", archive); code != cli.ExitDone {
		t.Errorf("netsync verify --backup: %s", out)
	}
	c.forbidden(s)
	for role, p := range map[string]*runningProcess{"worker": worker, "publisher": publisher} {
		if strings.Contains(p.lines(), "ermissions") {
			t.Errorf("the %s lacks a permission:\n%s", role, p.lines())
		}
	}
}

// commands gives every command that an operator has.
func (c *shippedCluster) commands(config string) {
	c.t.Helper()
	var last string
	c.t.Cleanup(func() {
		if c.t.Failed() {
			c.t.Logf("netsync status said last:\n%s", last)
		}
	})
	streamtest.Eventually(c.t, "both processes to run, and every channel to be current", func() bool {
		out, code := netsync(c.t, "status", "-c", config)
		last = out
		return code == cli.ExitDone && strings.Count("\n"+out, "\nprocess ") == 2 && strings.Count(out, " current\n") == 3
	})
	people := filepath.Join(c.t.TempDir(), "people.csv")
	if err := os.WriteFile(people, []byte("address\nada@example.org\n"), 0o600); err != nil {
		c.t.Fatal(err)
	}
	for _, step := range []struct{ command, want string }{
		{"sync", "Nothing"},
		{"republish networks/leru", "Published 1 change"},
		{"rebuild website", ""},
		{"events --record networks/leru", "networks/leru"},
		{"digest send", "to 1 recipient"},
		{"digest list", "sent 20"},
		{"subscribers import " + people, "Added 1 subscriber"},
		{"subscribers list", "ada@example.org"},
		{"subscribers remove ada@example.org", "Removed 1 subscriber"},
		{"webhooks replay intranet", "No delivery to intranet was given up"},
		{"verify", "All agree"},
	} {
		args := append(strings.Fields(step.command), "-c", config)
		if out, code := netsync(c.t, args...); code != cli.ExitDone || !strings.Contains(out, step.want) {
			c.t.Errorf("netsync %s: exit code %d, without %q:\n%s", step.command, code, step.want, out)
		}
	}
}

// An attempt is what a role must not be able to do.
type attempt struct{ subject, reply, data string }

// push is the creation of a consumer that delivers to a subject.
func push(stream, subject string) attempt {
	return attempt{"$JS.API.CONSUMER.CREATE." + stream, "", fmt.Sprintf(
		`{"stream_name":%q,"config":{"ack_policy":"none","deliver_policy":"all","deliver_subject":%q}}`, stream, subject)}
}

func administration(stream string) []attempt {
	return []attempt{
		{"$JS.API.STREAM.DELETE." + stream, "", ""},
		{"$JS.API.STREAM.PURGE." + stream, "", ""},
		{"$JS.API.STREAM.MSG.DELETE." + stream, "", `{"seq":1}`},
		{"$JS.API.STREAM.UPDATE." + stream, "", fmt.Sprintf(`{"name":%q,"subjects":["evil"]}`, stream)},
		{"$JS.API.STREAM.SNAPSHOT." + stream, "", `{"deliver_subject":"netsync.leiden-networks.networks.evil"}`},
		{"$JS.API.STREAM.CREATE.evil", "", `{"name":"evil","subjects":["evil"]}`},
		{"$JS.API.STREAM.LEADER.STEPDOWN." + stream, "", ""},
	}
}

// forbidden lets each role try what it may not do, and looks at the stream.
func (c *shippedCluster) forbidden(s jetstream.Stream) {
	c.t.Helper()
	const ledger, told = "KV_netsync-leiden-networks-newsletter", "KV_netsync-leiden-networks-webhooks"
	const list = "KV_netsync-leiden-networks-subscribers"
	const event = "netsync.leiden-networks.networks.evil"
	const image = "$O.netsync-leiden-networks-assets.M.evil"
	events := append(administration(images), attempt{event, "", "{}"}, attempt{"netsync.leiden-networks.changeset", "", "{}"},
		attempt{image, "", "{}"}, attempt{"$O.netsync-leiden-networks-assets.C.evil", "", "x"})
	attempts := map[string][]attempt{
		"worker": append(slices.Concat(administration(leiden), administration(images)), attempt{"$KV.netsync-leiden-networks-newsletter.slot", "", "x"}, attempt{"$KV.netsync-leiden-networks-webhooks.evil", "", "x"},
			attempt{"$KV.netsync-leiden-networks-subscribers.at.evil", "", "x"}, attempt{"$JS.API.DIRECT.GET." + list, "", `{"seq":1}`}, attempt{"$JS.API.STREAM.MSG.GET." + list, "", `{"seq":1}`}, attempt{"netsync.other.networks.evil", "", "{}"}),
		"publisher": slices.Concat(administration(leiden), administration(ledger), administration(told), administration(list), events, []attempt{{"netsync-control._.sync", "", "{}"}}),
		"operator":  slices.Concat(administration(leiden), administration(ledger), administration(told), administration(list), events, []attempt{{"$KV.netsync-leiden-networks-newsletter.slot", "", "x"}}),
		"guest": slices.Concat(administration(leiden), administration(ledger), administration(told), administration(list), events, []attempt{
			{"netsync-control._.sync", "", "{}"}, {"$KV.netsync-leiden-networks-newsletter.slot", "", "x"}, {"$KV.netsync-leiden-networks-webhooks.evil", "", "x"},
			{"$JS.API.STREAM.MSG.GET." + told, "", `{"seq":1}`},
			{"$KV.netsync-leiden-networks-subscribers.at.evil", "", "x"}, {"$JS.API.STREAM.INFO." + list, "", ""},
			{"$JS.API.STREAM.MSG.GET." + list, "", `{"seq":1}`}, {"$JS.API.DIRECT.GET." + list, "", `{"seq":1}`},
			{"$JS.API.DIRECT.GET." + list + ".$KV.netsync-leiden-networks-subscribers.secret", "", ""}, push(list, "_INBOX.x"),
			// An answer of the server as a message of the stream, or as a command.
			{"$JS.API.INFO", event, ""}, {"$JS.API.STREAM.NAMES", event, ""}, {"$JS.API.STREAM.INFO." + leiden, event, ""},
			{"$JS.API.STREAM.MSG.GET." + leiden, event, `{"seq":1}`}, {"$JS.API.INFO", "$KV.netsync-leiden-networks-newsletter.slot", ""},
			{"$JS.API.STREAM.MSG.GET." + leiden, "$JS.API.STREAM.DELETE." + leiden, `{"seq":1}`},
			{"$JS.API.INFO", "netsync-control._.sync", ""}, {"$JS.API.INFO", image, ""},
			{"$JS.API.STREAM.MSG.GET." + images, event, `{"seq":1}`}, {"$JS.API.STREAM.MSG.GET." + images, image, `{"seq":1}`},
			push(images, image), push(leiden, image), push(images, event),
			push(leiden, "$KV.netsync-leiden-networks-newsletter.slot"), push(ledger, event), push(leiden, "_INBOX.x"),
		}),
	}
	before, count := c.state(s)
	for _, role := range brokerRoles {
		if role == "backup" { // which may do everything
			continue
		}
		nc, js := c.connect(role)
		if role == "guest" {
			c.guestReads(nc, js, before)
		}
		for _, try := range attempts[role] {
			c.refused(role, nc, try)
		}
	}
	after, countAfter := c.state(s)
	if after != before || count != countAfter {
		c.t.Errorf("the stream went from %s to %s, the ledger from %s to %s", before, after, count, countAfter)
	}
}

// refused makes an attempt. A permission that lacks is told on the connection;
// one that answers would come to a reply subject of the attacker's choice.
func (c *shippedCluster) refused(role string, nc *nats.Conn, try attempt) {
	c.t.Helper()
	if try.reply != "" { // allowed to be asked: where the answer goes is the question
		if err := errors.Join(nc.PublishRequest(try.subject, try.reply, []byte(try.data)), nc.Flush()); err != nil {
			c.t.Fatal(err)
		}
		return
	}
	inbox, err := nc.SubscribeSync(nc.NewRespInbox())
	if err != nil {
		c.t.Fatal(err)
	}
	if err := errors.Join(nc.PublishRequest(try.subject, inbox.Subject, []byte(try.data)), nc.Flush()); err != nil {
		c.t.Fatal(err)
	}
	if err := nc.LastError(); !errors.Is(err, nats.ErrPermissionViolation) || !strings.Contains(err.Error(), try.subject) {
		c.t.Errorf("the %s may publish on %s: %v", role, try.subject, err)
	}
	if m, err := inbox.NextMsg(10 * time.Millisecond); err == nil {
		c.t.Errorf("the %s got an answer on %s: %s", role, try.subject, m.Data)
	}
	_ = inbox.Unsubscribe() // the connection ends soon
}

// guestReads proves that a guest can read all there is.
func (c *shippedCluster) guestReads(nc *nats.Conn, js jetstream.JetStream, state string) {
	c.t.Helper()
	s, err := js.Stream(c.t.Context(), leiden)
	if err != nil {
		c.t.Fatal(err)
	}
	for seq := uint64(1); seq <= s.CachedInfo().State.LastSeq; seq++ {
		if _, err := s.GetMsg(c.t.Context(), seq); err != nil {
			c.t.Errorf("a guest reads message %d of %s: %v", seq, state, err)
		}
	}
	reader, err := stream.Open(c.t.Context(), js, "leiden-networks")
	if err != nil {
		c.t.Fatal(err)
	}
	if _, err := reader.Asset(c.t.Context(), schema.DigestOf([]byte(logoOf("1")))); err != nil {
		c.t.Errorf("a guest reads an image: %v", err)
	}
	if _, err := nc.SubscribeSync("netsync.>"); err != nil {
		c.t.Error(err)
	}
	if err := nc.Flush(); err != nil || nc.LastError() != nil {
		c.t.Errorf("a guest follows: %v, %v", err, nc.LastError())
	}
}

// state is what the stream, that of images and the newsletter's ledger hold.
func (c *shippedCluster) state(s jetstream.Stream) (events, ledger string) {
	c.t.Helper()
	_, js := c.connect("publisher")
	kv, err := js.Stream(c.t.Context(), "KV_netsync-leiden-networks-newsletter")
	if err != nil {
		c.t.Fatal(err)
	}
	info, err := s.Info(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	pictures, err := js.Stream(c.t.Context(), images)
	if err != nil {
		c.t.Fatal(err)
	}
	return fmt.Sprintf("%d messages to %d on %v, %d of images to %d", info.State.Msgs, info.State.LastSeq, info.Config.Subjects,
			pictures.CachedInfo().State.Msgs, pictures.CachedInfo().State.LastSeq),
		fmt.Sprintf("%d messages to %d", kv.CachedInfo().State.Msgs, kv.CachedInfo().State.LastSeq)
}

// variable is how the shipped files take a value from the environment.
var variable = regexp.MustCompile(`\$(NATS_[A-Z_]+)`)

func TestTheExampleEnvironmentSetsEveryVariableOfTheShippedFiles(t *testing.T) {
	t.Parallel()
	set, used := make(map[string]bool), make(map[string]bool)
	for line := range strings.Lines(readText(t, deployed+"cluster.env")) {
		if name, _, ok := strings.Cut(line, "="); ok && !strings.HasPrefix(line, "#") {
			set[name] = true
		}
	}
	for _, file := range []string{"cluster.conf", "roles.conf"} {
		for _, m := range variable.FindAllStringSubmatch(readText(t, deployed+file), -1) {
			if used[m[1]] = true; !set[m[1]] {
				t.Errorf("%s uses %s, which cluster.env does not set", file, m[1])
			}
		}
	}
	for name := range set {
		if !used[name] {
			t.Errorf("cluster.env sets %s, which no file uses", name)
		}
	}
}

func readText(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
