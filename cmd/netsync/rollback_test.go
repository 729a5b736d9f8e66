package main

import (
	"strings"
	"testing"

	"netsync/cmd/internal/cli"
)

// A website that is rolled back while everything runs stays where it is, and
// what follows it with it: over changes, and over the end of the process. What
// watches the process is told why.
func TestARollbackHoldsARunningWebsite(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	d.start()
	d.waitFor("/data/networks/eua.json", `"count":47`)
	d.replace("networks/eua.yaml", "count: 47", "count: 48")
	d.commit("First")
	d.waitFor("/data/networks/eua.json", `"count":48`)
	d.wait("every channel to be current", func() bool { return strings.Count(d.get("/status"), "current") >= 3 })
	feed := d.get("/feed.json")

	d.command(cli.ExitDone, "feed follows it and is held", "rollback", "website")
	if !d.holds("/data/networks/eua.json", `"count":47`) {
		t.Error("the website was not rolled back")
	}
	if d.get("/feed.json") == feed {
		t.Error("the feed is ahead of the website")
	}
	d.replace("networks/eua.yaml", "count: 48", "count: 49")
	d.commit("Second")
	d.command(cli.ExitDone, "The channel website is held", "sync")
	d.seesTheHold()

	d.kill()
	d.start()
	d.waitFor("/readyz", "ready")
	d.seesTheHold()
	d.command(cli.ExitData, "HELD", "verify")

	d.command(cli.ExitDone, "The hold of feed is ended", "rollback", "website", "--resume")
	d.waitFor("/data/networks/eua.json", `"count":49`)
	d.command(cli.ExitDone, "", "sync")
	d.verify()
	if body := d.get("/readyz"); body != "ready\n" {
		t.Errorf("/readyz says %q", body)
	}

	d.command(cli.ExitDone, "is held there", "rollback", "website")
	d.command(cli.ExitDone, "that is ended", "rebuild", "website")
	d.waitFor("/data/networks/eua.json", `"count":49`)
	d.command(cli.ExitDone, "", "sync")
	d.verify()
}

// seesTheHold asks whatever tells of a channel.
func (d *demoProcess) seesTheHold() {
	d.t.Helper()
	for path, text := range map[string]string{
		"/data/networks/eua.json": `"count":47`,
		"/readyz":                 "the website is held at ",
		"/status":                 "The website is held at ",
		"/status.json":            `"held": {`,
		"/metrics":                `netsync_channel_held{channel="feed"} 1`,
	} {
		d.waitFor(path, text)
	}
	d.command(cli.ExitDone, "held by somebody", "status")
}

// command runs netsync beside the process.
func (d *demoProcess) command(code int, want string, args ...string) {
	d.t.Helper()
	args = append(args, "-c", d.config())
	if out, got := netsync(d.t, args...); got != code || !strings.Contains(out, want) {
		d.t.Fatalf("netsync %s: exit code %d, want %d and %q:\n%s", strings.Join(args, " "), got, code, want, out)
	}
}
