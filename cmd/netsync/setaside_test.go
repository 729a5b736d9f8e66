package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"netsync/cmd/internal/broker"
	"netsync/cmd/internal/cli"
)

// TestForeignMessagesAreSetAside publishes to the stream what anyone may on a
// broker without permissions, and goes on as if nothing had happened.
func TestForeignMessagesAreSetAside(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	d.start()
	d.waitFor("/data/networks/leru.json", `"id":"leru"`)
	d.publishForeign("netsync.leiden-networks.networks.fake", "junk")
	d.publishForeign("netsync.leiden-networks.networks.leru", "junk")
	d.publishForeign("netsync.leiden-networks.changeset", `{"state_digest":"sha256:00"}`)
	d.replace("networks/una-europa.yaml", "count: 11", "count: 12")
	d.commit("Welcome a twelfth member")
	d.waitFor("/data/networks/una-europa.json", `"count":12`)
	d.waitFor("/feed.json", "11 → 12")
	d.waitFor("/readyz", "ready")
	d.verify()
	out, code := netsync(t, "status", "-c", d.config())
	if code != cli.ExitDone || !strings.Contains(out, "3 messages set aside") {
		t.Errorf("netsync status: exit code %d\n%s", code, out)
	}
	d.kill()
	d.start()
	d.replace("networks/una-europa.yaml", "count: 12", "count: 13")
	d.commit("And a thirteenth")
	d.waitFor("/data/networks/una-europa.json", `"count":13`)
	d.verify()
}

// publishForeign publishes a message with the broker's own rights.
func (d *demoProcess) publishForeign(subject, data string) {
	d.t.Helper()
	info, err := broker.ReadInfo(filepath.Join(d.dir, "data", "broker.json"))
	if err != nil {
		d.t.Fatal(err)
	}
	nc, err := nats.Connect(info.URL, nats.UserInfo(info.User, info.Password))
	if err != nil {
		d.t.Fatal(err)
	}
	defer nc.Close()
	if _, err := nc.Request(subject, []byte(data), patience); err != nil {
		d.t.Fatal(err)
	}
}
