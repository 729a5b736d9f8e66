package main

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"netsync/cmd/internal/cli"
	"netsync/schema/stream/streamtest"
	"netsync/worker/github/githubtest"
)

func TestAMaintainerReadsOnGitHubWhatBecameOfACommit(t *testing.T) {
	t.Parallel()
	hub := &githubtest.Server{Login: "netsync-bot"}
	server := httptest.NewServer(hub)
	t.Cleanup(server.Close)
	hub.SetDown(true)
	dir := t.TempDir()
	sampleRepository(t, dir)
	d := demoProcess{t: t, dir: dir}
	first := d.git("rev-parse", "HEAD")
	base := runNetsync(t, dir, fmt.Sprintf("github: {token: secret, report: true, repository: o/r, api_url: %q, webhook_secret: %q}\nnewsletter: {enabled: false}\nwebsite: {base_url: 'https://networks.example.org'}\n", server.URL, webhookSecret))

	// The sync does not wait for GitHub; the report follows.
	streamtest.Eventually(t, "the website to be published", func() bool { return strings.Contains(page(base, "/"), "Una Europa") })
	streamtest.Eventually(t, "the failure to show", func() bool { return strings.Contains(page(base, "/metrics"), "\nnetsync_github_report_failing 1\n") })
	hub.SetDown(false)
	streamtest.Eventually(t, "the status of the first commit", func() bool { return len(hub.Statuses(first)) == 1 })
	if s := hub.Statuses(first)[0]; s.State != "success" || s.Description != "no errors; 18 changes live" || s.TargetURL != "https://networks.example.org/status" {
		t.Errorf("status %+v", s)
	}

	// A commit with a mistake.
	d.replace("networks/leru.yaml", "tier: key", "teir: key")
	d.replace("networks/eua.yaml", "count: 47", "count: 48")
	second := d.commit("A change and a mistake")
	delivered(t, base, "push", `{"ref":"refs/heads/main"}`)
	streamtest.Eventually(t, "the status of the second commit", func() bool {
		all := hub.Statuses(second)
		return len(all) > 0 && all[len(all)-1].State == "failure"
	})
	if all := hub.Statuses(second); !strings.Contains(all[len(all)-1].Description, "; 1 change live, 1 record at the last good version") {
		t.Errorf("statuses %+v", all)
	}

	// A pull request, and a new head of it.
	d.git("switch", "--quiet", "--create", "side")
	d.replace("networks/leru.yaml", "teir: key", "tier: member")
	head := d.commit("Mend it")
	d.git("update-ref", "refs/pull/5/head", head)
	d.git("switch", "--quiet", "main")
	opened := func(action, head string) {
		delivered(t, base, "pull_request", fmt.Sprintf(`{"action":%q,"number":5,"pull_request":{"head":{"sha":%q},"base":{"ref":"main"}},"repository":{"full_name":"O/R"}}`, action, head))
	}
	opened("opened", head)
	streamtest.Eventually(t, "the comment", func() bool { return len(hub.Comments(5)) == 1 })
	body := hub.Comments(5)[0].Body
	for _, text := range []string{"<!-- netsync:leiden-networks -->", "no errors; 1 record would change", "League of European Research Universities", "Key network → Other network", head} {
		if !strings.Contains(body, text) {
			t.Errorf("the comment does not hold %q:\n%s", text, body)
		}
	}
	d.git("switch", "--quiet", "side")
	d.replace("networks/leru.yaml", "tier: member", "tier: key")
	head = d.commit("No, do not")
	d.git("update-ref", "refs/pull/5/head", head)
	d.git("switch", "--quiet", "main")
	opened("synchronize", head)
	streamtest.Eventually(t, "the comment to change", func() bool { return strings.Contains(hub.Comments(5)[0].Body, head) })
	if all := hub.Comments(5); len(all) != 1 || !strings.Contains(all[0].Body, "nothing would change") {
		t.Errorf("comments %+v", all)
	}
	if all := hub.Statuses(head); len(all) != 1 || all[0].State != "success" {
		t.Errorf("statuses of the head %+v", all)
	}
	if metrics := page(base, "/metrics"); !strings.Contains(metrics, "\nnetsync_github_report_failing 0\n") || !strings.Contains(metrics, `netsync_github_reports_total{outcome="reported"}`) {
		t.Error("the metrics do not tell of it")
	}
}

func delivered(t *testing.T, base, event, body string) {
	t.Helper()
	id := fmt.Sprint(time.Now().UnixNano())
	if status := deliver(t, base, event, id, []byte(body), "sha256="+signed(sha256.New, webhookSecret, []byte(body)), false); status != http.StatusAccepted {
		t.Fatalf("%s was answered by %d", event, status)
	}
}

func page(base, path string) string {
	return (&demoProcess{http: strings.TrimPrefix(base, "http://")}).get(path)
}

func TestOnePassReportsBeforeItEnds(t *testing.T) {
	t.Parallel()
	hub := &githubtest.Server{Login: "netsync-bot"}
	server := httptest.NewServer(hub)
	t.Cleanup(server.Close)
	dir := t.TempDir()
	sampleRepository(t, dir)
	d := demoProcess{t: t, dir: dir}
	writeConfig(t, dir, fmt.Sprintf("github: {token: secret, report: status, repository: o/r, api_url: %q}\n", server.URL))
	for range 2 {
		if out, code := netsync(t, "sync", "-c", filepath.Join(dir, "netsync.yaml")); code != cli.ExitDone {
			t.Fatalf("netsync sync: exit code %d\n%s", code, out)
		}
	}
	if all := hub.Statuses(d.git("rev-parse", "HEAD")); len(all) != 1 || all[0].Description != "no errors; 18 changes live" {
		t.Errorf("statuses %+v", all)
	}
}
