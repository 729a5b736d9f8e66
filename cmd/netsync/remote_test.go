package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"netsync/cmd/internal/cli"
	"netsync/cmd/internal/ops"
	"netsync/cmd/internal/process"
	"netsync/schema/stream/streamtest"
)

// TestEveryProcessOnABrokerIsSeen: a worker and a website in processes of their
// own, on a broker of somebody else's that goes away.
func TestEveryProcessOnABrokerIsSeen(t *testing.T) {
	t.Parallel()
	broker := streamtest.Server(t)
	dir := t.TempDir()
	sampleRepository(t, dir)
	path := filepath.Join(dir, "netsync.yaml")
	settings := fmt.Sprintf("http: {listen: '127.0.0.1:0'}\nnats: {url: %q}\nlog: {format: json}\ndataset: {repository: dataset, schedule: '@every 1s'}\n", broker.ClientURL())
	if err := os.WriteFile(path, []byte(settings), 0o644); err != nil {
		t.Fatal(err)
	}
	works := awaitRunning(t, program("run", "--only", "worker", "-c", path))
	shows := awaitRunning(t, program("run", "--only", "website", "-c", path))
	for _, base := range []string{works, shows} {
		streamtest.Eventually(t, "both to be ready", func() bool { return page(base, "/readyz") == "ready\n" })
	}

	out, code := netsync(t, "status", "--json", "-c", path)
	all := decode[struct {
		Running   bool
		Processes []ops.Status
	}](t, out)
	if code != cli.ExitDone || !all.Running || len(all.Processes) != 2 {
		t.Fatalf("netsync status --json: exit code %d\n%s", code, out)
	}
	for _, p := range all.Processes {
		if (p.Worker == nil) != (p.Process.Roles[0] == process.RoleWebsite) || !p.Process.Connected || p.Stream.Changeset.Changeset == "" {
			t.Errorf("one process is %+v", p)
		}
	}
	texts := []string{"[worker], began", "[website], began", "checked ", "nothing new", "website     current", "next        sync ", "The worker is current.", "Every channel is current."}
	streamtest.Eventually(t, fmt.Sprintf("netsync status to say %q", texts), func() bool {
		out, _ = netsync(t, "status", "-c", path) // the first pass has published what was new
		return !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(out, text) })
	})

	broker.Shutdown()
	broker.WaitForShutdown()
	for _, base := range []string{works, shows} {
		d := demoProcess{t: t, http: strings.TrimPrefix(base, "http://")}
		streamtest.Eventually(t, "both to say that the broker is away", func() bool {
			code, body := d.ask("/readyz")
			return code == http.StatusServiceUnavailable && body == "the broker is not connected\n"
		})
		if body := d.get("/metrics"); !strings.Contains(body, "\nnetsync_broker_connected 0\n") || strings.Contains(body, "netsync_channel_lag") || d.get("/healthz") != "ok\n" {
			t.Errorf("the metrics say %s", body)
		}
	}
	if body := page(shows, "/"); !strings.Contains(body, "Una Europa") {
		t.Error("the website is not served any more")
	}
}
