package feed_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
	"go.uber.org/zap"

	"netsync/publishers/feed"
	"netsync/schema/event"
	"netsync/schema/stream/streamtest"
)

// A hub records the URLs that it is sent, and may be made to fail.
type hub struct {
	*httptest.Server

	mu    sync.Mutex
	fails int
	urls  []string
}

func newHub(fails int) *hub {
	h := &hub{fails: fails}
	h.Server = httptest.NewServer(h)
	return h
}

func (h *hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.fails > 0 {
		h.fails--
		http.Error(w, "out of order", http.StatusServiceUnavailable)
		return
	}
	if err := r.ParseForm(); err != nil || r.Method != http.MethodPost || r.PostForm.Get("hub.mode") != "publish" {
		http.Error(w, "what?", http.StatusBadRequest)
		return
	}
	h.urls = append(h.urls, r.PostForm["hub.url"]...)
	w.WriteHeader(http.StatusNoContent)
}

// told returns the URLs that the hub was sent since the last call.
func (h *hub) told() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	urls := h.urls
	h.urls = nil
	slices.Sort(urls)
	return urls
}

// runFeed runs a feed with a hub until the returned function is called.
func runFeed(t *testing.T, dir, hub string) (f *feed.Feed, stop func()) {
	t.Helper()
	f, err := feed.New(feed.Config{Dir: dir, BaseURL: baseURL, Hub: hub, Log: zap.NewNop()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- f.Run(ctx) }()
	return f, func() {
		t.Helper()
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run() = %v", err)
		}
	}
}

// settled waits until the feed has recorded that the hub was notified.
func settled(t *testing.T, dir string) {
	t.Helper()
	streamtest.Eventually(t, "a note of what the hub was told", func() bool {
		data, err := os.ReadFile(filepath.Join(dir, "hub.json"))
		var told struct{ Sequence event.Seq }
		if err != nil || json.Unmarshal(data, &told) != nil {
			return false
		}
		var shows event.Position
		position, err := os.ReadFile(filepath.Join(dir, "current", "channel.json"))
		return err == nil && json.Unmarshal(position, &shows) == nil && shows.Sequence == told.Sequence
	})
}

func TestAHubIsToldOfTheFeedsThatChange(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	h, dir := story(t), t.TempDir()
	hub := newHub(1)
	defer hub.Close()
	defer http.DefaultClient.CloseIdleConnections()
	f, stop := runFeed(t, dir, hub.URL)
	publish(t, f, h.edition(0, 5, true))
	var first []string
	streamtest.Eventually(t, "the hub to be told, once it is in order", func() bool {
		first = append(first, hub.told()...)
		return len(first) > 0
	})
	if !slices.Contains(first, baseURL+"/feed.json") || !slices.Contains(first, baseURL+"/feeds/nl/topics/water.xml") {
		t.Errorf("%q", first)
	}
	settled(t, dir)
	stop()
	text := shown(t, dir)["feed.json"]
	if d := decode(t, "feed.json", text); !strings.Contains(text, `"type": "WebSub"`) || d.URL != baseURL+"/feed.json" {
		t.Errorf("no hub in %s", text)
	}

	// Run notifies the hub of releases that were published while it did not
	// run, and does not repeat a notification.
	publish(t, f, h.edition(5, 6, false))
	if urls := hub.told(); len(urls) > 0 {
		t.Errorf("told %q", urls)
	}
	_, stop = runFeed(t, dir, hub.URL)
	var second []string
	streamtest.Eventually(t, "the hub to be told after a restart", func() bool {
		second = append(second, hub.told()...)
		return len(second) > 0
	})
	settled(t, dir)
	stop()
	if !slices.Contains(second, baseURL+"/feeds/networks/una-europa.json") || slices.Contains(second, baseURL+"/feeds/organizations.json") {
		t.Errorf("%q", second)
	}
	f, stop = runFeed(t, dir, hub.URL)
	h.commit("A city", "Ada", []edit{{"organizations/tu-delft", `{"id":"tu-delft","name":{"en":"Delft"}}`}})
	publish(t, f, h.edition(6, 7, false))
	var third []string
	streamtest.Eventually(t, "the hub to be told of the next change", func() bool {
		third = append(third, hub.told()...)
		return len(third) > 0
	})
	stop()
	if slices.Contains(third, baseURL+"/feeds/networks/una-europa.json") || !slices.Contains(third, baseURL+"/feeds/organizations.json") {
		t.Errorf("%q", third)
	}
}
