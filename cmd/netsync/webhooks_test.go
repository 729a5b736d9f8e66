package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"netsync/cmd/internal/cli"
	"netsync/schema/stream/streamtest"
)

// TestARunningProcessTellsAnEndpoint has a process tell a receiver of a change,
// and make a delivery again that was given up.
func TestARunningProcessTellsAnEndpoint(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	answer := http.StatusOK
	var got []string
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		w.WriteHeader(answer)
		if answer == http.StatusOK {
			got = append(got, r.Header.Get("Webhook-Id"))
		}
	}))
	defer receiver.Close()
	set := func(code int) { mu.Lock(); defer mu.Unlock(); answer = code }
	taken := func() int { mu.Lock(); defer mu.Unlock(); return len(got) }

	repo := demoProcess{t: t, dir: t.TempDir()}
	sampleRepository(t, repo.dir)
	config := filepath.Join(repo.dir, "netsync.yaml")
	text := fmt.Sprintf(`dataset: {repository: dataset, schedule: '@every 1h'}
nats: {listen: '127.0.0.1:0'}
http: {listen: '127.0.0.1:0'}
website: {enabled: false}
feed: {enabled: false}
newsletter: {enabled: false}
webhooks:
  endpoints:
    - {name: intranet, url: '%s/?token=hidden', secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw, collections: networks, private: 127.0.0.0/8}
`, receiver.URL)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, code := netsync(t, "sync", "-c", config); code != cli.ExitDone {
		t.Fatalf("sync: %s", out)
	}
	run := startRun(t, filepath.Join(repo.dir, "data"), "-c", config)
	streamtest.Eventually(t, "the process to run", func() bool { return strings.Contains(run.lines(), `"msg":"running"`) })
	streamtest.Eventually(t, "the endpoint to begin", func() bool {
		out, _ := netsync(t, "webhooks", "list", "--json", "-c", config)
		return strings.Contains(out, `"sequence": 19`)
	})
	list := func(say string) {
		t.Helper()
		var out string
		streamtest.Eventually(t, say, func() bool {
			out, _ = netsync(t, "webhooks", "list", "-c", config)
			return strings.Contains(out, say)
		})
		if strings.Contains(out, "hidden") {
			t.Errorf("the address shows: %s", out)
		}
	}
	sync := func(from, to string) {
		t.Helper()
		repo.replace("networks/una-europa.yaml", from, to)
		repo.commit("Edit " + to)
		if out, code := netsync(t, "sync", "-c", config); code != cli.ExitDone {
			t.Fatalf("sync: %s", out)
		}
	}
	list("0 delivered")
	sync("count: 11", "count: 12")
	list("1 delivered")
	if taken() != 1 || !strings.HasSuffix(got[0], ":networks/una-europa") {
		t.Errorf("delivered %q", got)
	}
	set(http.StatusGone)
	sync("count: 12", "count: 13")
	list("gone for good (410)")
	if out, _ := netsync(t, "status", "-c", config); !strings.Contains(out, "webhook intranet") || !strings.Contains(out, "1 given up") {
		t.Errorf("status says:\n%s", out)
	}
	set(http.StatusOK)
	if out, code := netsync(t, "webhooks", "replay", "intranet", "-c", config); code != cli.ExitDone || !strings.Contains(out, "1 delivery") {
		t.Fatalf("replay: %d, %s", code, out)
	}
	list("2 delivered")
	if taken() != 2 {
		t.Errorf("delivered %q", got)
	}
	if _, code := netsync(t, "webhooks", "replay", "nobody", "-c", config); code != cli.ExitUsage {
		t.Errorf("exit code %d", code)
	}
}
