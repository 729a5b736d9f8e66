package main

import (
	"net/http"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestAStreamThatIsNotWrittenIsNotReady: the files of a running netsync cannot
// grow any more, as on a disk that is full. Then either the stream's own file
// cannot, and the broker freezes it, or a batch cannot even be staged.
func TestAStreamThatIsNotWrittenIsNotReady(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		size   uint64
		reason string
	}{
		"frozen":     {16 << 10, "the stream cannot be written: JetStream stream 'NETSYNC > netsync-leiden-networks' write error: "},
		"not staged": {3 << 10, "the stream cannot be written: publish "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDemo(t)
			d.start()
			if code, body := d.ask("/readyz"); code != http.StatusOK {
				t.Fatalf("/readyz: %d %s", code, body)
			}
			if err := unix.Prlimit(d.cmd.Process.Pid, unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: c.size, Max: unix.RLIM_INFINITY}, nil); err != nil {
				t.Fatal(err)
			}
			d.replace("networks/una-europa.yaml", "count: 11", "count: 12")
			d.commit("Welcome a twelfth member")
			last := ""
			d.wait("/readyz to fail", func() bool {
				code, body := d.askAt(d.adminURL("/readyz"))
				if body != last {
					t.Logf("/readyz: %d %s", code, body)
					last = body
				}
				return code == http.StatusServiceUnavailable && strings.HasPrefix(body, c.reason)
			})
			for path, want := range map[string]string{
				"/healthz": "ok", "/status": "The stream cannot be written", "/metrics": "\nnetsync_stream_writable 0\n", "/": "Una Europa",
			} {
				if code, body := d.ask(path); code != http.StatusOK || !strings.Contains(body, want) {
					t.Errorf("%s: %d, without %q: %.500s", path, code, want, body)
				}
			}
			d.kill()
			d.start() // without the limit
			d.waitFor("/data/networks/una-europa.json", `"count":12`)
			d.wait("/readyz", func() bool { return d.get("/readyz") == "ready\n" })
			d.verify()
		})
	}
}
