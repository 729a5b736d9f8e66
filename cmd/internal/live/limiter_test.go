package live_test

import (
	"io"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"go.uber.org/zap"

	"netsync/cmd/internal/client"
	"netsync/cmd/internal/live"
	"netsync/schema/stream/streamtest"
)

// A trusted proxy and this machine stand for many clients, so LimitEach does not
// apply to them.
func TestOneClientDoesNotTakeAllSeats(t *testing.T) {
	clients := client.New([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, zap.NewNop())
	history, server := serve(t, live.Config{Limit: 12, LimitEach: 2, Address: clients.Address, IsNear: clients.IsNear})
	history.Commit(true, leru(1))
	sit := func(from string) *http.Response {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"?since=0", nil)
		if err != nil {
			t.Fatal(err)
		}
		if from != "" {
			r.Header.Set("X-Forwarded-For", from)
		}
		w, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { w.Body.Close() })
		return w
	}
	first := sit("192.0.2.1")
	for _, from := range []string{"192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8:0:2::1", "", "", "", "127.0.0.1"} {
		if w := sit(from); w.StatusCode != http.StatusOK {
			t.Fatalf("%q: %s", from, w.Status)
		}
	}
	for _, from := range []string{"192.0.2.1", "2001:db8:0:3::1"} {
		w := sit(from)
		body, _ := io.ReadAll(w.Body)
		if w.StatusCode != http.StatusTooManyRequests || w.Header.Get("Retry-After") == "" || !strings.Contains(string(body), "your network has 2 connections") {
			t.Errorf("%q: %s, %q", from, w.Status, body)
		}
	}
	first.Body.Close()
	streamtest.Eventually(t, "a seat that is free again", func() bool { return sit("192.0.2.1").StatusCode == http.StatusOK })
	for range 3 { // and the last of all
		sit("")
	}
	if w := sit("198.51.100.1"); w.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("when all are taken: %s", w.Status)
	}
}
