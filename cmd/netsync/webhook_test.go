package main

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"netsync/schema/sample"
	"netsync/worker/github/githubtest"
)

// runNetsync starts netsync run on a configuration and the sample dataset, and
// returns the address of its HTTP server. The test ends it by SIGTERM, and
// fails where it does not end well.
func runNetsync(t *testing.T, dir, configuration string) string {
	t.Helper()
	return awaitRunning(t, program("run", "-c", writeConfig(t, dir, configuration)))
}

// awaitRunning starts a netsync run, and returns the address of its HTTP
// server. It is ended with the test.
func awaitRunning(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	log := &lockedBuffer{}
	address, ended := make(chan string, 1), make(chan struct{})
	go func() {
		defer close(ended)
		for scanner := bufio.NewScanner(stderr); scanner.Scan(); {
			log.add(scanner.Text() + "\n")
			var line struct{ Msg, HTTP, Admin string }
			if json.Unmarshal(scanner.Bytes(), &line) == nil && line.Msg == "running" {
				adminOf.Store(line.HTTP, line.Admin)
				logOf.Store(line.HTTP, log)
				address <- line.HTTP
			}
		}
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended
		<-ended
		if err := cmd.Wait(); err != nil {
			t.Errorf("netsync run: %v\n%s", err, log)
		}
	})
	select {
	case base := <-address:
		return base
	case <-ended:
		t.Fatalf("netsync run ended:\n%s", log)
	}
	return ""
}

// logOf has the logs of the processes that a test started, by their address.
var logOf sync.Map

// A lockedBuffer is a log that is written while a test reads it.
type lockedBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *lockedBuffer) add(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.text.WriteString(text)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// writeConfig writes a configuration for the dataset beside it, and returns
// its name.
func writeConfig(t *testing.T, dir, configuration string) string {
	t.Helper()
	path := filepath.Join(dir, "netsync.yaml")
	common := "http: {listen: '127.0.0.1:0', admin_listen: '127.0.0.1:0'}\nnats: {listen: ''}\nlog: {format: json}\ndataset: {repository: dataset}\n"
	if err := os.WriteFile(path, []byte(common+configuration), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// sampleRepository makes the sample dataset's repository in dir/dataset.
func sampleRepository(t *testing.T, dir string) {
	t.Helper()
	if err := os.CopyFS(filepath.Join(dir, "dataset"), sample.FS()); err != nil {
		t.Fatal(err)
	}
	d := demoProcess{t: t, dir: dir}
	d.git("init", "--quiet", "--initial-branch=main")
	d.commit("Begin")
}

const webhookSecret = "It's a Secret to Everybody"

func signed(h func() hash.Hash, secret string, body []byte) string {
	mac := hmac.New(h, []byte(secret))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// A trick is a way to send a payload, and what should come of it.
type trick struct {
	name, outcome string
	status        int
	// send returns the body that is sent and its signature; sha1 is signed
	// with the right secret, as GitHub does beside the other.
	send func(body []byte) (sent []byte, signature string)
	// again sends it under the id of the valid delivery.
	again bool
}

func tricks() []trick {
	right := func(body []byte) string { return "sha256=" + signed(sha256.New, webhookSecret, body) }
	return []trick{
		{"valid", "accepted", 202, func(b []byte) ([]byte, string) { return b, right(b) }, false},
		{"unsigned", "unsigned", 401, func(b []byte) ([]byte, string) { return b, "" }, false},
		{"wrong secret", "wrong_signature", 401, func(b []byte) ([]byte, string) { return b, "sha256=" + signed(sha256.New, "guessed", b) }, false},
		{"SHA-1 only", "sha1_only", 401, func(b []byte) ([]byte, string) { return b, "" }, false},
		{"truncated", "wrong_signature", 401, func(b []byte) ([]byte, string) { return b[:len(b)/2], right(b) }, false},
		{"cut short and signed", "malformed", 400, func(b []byte) ([]byte, string) { return b[:len(b)/2], right(b[:len(b)/2]) }, false},
		{"replayed", "replayed", 409, func(b []byte) ([]byte, string) { return b, right(b) }, true},
		{"over-long", "too_large", 413, func(b []byte) ([]byte, string) {
			long := append(bytes.Clone(b), bytes.Repeat([]byte(" "), 5<<20)...)
			return long, right(long)
		}, false},
	}
}

func TestNoDeliveryButAValidOneIsAccepted(t *testing.T) {
	t.Parallel()
	payloads := githubtest.Payloads(t)
	dir := t.TempDir()
	sampleRepository(t, dir)
	base := runNetsync(t, dir, "github: {webhook_secret: \""+webhookSecret+"\"}\nnewsletter: {enabled: false}\nfeed: {enabled: false}\nwebsite: {enabled: false}\n")

	want := make(map[string]int)
	answers := make(map[string]int)
	for i, p := range payloads {
		for _, trick := range tricks() {
			body, signature := trick.send(p.Body)
			id := fmt.Sprintf("%d-%s", i, trick.name)
			if trick.again {
				id = fmt.Sprintf("%d-valid", i)
			}
			status := deliver(t, base, p.Event, id, body, signature, trick.name == "SHA-1 only")
			if status != trick.status {
				t.Errorf("%s, %s: status %d, want %d", p.Name, trick.name, status, trick.status)
			}
			want[trick.outcome]++
			answers[fmt.Sprintf("%-20s %d", trick.name, status)]++
		}
	}
	for _, answer := range slices.Sorted(maps.Keys(answers)) {
		t.Logf("%s: %d", answer, answers[answer])
	}
	counted, total := deliveries(t, base), 0
	for _, outcome := range slices.Sorted(maps.Keys(counted)) {
		n := counted[outcome]
		t.Logf("netsync_github_deliveries_total{outcome=%q} %d", outcome, n)
		if total += n; n != want[outcome] {
			t.Errorf("%s was counted %d times, not %d", outcome, n, want[outcome])
		}
	}
	if sent := len(payloads) * len(tricks()); len(payloads) != 329 || total != sent {
		t.Errorf("%d payloads, %d deliveries sent, %d counted", len(payloads), sent, total)
	}
}

// deliver sends a delivery and returns the status of the answer.
func deliver(t *testing.T, base, event, id string, body []byte, signature string, withSHA1 bool) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/hooks/github", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-GitHub-Event", event)
	r.Header.Set("X-GitHub-Delivery", id)
	if signature != "" {
		r.Header.Set("X-Hub-Signature-256", signature)
	}
	if signature != "" || withSHA1 {
		r.Header.Set("X-Hub-Signature", "sha1="+signed(sha1.New, webhookSecret, body))
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, response.Body) // so that the connection can be used again
	return response.StatusCode
}

// deliveries reads the counters of the webhook out of /metrics.
func deliveries(t *testing.T, base string) map[string]int {
	t.Helper()
	response, err := http.Get((&demoProcess{http: strings.TrimPrefix(base, "http://")}).url("/metrics"))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	counted := make(map[string]int)
	for scanner := bufio.NewScanner(response.Body); scanner.Scan(); {
		rest, ok := strings.CutPrefix(scanner.Text(), `netsync_github_deliveries_total{outcome="`)
		if !ok {
			continue
		}
		outcome, n, _ := strings.Cut(rest, `"} `)
		if counted[outcome], err = strconv.Atoi(cmp.Or(n, "none")); err != nil {
			t.Fatal(err)
		}
	}
	return counted
}
