package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"netsync/cmd/internal/cli"
)

// approvable has the demo's digests wait for approval.
func (d *demoProcess) approvable() {
	d.t.Helper()
	text, err := os.ReadFile(d.config())
	if err == nil {
		err = os.WriteFile(d.config(), []byte(strings.Replace(string(text), "newsletter:\n", "newsletter:\n  approve: true\n", 1)), 0o644)
	}
	if err != nil {
		d.t.Fatal(err)
	}
}

func TestADigestWaitsForApproval(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	d.start()
	d.waitFor("/data/networks/leru.json", `"id":"leru"`)
	d.kill()
	d.approvable()
	d.start()
	d.waitFor("/readyz", "ready")

	d.command(cli.ExitData, "", "digest", "approve")
	out, code := netsync(t, "digest", "send", "-c", d.config())
	m := regexp.MustCompile(`waits for approval: netsync digest approve ([0-9a-f]{32})\n`).FindStringSubmatch(out)
	if code != cli.ExitDone || m == nil {
		t.Fatalf("netsync digest send: exit code %d\n%s", code, out)
	}
	id := m[1]
	d.command(cli.ExitDone, "waits for approval", "digest", "list")
	d.command(cli.ExitDone, "A digest waits for approval.", "status")
	d.command(cli.ExitDone, "8 networks", "digest", "preview", id)
	d.command(cli.ExitDone, `"held": true`, "digest", "preview", id, "--format", "json")
	d.command(cli.ExitUsage, "", "digest", "test", "nobody")
	out, code = netsync(t, "digest", "note", "We meet in *December*.", "-c", d.config())
	noted := regexp.MustCompile(`waits for approval is set, 22 characters \(en\): netsync digest preview ([0-9a-f]{32})\n`).FindStringSubmatch(out)
	if code != cli.ExitDone || noted == nil || noted[1] == id {
		t.Fatalf("netsync digest note: exit code %d\n%s", code, out)
	}
	d.command(cli.ExitData, "", "digest", "approve", id) // which nobody could read with the note
	id = noted[1]
	d.command(cli.ExitDone, "We meet in *December*.", "digest", "preview", id)
	d.command(cli.ExitDone, "We meet in *December*.", "digest", "note")
	d.command(cli.ExitDone, "netsync digest preview "+id, "status")
	d.command(cli.ExitDone, "Sent a test", "digest", "test", "editor@example.org")
	if mail := d.get("/mail/"); !strings.Contains(mail, "editor@example.org") || strings.Contains(mail, "colleague@example.org") {
		t.Errorf("before the approval:\n%s", mail)
	}
	d.command(cli.ExitData, "", "digest", "approve", "another")

	d.kill() // it waits in the ledger
	d.start()
	d.waitFor("/readyz", "ready")
	d.wait("the status tells of the digest", func() bool {
		out, _ := netsync(t, "status", "-c", d.config())
		return strings.Contains(out, "netsync digest preview "+id)
	})
	d.command(cli.ExitDone, "to 1 recipient.", "digest", "approve", id)
	d.waitFor("/mail/", "colleague@example.org")
	d.command(cli.ExitDone, "sent 20", "digest", "list")
	d.command(cli.ExitDone, "no note", "digest", "note")
	d.command(cli.ExitData, "", "digest", "cancel")
}
