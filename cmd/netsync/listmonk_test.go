package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"netsync/cmd/internal/cli"
	"netsync/cmd/internal/mailcatcher"
	"netsync/publishers/newsletter/listmonk/listmonktest"
	"netsync/schema/stream/streamtest"
	"netsync/schema/testkit/porttest"
)

// TestDigestsGoByListmonk is the story of an institution whose subscribers are in
// listmonk, and of an operator who sets netsync up for it.
func TestDigestsGoByListmonk(t *testing.T) {
	t.Parallel()
	mail := mailcatcher.New(mailcatcher.Config{Addr: "127.0.0.1:0", Dir: t.TempDir()})
	go func() { _ = mail.Run(t.Context()) }() // ends with the test
	smtp, err := mail.Addr(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	server := listmonktest.Start(t, smtp)
	list := server.List(t, "Staff", "ada@example.org", "eve@example.org")
	d := &demoProcess{t: t, dir: t.TempDir(), http: porttest.Free(t)}
	sampleRepository(t, d.dir)
	nats, token := porttest.Free(t), filepath.Join(d.dir, "token")
	configure := func(secret, more string) {
		text := fmt.Sprintf("dataset: {repository: dataset}\nhttp: {listen: %s}\nnats: {listen: %s}\nnewsletter:\n  listmonk: {url: %s, user: %s, lists: [%d]}\n%s",
			d.http, nats, server.URL, server.User, list, more)
		for path, text := range map[string]string{d.config(): text, token: secret} {
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}

	configure(server.Token, "  recipients: [ada@example.org]\n")
	d.command(cli.ExitUsage, "", "config", "check")
	configure("another", "  signup: false\n")
	d.withToken(token, cli.ExitDone, "", "config", "check")
	d.withToken(token, cli.ExitDone, "", "sync")
	d.withToken(token, cli.ExitOutside, "", "digest", "send")
	configure(server.Token, "")
	d.withToken(token, cli.ExitDone, "Sent a test", "digest", "test", "ada@example.org")
	d.withToken(token, cli.ExitUsage, "", "digest", "test", "stranger@example.org")
	d.withToken(token, cli.ExitDone, "for 2 subscribers.", "digest", "send")
	d.withToken(token, cli.ExitDone, ", by listmonk as campaign ", "digest", "list")
	d.withToken(token, cli.ExitDone, "Nothing changed", "digest", "send")
	streamtest.Eventually(t, "listmonk to send a test and a digest to two", func() bool { return len(mail.Messages()) == 3 })

	// A process that runs does the same, and its status tells of it.
	p := startRun(t, filepath.Join(d.dir, "data"), "-c", d.config())
	p.kill()
	p.cmd.Env = append(p.cmd.Env, "NETSYNC_NEWSLETTER_LISTMONK_TOKEN_FILE="+token)
	p.start()
	d.waitFor("/readyz", "ready")
	d.replace("networks/una-europa.yaml", "count: 11", "count: 12")
	d.commit("Another member")
	d.withToken(token, cli.ExitDone, "", "sync")
	d.withToken(token, cli.ExitDone, "for 2 subscribers.", "digest", "send")
	d.withToken(token, cli.ExitDone, "handed over to listmonk as campaign ", "status")
}

// withToken runs a command that finds listmonk's token in a file.
func (d *demoProcess) withToken(file string, code int, want string, args ...string) {
	d.t.Helper()
	cmd := program(append(args, "-c", d.config())...)
	cmd.Env = append(cmd.Env, "NETSYNC_NEWSLETTER_LISTMONK_TOKEN_FILE="+file)
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &said
	err := cmd.Run()
	if cmd.ProcessState == nil {
		d.t.Fatal(err)
	}
	secret, err := os.ReadFile(file)
	if err != nil {
		d.t.Fatal(err)
	}
	out := said.String()
	if got := cmd.ProcessState.ExitCode(); got != code || !strings.Contains(out, want) || strings.Contains(out, string(secret)) {
		d.t.Fatalf("netsync %s: exit code %d, want %d and %q:\n%s", strings.Join(args, " "), got, code, want, out)
	}
}
