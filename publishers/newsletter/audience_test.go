package newsletter_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"

	"netsync/publishers/newsletter"
	"netsync/publishers/newsletter/subscribers"
)

// subscribe adds subscribers: "address", "address nl", "address monthly",
// "address en weekly water,energy".
func subscribe(tb testing.TB, n *newsletter.Newsletter, people ...string) {
	tb.Helper()
	var all []subscribers.Request
	for _, p := range people {
		r := subscribers.Request{Preferences: subscribers.Preferences{Frequency: subscribers.Weekly}}
		for i, word := range strings.Fields(p) {
			switch {
			case i == 0:
				r.Address = word
			case word == "monthly" || word == "weekly":
				r.Frequency = subscribers.Frequency(word)
			case len(word) == 2:
				r.Language = word
			default:
				r.Topics = strings.Split(word, ",")
			}
		}
		all = append(all, r)
	}
	if _, err := n.Import(context.Background(), all, true); err != nil {
		tb.Fatal(err)
	}
}

func subscriber(tb testing.TB, n *newsletter.Newsletter, address string) subscribers.Subscriber {
	tb.Helper()
	l, err := n.Subscribers(context.Background())
	if err != nil {
		tb.Fatal(err)
	}
	s, err := l.Get(context.Background(), l.ID(address))
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func nobody(c *newsletter.Config) { c.Recipients = nil }

// clear removes the received messages.
func (m *mailServer) clear() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.taken = nil
}

func (d *desk) change(tb testing.TB, n *newsletter.Newsletter, edits ...edit) {
	tb.Helper()
	d.commit("A change", edits)
	d.catchUp(tb, n)
}

func count(n int) edit {
	return edit{"networks/una-europa", replace(una, `"count":10`, fmt.Sprintf(`"count":%d`, n))}
}

func energy(name string) edit {
	return edit{"networks/energy", `{"id":"energy","name":{"en":"` + name + `"},"tier":"member","topics":["energy"]}`}
}

func TestSubscribersGetWhatTheyChose(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	n := d.newsletter(t, t.TempDir())
	d.change(t, n, count(11)) // it is on water alone again
	subscribe(t, n, "all@example.org", "dutch@example.org nl", "energy@example.org energy", "none@example.org nl weekly water")
	r := send(t, n)
	if r.Sent != 7 || r.Recipients != 7 {
		t.Fatalf("%+v", r)
	}
	d.mail.clear()
	d.change(t, n, energy("Energy Alliance"))
	if r = send(t, n); r.Sent != 6 || r.Recipients != 6 {
		t.Errorf("%+v", r)
	}
	want := map[string]int{ada: 1, grace: 1, lynn: 1, "all@example.org": 1, "dutch@example.org": 1, "energy@example.org": 1}
	if diff := cmp.Diff(want, d.mail.count()); diff != "" {
		t.Error(diff)
	}
	text, html := d.read(t, "dutch@example.org")
	for _, body := range []string{text, html} {
		if !strings.Contains(body, "Nieuwe netwerken") || !strings.Contains(body, baseURL+"/nl/networks/energy/") || strings.Contains(body, "New networks") {
			t.Errorf("not in Dutch: %s", body)
		}
	}
	if h := d.mail.to(t, "dutch@example.org").message(t).Header; h.Get("Content-Language") != "nl" || !strings.Contains(h.Get("Subject"), "Netwerken") {
		t.Errorf("header: %v", h)
	}
	// A subscriber with topics gets no other changes.
	d.mail.clear()
	d.change(t, n, count(12), energy("The Energy Alliance"))
	send(t, n)
	text, _ = d.read(t, "energy@example.org")
	if strings.Contains(text, "Una Europa") || !strings.Contains(text, "The Energy Alliance") {
		t.Errorf("on energy: %s", text)
	}
	text, _ = d.read(t, "none@example.org")
	if !strings.Contains(text, "Una Europa") || strings.Contains(text, "Energy") {
		t.Errorf("on water: %s", text)
	}
}

// Each subscriber has links of their own, which do not contain the address.
func TestSubscribersHaveLinksOfTheirOwn(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	n := d.newsletter(t, t.TempDir())
	subscribe(t, n, "eve@example.org", "bob@example.org")
	send(t, n)
	if h := d.mail.to(t, ada).message(t).Header; h.Get("List-Unsubscribe-Post") != "" || !strings.HasPrefix(h.Get("List-Unsubscribe"), "<mailto:") {
		t.Errorf("one of the list: %v", h)
	}
	m := d.mail.to(t, "eve@example.org").message(t)
	link := strings.Trim(m.Header.Get("List-Unsubscribe"), "<>")
	if m.Header.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" || !strings.HasPrefix(link, baseURL+newsletter.UnsubscribePath) {
		t.Errorf("header: %v", m.Header)
	}
	text, html := d.read(t, "eve@example.org")
	for _, body := range []string{text, html} {
		if strings.Count(body, link) != 1 || strings.Count(body, baseURL+newsletter.PreferencesPath) != 1 {
			t.Errorf("links: %s", body)
		}
	}
	for _, other := range d.mail.all() {
		if other.to != "eve@example.org" && strings.Contains(other.data, link) {
			t.Errorf("%s has somebody else's link", other.to)
		}
	}
	token := strings.TrimPrefix(link, baseURL+newsletter.UnsubscribePath)
	if err := n.Unsubscribe(context.Background(), token); err != nil {
		t.Fatal(err)
	}
	d.mail.clear()
	d.change(t, n, count(20))
	send(t, n)
	if d.mail.count()["eve@example.org"] != 0 || d.mail.count()["bob@example.org"] != 1 {
		t.Errorf("got it: %v", d.mail.count())
	}
}

// A monthly subscriber gets the first digest of each month, with all changes
// since their last one, and a digest of their own if there are no changes for
// others.
func TestMonthly(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	n := d.newsletter(t, t.TempDir(), nobody)
	subscribe(t, n, "weekly@example.org", "monthly@example.org monthly")
	due := func(day string) newsletter.Report {
		t.Helper()
		at, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		d.now = at
		d.mail.clear()
		r, err := n.RunDue(context.Background(), at)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	want := func(when string, weekly, monthly int) {
		t.Helper()
		got := d.mail.count()
		if got["weekly@example.org"] != weekly || got["monthly@example.org"] != monthly {
			t.Errorf("%s: %v, want %d and %d", when, got, weekly, monthly)
		}
	}
	due("2026-11-30")
	want("the first", 1, 1)
	d.change(t, n, count(12))
	due("2026-12-07")
	want("a new month", 1, 1)
	d.change(t, n, count(13))
	due("2026-12-14")
	want("later in it", 1, 0)
	d.change(t, n, count(14), energy("Alliance"))
	due("2026-12-21")
	want("once more", 1, 0)
	if r := due("2026-12-28"); !r.Empty {
		t.Errorf("nothing is new: %+v", r)
	}
	want("nothing new", 0, 0)
	r := due("2027-01-04")
	want("nothing new in a new month", 0, 1)
	if r.Sent != 1 || r.Recipients != 1 {
		t.Errorf("%+v", r)
	}
	text, _ := d.read(t, "monthly@example.org")
	if !strings.Contains(text, "12 → 14") || !strings.Contains(text, "Alliance") {
		t.Errorf("not what is new since December the seventh: %s", text)
	}
	d.change(t, n, count(15))
	due("2027-01-11")
	want("the month has had its digest", 1, 0)
	due("2027-02-01")
	want("the next", 0, 1)
	if all := list(t, n); len(all) != 7 {
		t.Errorf("%d digests", len(all))
	}
}

// Neither a clock that is set back nor another schedule causes a second digest of
// the same changes, or a second one in a month.
func TestAClockThatIsSetBack(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	n := d.newsletter(t, t.TempDir(), nobody)
	subscribe(t, n, "weekly@example.org", "monthly@example.org monthly")
	due := func(at time.Time) {
		t.Helper()
		d.now = at
		if _, err := n.RunDue(context.Background(), at); err != nil {
			t.Fatal(err)
		}
	}
	december := time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)
	due(december)
	for i, at := range []time.Time{
		december,                         // the same once more
		december.Add(-48 * time.Hour),    // set back, into the month before
		december.Add(-24 * time.Hour),    // another schedule
		december.Add(time.Minute),        // every minute
		december.Add(2 * time.Minute),    // and again
		december.Add(5 * 24 * time.Hour), // set right
	} {
		d.change(t, n, count(50+i))
		due(at)
	}
	got := make(map[string]int)
	for _, m := range d.mail.all() {
		if m.to == "weekly@example.org" {
			text := bodies(t, m)["text/plain"]
			for i := range 6 {
				if strings.Contains(text, fmt.Sprintf("→ %d\n", 50+i)) {
					got[fmt.Sprint(50+i)]++
				}
			}
		}
	}
	for what, times := range got {
		if times > 1 {
			t.Errorf("%s was told %d times", what, times)
		}
	}
	if monthly := d.mail.count()["monthly@example.org"]; monthly != 1 {
		t.Errorf("the monthly digest came %d times", monthly)
	}
	if got["55"] != 1 {
		t.Errorf("the last change was not told: %v", got)
	}
}

func TestManySendersAtOnceAndManySubscribers(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	a, b := d.newsletter(t, t.TempDir()), d.newsletter(t, t.TempDir())
	var people []string
	for i := range 300 {
		people = append(people, fmt.Sprintf("s%d@example.org %s %s", i, []string{"en", "nl"}[i%2], []string{"", "monthly", "water"}[i%3]))
	}
	subscribe(t, a, people...)
	var all sync.WaitGroup
	for _, n := range []*newsletter.Newsletter{a, b, a, b} {
		all.Go(func() {
			if _, err := n.Send(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	got := d.mail.count()
	if len(got) != 303 {
		t.Errorf("%d recipients", len(got))
	}
	for to, times := range got {
		if times != 1 {
			t.Errorf("%s has %d", to, times)
		}
	}
	if sent := list(t, a)[0]; sent.Sent != 303 || sent.Recipients != 303 || sent.Uncertain != 0 {
		t.Errorf("%+v", sent)
	}
}

// Deferred messages are sent later. A suspended subscriber gets no messages, and
// the missed changes after the suspension.
func TestRefusals(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	n := d.newsletter(t, t.TempDir(), nobody)
	subscribe(t, n, "full@example.org", "gone@example.org", "fine@example.org")
	d.mail.on("RCPT", func(to string, c *smtp.Conn) error {
		switch to {
		case "full@example.org":
			return answer(452)(to, c)
		case "gone@example.org":
			return answer(550)(to, c)
		}
		return nil
	})
	var open *newsletter.UnfinishedError
	if r, err := n.Send(context.Background()); !errors.As(err, &open) || open.Open != 1 || r.Sent != 1 || r.Refused != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	d.mail.on("RCPT", at("gone@example.org", answer(550)))
	if r := send(t, n); r.Sent != 1 || r.Already != 1 || r.Refused != 1 {
		t.Errorf("%+v", r)
	}
	if s := subscriber(t, n, "gone@example.org"); s.Bounces != 1 || !s.Suspended.IsZero() || s.Told != 0 {
		t.Errorf("%+v", s)
	}
	for i := range 3 {
		d.change(t, n, count(30+i))
		d.now = d.now.Add(7 * 24 * time.Hour)
		send(t, n)
	}
	if s := subscriber(t, n, "gone@example.org"); s.Bounces != 3 || s.Suspended.IsZero() {
		t.Errorf("%+v", s)
	}
	if sent := list(t, n)[0]; sent.Recipients != 2 {
		t.Errorf("a suspended subscriber counts: %+v", sent)
	}
	d.mail.on("RCPT", nil)
	subscribe(t, n, "gone@example.org") // they say that it works again
	d.mail.clear()
	d.change(t, n, count(40))
	send(t, n)
	text, _ := d.read(t, "gone@example.org")
	if !strings.Contains(text, "LERU") { // of the first digest
		t.Errorf("what was missed is not told: %s", text)
	}
	if d.mail.count()["fine@example.org"] != 1 {
		t.Errorf("%v", d.mail.count())
	}
}

// A mail server may accept a message and report later that the mailbox does not
// exist.
func TestReportsOfBounces(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	n := d.newsletter(t, t.TempDir(), nobody)
	subscribe(t, n, "gone@example.org", "full@example.org")
	failures := []subscribers.Failure{{Address: "Gone@example.org", Status: "5.1.1"}, {Address: "full@example.org", Status: "5.2.2"}, {Address: "who@example.org", Status: "5.1.1"}}
	for i, want := range []newsletter.Bounced{{1, 0, 2}, {1, 0, 2}, {1, 1, 2}, {1, 0, 2}} {
		got, err := n.Bounced(context.Background(), failures)
		if err != nil || got != want {
			t.Errorf("report %d: %+v, %v", i, got, err)
		}
	}
	if r := send(t, n); r.Recipients != 1 || d.mail.count()["full@example.org"] != 1 {
		t.Errorf("%+v, %v", r, d.mail.count())
	}
}

// After a lost response the subscriber may have the message, and never gets it
// again.
func TestASubscriberWhoseAnswerIsLost(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	n := d.newsletter(t, t.TempDir(), nobody)
	subscribe(t, n, "eve@example.org", "bob@example.org")
	d.mail.on("DOT", at("eve@example.org", hangUp))
	r, err := n.Send(context.Background())
	if err != nil || r.Uncertain != 1 || r.Sent != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	d.mail.on("DOT", nil)
	if r := send(t, n); !r.Empty {
		t.Errorf("%+v", r)
	}
	d.change(t, n, count(12))
	d.mail.clear()
	send(t, n)
	text, _ := d.read(t, "eve@example.org")
	if strings.Contains(text, "LERU") {
		t.Errorf("told twice: %s", text)
	}
}

// Preferences that change during sending are kept, and the digest is sent once.
func TestPreferencesChangeWhileADigestIsOnItsWay(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	n := d.newsletter(t, t.TempDir(), nobody, func(c *newsletter.Config) { c.Connections = 1 })
	// While the first message is sent, two others are claimed already.
	subscribe(t, n, "one@example.org", "next@example.org", "then@example.org", "two@example.org", "three@example.org")
	l, err := n.Subscribers(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	d.mail.on("RCPT", func(string, *smtp.Conn) error {
		once.Do(func() {
			_, err := n.Prefer(context.Background(), l.Token(subscribers.Prefer, l.ID("three@example.org")),
				subscribers.Preferences{Language: "nl", Frequency: subscribers.Weekly})
			if err != nil {
				t.Error(err)
			}
			if err := n.Unsubscribe(context.Background(), l.Token(subscribers.Unsubscribe, l.ID("two@example.org"))); err != nil {
				t.Error(err)
			}
		})
		return nil
	})
	send(t, n)
	got := d.mail.count()
	if got["one@example.org"] != 1 || got["next@example.org"] != 1 || got["then@example.org"] != 1 || got["two@example.org"] != 0 || got["three@example.org"] != 1 {
		t.Errorf("%v", got)
	}
	if lang := d.mail.to(t, "three@example.org").message(t).Header.Get("Content-Language"); lang != "nl" {
		t.Errorf("three@ reads %s", lang)
	}
	if r := send(t, n); !r.Empty {
		t.Errorf("%+v", r)
	}
}

func TestWhoIsListedAndSubscribesGetsOne(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	n := d.newsletter(t, t.TempDir())
	subscribe(t, n, strings.ToUpper(lynn), "eve@example.org")
	if r := send(t, n); r.Recipients != 4 || r.Sent != 4 {
		t.Errorf("%+v", r)
	}
	want := map[string]int{ada: 1, grace: 1, lynn: 1, "eve@example.org": 1}
	if diff := cmp.Diff(want, d.mail.count()); diff != "" {
		t.Error(diff)
	}
}

func TestADigestForNobody(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	n := d.newsletter(t, t.TempDir(), nobody)
	var setup *newsletter.SetupError
	if _, err := n.Send(context.Background()); !errors.As(err, &setup) || !strings.Contains(err.Error(), "nobody") {
		t.Errorf("by hand: %v", err)
	}
	// The scheduled digest is over: later subscribers get later changes.
	r, err := n.RunDue(context.Background(), d.now)
	if err != nil || r.Recipients != 0 {
		t.Errorf("%+v, %v", r, err)
	}
	subscribe(t, n, "eve@example.org")
	d.change(t, n, count(12))
	send(t, n)
	text, _ := d.read(t, "eve@example.org")
	if strings.Contains(text, "LERU") || !strings.Contains(text, "12") {
		t.Errorf("%s", text)
	}
}

// read returns both parts of the message to an address.
func (d *desk) read(t *testing.T, address string) (text, html string) {
	t.Helper()
	parts := bodies(t, d.mail.to(t, address))
	return parts["text/plain"], parts["text/html"]
}
