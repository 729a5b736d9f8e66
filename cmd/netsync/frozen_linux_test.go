package main

import (
	"net/http"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestAFrozenStreamIsNotReady: the files of a running netsync cannot grow any
// more, as on a disk that is full.
func TestAFrozenStreamIsNotReady(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	d.start()
	if code, body := d.ask("/readyz"); code != http.StatusOK {
		t.Fatalf("/readyz: %d %s", code, body)
	}
	if err := unix.Prlimit(d.cmd.Process.Pid, unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: 16 << 10, Max: unix.RLIM_INFINITY}, nil); err != nil {
		t.Fatal(err)
	}
	d.replace("networks/una-europa.yaml", "count: 11", "count: 12")
	d.commit("Welcome a twelfth member")
	d.wait("/readyz to fail", func() bool {
		code, body := d.ask("/readyz")
		return code == http.StatusServiceUnavailable && strings.HasPrefix(body, "the stream cannot be written: ")
	})
	for path, want := range map[string]string{
		"/healthz": "ok", "/status": "The stream cannot be written", "/metrics": "\nnetsync_stream_writable 0\n", "/": "Una Europa",
	} {
		if code, body := d.ask(path); code != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%s: %d, without %q: %.500s", path, code, want, body)
		}
	}
	if strings.Contains(d.get("/status"), "published what was new") {
		t.Error("the worker says that it published")
	}
	d.kill()
	d.start() // without the limit
	d.waitFor("/data/networks/una-europa.json", `"count":12`)
	d.wait("/readyz", func() bool { return d.get("/readyz") == "ready\n" })
	d.verify()
}
