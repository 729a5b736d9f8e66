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

// A campaignDesk is a dataset whose digests a real listmonk sends.
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

// beside is another dataset, with a broker of its own, and the same listmonk. Its
// digests are made at a time that no other has.
func (d *campaignDesk) beside(tb testing.TB, after time.Duration) *campaignDesk {
	tb.Helper()
	other := &desk{history: live(tb), mail: d.mail, now: d.now.Add(after)}
	other.story()
	return &campaignDesk{other, d.listmonk, d.list}
}

// newsletter opens one that asks listmonk at an address: its own, or that of
// somebody in between.
func (d *campaignDesk) newsletter(tb testing.TB, at string, adjust ...func(*newsletter.Config)) *newsletter.Newsletter {
	tb.Helper()
	byListmonk := func(c *newsletter.Config) {
		c.SMTP, c.Recipients = "", nil
		c.Listmonk = &newsletter.Listmonk{URL: at, User: d.listmonk.User, Token: d.listmonk.Token, Lists: []int{d.list}}
	}
	return d.desk.newsletter(tb, tb.TempDir(), append([]func(*newsletter.Config){byListmonk}, adjust...)...)
}

// campaigns are those of a dataset's digests that were made at the desk's time.
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

// A meddler stands between netsync and listmonk. What it does with a request is
// decided by its number, from 1, and it can hold one up.
type meddler struct {
	URL string

	mu    sync.Mutex
	asked int
	do    func(n int, r *http.Request) fault // may be nil
}

// A fault is what goes wrong with a request.
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
	// Listmonk gets all of it, whether somebody waits for the answer or not.
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

// stop has the meddler leave things alone.
func (m *meddler) stop() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.do = nil
}
