package main

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"netsync/schema/stream/streamtest"
)

// TestOnlyConfiguredProxiesSayWhoAsks asks a running process from two addresses of
// this machine, of which one is a trusted proxy's.
func TestOnlyConfiguredProxiesSayWhoAsks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	sampleRepository(t, dir)
	cmd := program("run", "-c", writeConfig(t, dir, ""))
	cmd.Env = append(cmd.Env, "NETSYNC_HTTP_TRUSTED_PROXIES=127.0.0.2")
	base := awaitRunning(t, cmd)
	streamtest.Eventually(t, "the process to be ready", func() bool { return page(base, "/readyz") == "ready\n" })
	guess := func(proxy, client string) int {
		dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(proxy)}}
		transport := &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/newsletter/unsubscribe/x", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Forwarded-For", client)
		w, err := transport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		w.Body.Close()
		return w.StatusCode
	}
	// Wrong links: a network may follow 20 of them.
	for i := range 30 {
		client := fmt.Sprintf("192.0.2.%d", i)
		if code := guess("127.0.0.2", client); code != http.StatusNotFound {
			t.Fatalf("%s by a trusted proxy: %d", client, code)
		}
		if code := guess("127.0.0.3", client); code != http.StatusNotFound && i < 20 || code != http.StatusTooManyRequests && i > 22 {
			t.Fatalf("request %d by an address that is not trusted: %d", i, code)
		}
	}
	log, _ := logOf.Load(base)
	if warned := fmt.Sprint(log); !strings.Contains(warned, `"address":"127.0.0.3"`) || !strings.Contains(warned, "http.trusted_proxies") || strings.Contains(warned, `"address":"127.0.0.2"`) {
		t.Errorf("the log does not name the one that is not trusted:\n%s", warned)
	}
}
