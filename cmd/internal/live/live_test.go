package live_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"
	"go.uber.org/zap"

	"netsync/cmd/internal/live"
	"netsync/publishers/publishertest"
	"netsync/schema/stream"
	"netsync/schema/stream/streamtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m, streamtest.LeakOptions()...) }

// A listener receives events, like EventSource in browsers.
type listener struct {
	t    *testing.T
	body io.ReadCloser
	scan *bufio.Scanner
}

// heard is a received event.
type heard struct{ id, kind, data string }

func listen(t *testing.T, address, last string) *listener {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	if last != "" {
		request.Header.Set("Last-Event-ID", last)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != "text/event-stream; charset=utf-8" {
		t.Fatalf("%s, %v", response.Status, response.Header)
	}
	return &listener{t, response.Body, bufio.NewScanner(response.Body)}
}

func (l *listener) next() (h heard) {
	l.t.Helper()
	for l.scan.Scan() {
		field, value, _ := strings.Cut(l.scan.Text(), ": ")
		switch field {
		case "id":
			h.id = value
		case "event":
			h.kind = value
		case "data":
			h.data = value
		case "":
			if h.data != "" {
				return h
			}
		}
	}
	l.t.Fatalf("no more events: %v", l.scan.Err())
	return h
}

// number returns the sequence number in an event's id.
func number(h heard) string {
	n, _, _ := strings.Cut(h.id, "-")
	return n
}

// status requests events after a place, and returns the status and text of the
// response.
func status(t *testing.T, url, since string) (int, string) {
	t.Helper()
	response, err := http.Get(url + "?since=" + since)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusOK {
		return response.StatusCode, ""
	}
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

func TestAPlaceOfAStreamThatWasDeletedIsGone(t *testing.T) {
	history, js, server := serveStream(t, live.Config{})
	old := history.Commit(true, leru(1))
	if err := js.DeleteStream(t.Context(), stream.Name(publishertest.Dataset)); err != nil {
		t.Fatal(err)
	}
	again := publishertest.NewHistory(t, js)
	again.Commit(true, leru(1))
	now := again.Commit(false, leru(2))
	if old.Epoch == now.Epoch {
		t.Fatalf("both streams have the epoch %q", old.Epoch)
	}
	code, text := status(t, server.URL, fmt.Sprintf("%d-%s", old.Sequence, old.Epoch))
	if code != http.StatusGone || !strings.Contains(text, "made again on") || !strings.Contains(text, "begin again with 0") {
		t.Errorf("%d: %s", code, text)
	}
	for _, since := range []string{"2", fmt.Sprintf("%d-%s", now.Sequence, now.Epoch), "0-" + old.Epoch} {
		if code, text := status(t, server.URL, since); code != http.StatusOK {
			t.Errorf("since=%s: %d, %s", since, code, text)
		}
	}
	for _, since := range []string{"2-", "2-x", "-2", "2-3-4", "+2"} {
		if code, _ := status(t, server.URL, since); code != http.StatusBadRequest {
			t.Errorf("since=%s: %d", since, code)
		}
	}
}

func TestAPlaceBeforeARestoreGoesOnUpToTheSharedMessage(t *testing.T) {
	history, js, server := serveStream(t, live.Config{})
	shared := history.Commit(true, leru(1))
	s, err := js.Stream(t.Context(), stream.Name(publishertest.Dataset))
	if err != nil {
		t.Fatal(err)
	}
	config := s.CachedInfo().Config
	config.Metadata = stream.EpochOf(s.CachedInfo()).After(time.Now(), shared.Sequence).Metadata()
	if _, err := js.UpdateStream(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	last := history.Commit(false, leru(2))
	l := listen(t, server.URL, fmt.Sprintf("%d-%s", shared.Sequence, shared.Epoch))
	if h := l.next(); h.id != fmt.Sprintf("%d-%s", shared.Sequence+1, last.Epoch) {
		t.Errorf("goes on with %q", h.id)
	}
	code, text := status(t, server.URL, fmt.Sprintf("%d-%s", last.Sequence, shared.Epoch))
	if code != http.StatusGone || !strings.Contains(text, fmt.Sprintf("messages up to %d", shared.Sequence)) {
		t.Errorf("%d: %s", code, text)
	}
}

func leru(members int) publishertest.Revision {
	return publishertest.Revision{ID: "networks/leru", Value: map[string]any{
		"name": "LERU\nof many", "tier": "key", "kind": "alliance", "purposes": []any{"advocacy"}, "summary": "Research.", "members": map[string]any{"count": members}}}
}

func serve(t *testing.T, c live.Config) (*publishertest.History, *httptest.Server) {
	t.Helper()
	history, _, server := serveStream(t, c)
	return history, server
}

func serveStream(t *testing.T, c live.Config) (*publishertest.History, jetstream.JetStream, *httptest.Server) {
	t.Helper()
	js := streamtest.JetStream(t)
	c.Log = zap.NewNop()
	c.Open = func(ctx context.Context) (*stream.Reader, error) { return stream.Open(ctx, js, publishertest.Dataset) }
	ctx, cancel := context.WithCancel(context.Background())
	server := httptest.NewServer(live.New(ctx, c))
	t.Cleanup(func() {
		cancel() // lets everybody go, who may still listen
		server.Close()
		http.DefaultClient.CloseIdleConnections()
	})
	return publishertest.NewHistory(t, js), js, server
}

func TestAListenerMissesNothingWhenItComesBack(t *testing.T) {
	history, server := serve(t, live.Config{})
	history.Commit(true, leru(1), publishertest.Revision{ID: "organizations/x", Value: map[string]any{"name": "X", "kind": "university"}})
	var all []string
	last := "0"
	for n := range 5 {
		l := listen(t, server.URL, last)
		if n > 0 {
			history.Commit(false, leru(n+1))
		}
		for range 2 { // a record and its changeset; the first time both records
			h := l.next()
			var message struct {
				ID, Type string
			}
			if err := json.Unmarshal([]byte(h.data), &message); err != nil || message.Type != h.kind {
				t.Fatalf("%+v: %v", h, err)
			}
			all, last = append(all, h.id), h.id
		}
		l.body.Close()
	}
	_, epoch, _ := strings.Cut(last, "-")
	want := strings.Fields("1 2 3 4 5 6 7 8 9 10")
	for i := range want {
		want[i] += "-" + epoch
	}
	if epoch == "" || !slices.Equal(all, want) {
		t.Errorf("heard %q", all)
	}
}

func TestAListenerHearsWhatItAskedFor(t *testing.T) {
	history, server := serve(t, live.Config{Beat: 10 * time.Millisecond})
	history.Commit(true, leru(1))
	now := listen(t, server.URL+"?record=organizations/x", "")
	history.Commit(false, leru(2), publishertest.Revision{ID: "organizations/x", Value: map[string]any{"name": "X", "kind": "university"}})
	if h := now.next(); number(h) != "4" || h.kind != "netsync.record.created" {
		t.Errorf("%+v", h)
	}
	if h := now.next(); number(h) != "5" || h.kind != "netsync.changeset.completed" {
		t.Errorf("%+v", h)
	}
	networks := listen(t, server.URL+"?since=2&collection=networks", "")
	if h := networks.next(); number(h) != "3" || h.kind != "netsync.record.updated" {
		t.Errorf("%+v", h)
	}
	for query, want := range map[string]int{
		"since=x": http.StatusBadRequest, "since=-1": http.StatusBadRequest, "record=leru": http.StatusBadRequest, "collection=people": http.StatusBadRequest,
		"since=5": http.StatusOK, "since=6": http.StatusGone,
	} {
		response, err := http.Get(server.URL + "?" + query)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("%s: %s", query, response.Status)
		}
	}
}

func TestThereAreNoMoreListenersThanSeats(t *testing.T) {
	history, server := serve(t, live.Config{Limit: 2})
	history.Commit(true, leru(1))
	first := listen(t, server.URL+"?since=0", "")
	first.next()
	second := listen(t, server.URL+"?since=0", "")
	second.next()
	response, err := http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusServiceUnavailable || response.Header.Get("Retry-After") == "" {
		t.Errorf("%s, %v", response.Status, response.Header)
	}
	first.body.Close()
	streamtest.Eventually(t, "a seat that is free again", func() bool {
		response, err := http.Get(server.URL + "?since=0")
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		return response.StatusCode == http.StatusOK
	})
	response, err = http.Post(server.URL, "text/plain", strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: %s", response.Status)
	}
}
