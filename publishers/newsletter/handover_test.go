package newsletter_test

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"netsync/publishers/newsletter"
)

// Each digest takes listmonk some seconds, so a run has only a few faults.
var (
	faults = flag.Int("faults.n", 12, "how many faults happen between netsync and listmonk")
	seed   = flag.Uint64("faults.seed", 0, "which ones; 0 chooses")
)

// calls is the number of requests of a handover: to find the list, the template and
// a campaign of the name, to create one, to find others again, and to read, start
// and read it.
const calls = 8

// badThings returns the possible faults of a request; die ends the process's context.
func badThings(die func()) map[string]fault {
	return map[string]fault{
		"the answer is lost":          {lose: true},
		"the request is lost":         {cut: true},
		"listmonk fails":              {answer: http.StatusInternalServerError},
		"listmonk is busy":            {answer: http.StatusTooManyRequests},
		"the token is refused":        {answer: http.StatusForbidden},
		"somebody before it answers":  {answer: http.StatusNotFound},
		"listmonk takes it for wrong": {answer: http.StatusBadRequest},
		"the process dies before":     {before: die, cut: true},
		"the process dies after":      {after: func(string) { die() }, lose: true},
	}
}

// A mishap is a fault at one of the requests.
type mishap struct {
	at   int
	what string
}

// mishaps returns a random selection of all mishaps.
func mishaps(t *testing.T) []mishap {
	var all []mishap
	for at := 1; at <= calls; at++ {
		for what := range badThings(nil) {
			all = append(all, mishap{at, what})
		}
	}
	slices.SortFunc(all, func(a, b mishap) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.what, b.what)) })
	chance := *seed
	if chance == 0 {
		chance = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d", chance)
	by := rand.New(rand.NewPCG(chance, 0))
	by.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:min(len(all), *faults)]
}

func TestADigestIsOneCampaignWhateverGoesWrong(t *testing.T) {
	t.Parallel()
	d := newCampaignDesk(t)
	var all []*campaignDesk
	t.Run("mishaps", func(t *testing.T) {
		for i, bad := range mishaps(t) {
			other := d.beside(t, time.Duration(i+1)*time.Minute)
			all = append(all, other)
			t.Run(fmt.Sprintf("%d, %s", bad.at, bad.what), func(t *testing.T) {
				t.Parallel()
				other.sendThrough(t, bad)
			})
		}
	})
	d.listmonk.Finished(t)
	for i, other := range all {
		if drafts, started := other.campaigns(t); len(drafts) != 0 || len(started) != 1 {
			t.Errorf("%d: drafts %+v, started %+v", i, drafts, started)
		}
	}
	for to, got := range d.mail.count() {
		if got != len(all) {
			t.Errorf("%s got %d messages of %d digests", to, got, len(all))
		}
	}
	seen := make(map[string]bool)
	for _, m := range d.mail.all() {
		leave := m.message(t).Header.Get("List-Unsubscribe") // names campaign and subscriber
		if leave == "" || seen[leave] {
			t.Errorf("two messages of one campaign to %s: %q", m.to, leave)
		}
		seen[leave] = true
	}
}

// sendThrough sends a digest with one fault, and retries until it is finished.
func (d *campaignDesk) sendThrough(t *testing.T, bad mishap) {
	t.Helper()
	ctx, die := context.WithCancel(context.Background())
	defer die()
	m := startMeddler(t, d.listmonk.URL, func(n int, _ *http.Request) fault {
		if n == bad.at {
			return badThings(die)[bad.what]
		}
		return fault{}
	})
	n := d.newsletter(t, m.URL)
	first, err := n.Send(ctx)
	if err == nil && first.Campaign == 0 {
		t.Fatalf("%+v", first)
	}
	m.stop()
	for range 3 { // whoever goes on, and whoever comes once more
		r, err := d.newsletter(t, m.URL).Send(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if first.Campaign == 0 && r.Campaign == 0 && !r.Empty {
			t.Errorf("%+v", r)
		}
	}
	all := list(t, n)
	if len(all) != 1 || all[0].Campaign == 0 || all[0].Completed.IsZero() {
		t.Errorf("%+v", all)
	}
}

func TestOfTwoWhoCreateACampaignOneIsStarted(t *testing.T) {
	t.Parallel()
	d := newCampaignDesk(t)
	// Both create a campaign before either has recorded its own.
	var both sync.WaitGroup
	both.Add(2)
	together := func(_ int, r *http.Request) fault {
		if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/campaigns") {
			return fault{}
		}
		return fault{before: func() {
			both.Done()
			both.Wait()
		}}
	}
	var senders sync.WaitGroup
	for range 2 {
		n := d.newsletter(t, startMeddler(t, d.listmonk.URL, together).URL)
		senders.Go(func() {
			if _, err := n.Send(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	senders.Wait()
	d.listmonk.Finished(t)
	if drafts, started := d.campaigns(t); len(drafts) != 0 || len(started) != 1 {
		t.Errorf("drafts %+v, started %+v", drafts, started)
	}
	for to, got := range d.mail.count() {
		if got != 1 {
			t.Errorf("%s got %d messages", to, got)
		}
	}
}

// failing fails the requests with a method.
func failing(method string) func(int, *http.Request) fault {
	return func(_ int, r *http.Request) fault {
		if r.Method == method {
			return fault{answer: http.StatusServiceUnavailable}
		}
		return fault{}
	}
}

func TestADigestThatListmonkCouldNotStartInTimeIsTakenBack(t *testing.T) {
	t.Parallel()
	d := newCampaignDesk(t)
	m := startMeddler(t, d.listmonk.URL, failing(http.MethodPut))
	n := d.newsletter(t, m.URL)
	if _, err := n.Send(context.Background()); err == nil {
		t.Fatal("it was started")
	}
	if drafts, started := d.campaigns(t); len(drafts) != 1 || len(started) != 0 {
		t.Fatalf("drafts %+v, started %+v", drafts, started)
	}
	begun := d.now
	d.now = d.now.Add(25 * time.Hour)
	if _, err := n.Resume(context.Background()); err != nil {
		t.Fatal(err)
	}
	if left := d.listmonk.Campaigns(t); len(left) != 0 {
		t.Errorf("%+v", left)
	}
	if all := list(t, n); len(all) != 0 {
		t.Errorf("%+v", all)
	}
	// Its changes go into the next one, with the same content at another time.
	m.stop()
	r := send(t, n)
	if _, started := d.campaigns(t); r.Campaign == 0 || len(started) != 1 {
		t.Errorf("%+v; %+v", r, started)
	}
	d.now = begun
}

func TestADigestThatWasStartedIsNeverTakenBack(t *testing.T) {
	t.Parallel()
	d := newCampaignDesk(t)
	ctx, die := context.WithCancel(context.Background())
	defer die()
	m := startMeddler(t, d.listmonk.URL, func(_ int, r *http.Request) fault {
		if r.Method == http.MethodPut {
			return fault{after: func(string) { die() }, lose: true}
		}
		return fault{}
	})
	n := d.newsletter(t, m.URL)
	if _, err := n.Send(ctx); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	d.now = d.now.Add(25 * time.Hour)
	if _, err := n.Resume(context.Background()); err != nil {
		t.Fatal(err)
	}
	if all := list(t, n); len(all) != 1 || all[0].Completed.IsZero() {
		t.Errorf("%+v", all)
	}
	if r := send(t, n); !r.Empty {
		t.Errorf("%+v", r)
	}
}

func TestACampaignThatSomebodyRemovedIsNotMadeAgain(t *testing.T) {
	t.Parallel()
	d := newCampaignDesk(t)
	m := startMeddler(t, d.listmonk.URL, failing(http.MethodPut))
	n := d.newsletter(t, m.URL)
	if _, err := n.Send(context.Background()); err == nil {
		t.Fatal("it was started")
	}
	drafts, _ := d.campaigns(t)
	d.listmonk.Ask(t, http.MethodDelete, fmt.Sprintf("campaigns/%d", drafts[0].ID), nil, nil)
	m.stop()
	if r := send(t, n); r.Campaign != drafts[0].ID {
		t.Errorf("%+v", r)
	}
	if left := d.listmonk.Campaigns(t); len(left) != 0 {
		t.Errorf("%+v", left)
	}
}

func TestADigestThatWasMailedInPartDoesNotGoToListmonk(t *testing.T) {
	t.Parallel()
	d := newCampaignDesk(t)
	d.mail.on("RCPT", at(lynn, answer(451)))
	if _, err := d.desk.newsletter(t, t.TempDir()).Send(context.Background()); err == nil {
		t.Fatal("all of it was mailed")
	}
	r := send(t, d.newsletter(t, d.listmonk.URL))
	if r.Campaign != 0 || len(d.listmonk.Campaigns(t)) != 0 {
		t.Errorf("%+v; %+v", r, d.listmonk.Campaigns(t))
	}
}

func TestADigestThatListmonkHasIsNotMailed(t *testing.T) {
	t.Parallel()
	for method, mailed := range map[string]int{http.MethodPut: 0, http.MethodPost: 3} {
		d := newCampaignDesk(t)
		d.listmonk.Ask(t, http.MethodPost, "templates", map[string]string{"name": "netsync", "type": "campaign", "body": `{{ template "content" . }}`}, nil)
		m := startMeddler(t, d.listmonk.URL, failing(method))
		if _, err := d.newsletter(t, m.URL).Send(context.Background()); err == nil {
			t.Fatal("it was started")
		}
		send(t, d.desk.newsletter(t, t.TempDir(), func(c *newsletter.Config) { c.Listmonk = nil }))
		if got := len(d.mail.all()); got != mailed {
			t.Errorf("%s fails: %d messages", method, got)
		}
	}
}
