package newsletter_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"netsync/publishers/newsletter"
	"netsync/publishers/newsletter/listmonk/listmonktest"
)

// A campaignDesk is a dataset whose digests are sent by a real listmonk.
type campaignDesk struct {
	*desk
	listmonk *listmonktest.Server
	list     int
}

func newCampaignDesk(tb testing.TB) *campaignDesk {
	tb.Helper()
	d := newDesk(tb)
	server := listmonktest.Start(tb, d.mail.address)
	return &campaignDesk{d, server, server.List(tb, "Staff", ada, strings.ToLower(grace), lynn)}
}

// beside returns another dataset with a broker of its own and the same listmonk.
// Its digests are created at a unique time.
func (d *campaignDesk) beside(tb testing.TB, after time.Duration) *campaignDesk {
	tb.Helper()
	other := &desk{history: live(tb), mail: d.mail, now: d.now.Add(after)}
	other.story()
	return &campaignDesk{other, d.listmonk, d.list}
}

// newsletter opens a newsletter with the URL of listmonk or of a proxy.
func (d *campaignDesk) newsletter(tb testing.TB, at string, adjust ...func(*newsletter.Config)) *newsletter.Newsletter {
	tb.Helper()
	byListmonk := func(c *newsletter.Config) {
		c.SMTP, c.Recipients = "", nil
		c.Listmonk = &newsletter.Listmonk{URL: at, User: d.listmonk.User, Token: d.listmonk.Token, Lists: []int{d.list}}
	}
	return d.desk.newsletter(tb, tb.TempDir(), append([]func(*newsletter.Config){byListmonk}, adjust...)...)
}

// campaigns returns the campaigns of the digests created at the desk's time.
func (d *campaignDesk) campaigns(tb testing.TB) (drafts, started []listmonktest.Campaign) {
	tb.Helper()
	for _, c := range d.listmonk.Campaigns(tb) {
		switch {
		case !strings.Contains(c.Name, d.now.UTC().Format(time.RFC3339)):
		case c.Status == "draft":
			drafts = append(drafts, c)
		default:
			started = append(started, c)
		}
	}
	return drafts, started
}

// waitFor waits for the message to an address.
func (m *mailServer) waitFor(tb testing.TB, address string) received {
	tb.Helper()
	for deadline := time.Now().Add(time.Minute); m.count()[address] == 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			tb.Fatalf("%s gets no message", address)
		}
	}
	return m.to(tb, address)
}

// A meddler is a proxy between netsync and listmonk. A function decides by the
// number of a request, from 1, what happens to it; it may block.
type meddler struct {
	URL string

	mu    sync.Mutex
	asked int
	do    func(n int, r *http.Request) fault // may be nil
}

// A fault is a failure of a request.
type fault struct {
	before func()              // may be nil
	answer int                 // of the meddler's own, not listmonk's; 0 for none
	cut    bool                // listmonk does not get it, and there is no answer
	lose   bool                // listmonk gets it, and there is no answer
	after  func(status string) // may be nil
}

func startMeddler(tb testing.TB, server string, do func(n int, r *http.Request) fault) *meddler {
	tb.Helper()
	to, err := url.Parse(server)
	if err != nil {
		tb.Fatal(err)
	}
	m := &meddler{do: do}
	forward := &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(to) },
		Transport: &http.Transport{DisableKeepAlives: true},
	}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { m.meddle(forward, w, r) }))
	tb.Cleanup(front.Close)
	m.URL = front.URL
	return m
}

func (m *meddler) meddle(forward http.Handler, w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	m.asked++
	n, do := m.asked, m.do
	m.mu.Unlock()
	var f fault
	if do != nil {
		f = do(n, r)
	}
	if f.before != nil {
		f.before()
	}
	switch {
	case f.cut:
		panic(http.ErrAbortHandler)
	case f.answer != 0:
		http.Error(w, `{"message":"out of order"}`, f.answer)
		return
	}
	// Listmonk gets the whole request, even if the client no longer waits.
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	whole := r.Clone(context.WithoutCancel(r.Context()))
	whole.Body = io.NopCloser(bytes.NewReader(body))
	answer := httptest.NewRecorder()
	forward.ServeHTTP(answer, whole)
	if f.after != nil {
		f.after(answer.Result().Status)
	}
	if f.lose {
		panic(http.ErrAbortHandler)
	}
	for key, values := range answer.Header() {
		w.Header()[key] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes()) // whoever asked may be gone
}

// stop ends all faults.
func (m *meddler) stop() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.do = nil
}
