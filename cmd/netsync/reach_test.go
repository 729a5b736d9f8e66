package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"netsync/cmd/internal/cli"
)

func TestTheDemoServesEveryChannel(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	d.start()
	for path, text := range map[string]string{
		"/": "Networks and associations", "/nl/": "Netwerken en verenigingen",
		"/networks/una-europa/": "Una Europa", "/networks/lde-global/": "LDE", "/networks/leru/": "League of European Research Universities",
		"/networks/coimbra-group/": "Coimbra", "/networks/europaeum/": "Europaeum", "/networks/eua/": "European University Association",
		"/networks/iau/": "International Association of Universities", "/networks/euroscholars/": "EuroScholars",
		"/organizations/tu-delft/": "Delft University of Technology", "/activities/icfi-nairobi/": "Nairobi",
		"/changes/": "8 networks", "/feed.json": "https://jsonfeed.org/version/1.1", "/feed.xml": "http://www.w3.org/2005/Atom",
		"/data/networks.json": `"networks":[`, "/data/networks/leru.json": `"id":"leru"`,
		"/newsletter/": "Networks", "/newsletter/next.txt": "8 networks", "/status": "Every channel is current", "/status.json": `"channels"`,
		"/healthz": "ok", "/readyz": "ready", "/metrics": "netsync_channel_lag", "/mail/": "html",
	} {
		if body := d.get(path); !strings.Contains(body, text) {
			t.Errorf("GET %s does not hold %q: %.300s", path, text, body)
		}
	}
	d.verify()
}

func TestACommitReachesEveryChannel(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	d.start()
	before := len(d.events())
	d.replace("networks/una-europa.yaml", "count: 11", "count: 12")
	d.commit("Welcome a twelfth member")
	d.waitFor("/data/networks/una-europa.json", `"count":12`)
	d.waitFor("/networks/una-europa/", "12")
	d.waitFor("/changes/", "Welcome a twelfth member")
	d.waitFor("/feed.json", "Welcome a twelfth member")
	d.waitFor("/feed.xml", "Welcome a twelfth member")
	d.waitFor("/newsletter/next.txt", "Una Europa")
	feed := decode[struct {
		Items []struct {
			Title   string `json:"title"`
			HTML    string `json:"content_html"`
			Authors []struct{ Name string }
		}
	}](t, d.get("/feed.json"))
	newest := feed.Items[0]
	if newest.Title != "Member count of Una Europa: 11 → 12" || len(newest.Authors) != 1 || newest.Authors[0].Name != "Grace Maintainer" {
		t.Errorf("newest item = %+v", newest)
	}
	if preview, _ := netsync(t, "digest", "preview", "-c", d.config()); !strings.Contains(preview, "11 → 12") {
		t.Errorf("digest preview:\n%s", preview)
	}
	if n := len(d.events()) - before; n != 2 {
		t.Errorf("the commit made %d events", n)
	}
	d.replace("networks/una-europa.yaml", "tier: key", "# a comment\ntier: 'key'")
	tidy := d.commit("Tidy up")
	d.wait("the worker to see the commit", func() bool { return strings.Contains(d.get("/status.json"), tidy) })
	if n := len(d.events()) - before; n != 2 {
		t.Errorf("a comment made %d events", n-2)
	}
	d.verify()
}

func TestABrokenCommitLeavesEveryChannelAsItWas(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	d.start()
	overview, feed := d.get("/"), d.get("/feed.json")
	d.replace("networks/leru.yaml", "tier: key", "teir: key")
	d.commit("A typo")
	d.waitFor("/status", "unknown-key")
	status := d.get("/status")
	for _, text := range []string{"networks/leru.yaml:", "NS008", "teir", "Did you mean"} {
		if !strings.Contains(status, text) {
			t.Errorf("/status does not hold %q:\n%s", text, status)
		}
	}
	out, code := netsync(t, "validate", filepath.Join(d.dir, "dataset"))
	if code != cli.ExitData || !strings.Contains(out, "networks/leru.yaml:") || !strings.Contains(out, "NS008") {
		t.Errorf("netsync validate: exit code %d\n%s", code, out)
	}
	if d.get("/") != overview || d.get("/feed.json") != feed {
		t.Error("a channel changed")
	}
	d.replace("networks/leru.yaml", "teir: key", "tier: key")
	d.replace("networks/eua.yaml", "count: 47", "count: 48")
	d.commit("Mend it")
	d.waitFor("/data/networks/eua.json", `"count":48`)
	d.wait("the finding to go", func() bool { return !strings.Contains(d.get("/status"), "NS008") })
	d.verify()
}

func TestATamperedPageIsFoundAndMended(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	d.start()
	page := filepath.Join(d.dir, "data", "website", "current", "networks", "leru", "index.html")
	good, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	bad := []byte(strings.Replace(string(good), "LERU", "LERV", 1))
	if err := os.WriteFile(page, bad, 0o644); err != nil {
		t.Fatal(err)
	}
	out, code := netsync(t, "verify", "-c", d.config())
	if code != cli.ExitData || !strings.Contains(out, "networks/leru/index.html") {
		t.Fatalf("netsync verify: exit code %d\n%s", code, out)
	}
	if out, code := netsync(t, "rebuild", "website", "-c", d.config()); code != cli.ExitDone {
		t.Fatalf("netsync rebuild: exit code %d\n%s", code, out)
	}
	if mended, err := os.ReadFile(page); err != nil || string(mended) != string(good) {
		t.Fatalf("the page was not mended: %v", err)
	}
	d.verify()
	d.kill()
	if out, code := netsync(t, "rebuild", "feed", "-c", d.config()); code != cli.ExitDone {
		t.Fatalf("netsync rebuild at rest: exit code %d\n%s", code, out)
	}
	d.verify()
}
