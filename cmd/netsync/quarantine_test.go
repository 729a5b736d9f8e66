package main

import (
	"strings"
	"testing"

	"netsync/cmd/internal/cli"
)

// holds reports whether a served page holds a text.
func (d *demoProcess) holds(path, text string) bool { return strings.Contains(d.get(path), text) }

func TestABrokenRecordKeepsItsLastGoodVersionWhileTheOthersGoLive(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	d.start()

	// One record broken, another changed, in one commit.
	d.replace("networks/leru.yaml", "tier: key", "teir: key")
	d.replace("networks/leru.yaml", "acronym: LERU", "acronym: LERV")
	d.replace("networks/eua.yaml", "count: 47", "count: 48")
	broken := d.commit("A typo and a number")
	d.waitFor("/data/networks/eua.json", `"count":48`)
	d.waitFor("/networks/eua/", "48")
	d.waitFor("/feed.json", "48")
	d.waitFor("/newsletter/next.html", "48")
	d.waitFor("/status", "NS008")
	for path, text := range map[string]string{
		"/data/networks/leru.json": `"acronym":"LERU"`,
		"/data/networks.json":      `"acronym":"LERU"`,
		"/networks/leru/":          "LERU",
		"/status":                  "at commit <code>" + broken[:8],
	} {
		if !d.holds(path, text) {
			t.Errorf("%s does not hold %q", path, text)
		}
	}
	for _, path := range []string{"/", "/networks/leru/", "/feed.json", "/newsletter/next.html"} {
		if d.holds(path, "LERV") {
			t.Errorf("%s shows the broken version", path)
		}
	}
	d.verify()

	// A removal that would leave the last good version with a reference to
	// nothing waits, and says why.
	d.git("rm", "--quiet", "organizations/un-ecosoc.yaml")
	d.replace("networks/leru.yaml", "standing:\n  - {with: un-ecosoc, status: special consultative status}\n", "")
	d.commit("Remove what is still needed")
	d.waitFor("/status", "organizations/un-ecosoc was deleted, but the version of networks/leru that is published refers to it")
	if !d.holds("/organizations/un-ecosoc/", "Economic and Social Council") {
		t.Error("the organization is gone")
	}
	d.verify()

	// Mended, everything that is due goes out.
	d.replace("networks/leru.yaml", "teir: key", "tier: key")
	d.commit("Mend it")
	d.waitFor("/data/networks/leru.json", `"acronym":"LERV"`)
	d.waitFor("/feed.json", "LERV")
	d.wait("the findings to go", func() bool { return d.get("/status") != "" && !d.holds("/status", "NS0") })
	d.wait("the organization to go", func() bool { return d.get("/data/organizations/un-ecosoc.json") == "" })
	d.verify()
	if last := d.events(); !strings.Contains(strings.Join(last[len(last)-4:], "\n"), "removed") {
		t.Errorf("the stream ends with %q", last[len(last)-4:])
	}

	// A running process says a record again when it is asked to.
	before := len(d.events())
	if out, code := netsync(t, "republish", "networks/eua", "-c", d.config()); code != cli.ExitDone {
		t.Errorf("netsync republish: exit code %d\n%s", code, out)
	}
	if n := len(d.events()) - before; n != 2 {
		t.Errorf("a record that was said again made %d events", n)
	}
	if _, code := netsync(t, "republish", "networks/nobody", "-c", d.config()); code != cli.ExitUsage {
		t.Errorf("an unknown record: exit code %d", code)
	}
	d.verify()
}
