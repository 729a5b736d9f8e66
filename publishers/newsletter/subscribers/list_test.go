package subscribers_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"

	"netsync/publishers/newsletter/subscribers"
	"netsync/schema"
	"netsync/schema/stream/streamtest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, streamtest.LeakOptions()...)
}

const dataset = "leiden-networks"

var now = time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)

var offer = subscribers.Offer{
	Languages: []string{"en", "nl"},
	Topics:    map[string]schema.Text{"water": {"en": "Water"}, "energy": {"en": "Energy"}},
}

func open(t *testing.T) (*subscribers.List, jetstream.JetStream) {
	t.Helper()
	js := streamtest.JetStream(t)
	l, err := subscribers.Open(context.Background(), js, dataset)
	if err != nil {
		t.Fatal(err)
	}
	return l, js
}

func add(t *testing.T, l *subscribers.List, address string) subscribers.Subscriber {
	t.Helper()
	s, _, err := l.Put(context.Background(), subscribers.Subscriber{Address: address, Preferences: subscribers.Preferences{Frequency: subscribers.Weekly}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestOneAddressIsOneSubscriber(t *testing.T) {
	t.Parallel()
	l, js := open(t)
	ctx := context.Background()
	first := add(t, l, "Ada@Example.org")
	monthly := subscribers.Preferences{Language: "nl", Frequency: subscribers.Monthly, Topics: []string{"water"}}
	again, added, err := l.Put(ctx, subscribers.Subscriber{Address: "ada@example.org", Preferences: monthly})
	if err != nil || added {
		t.Fatalf("added %v, %v", added, err)
	}
	if again.ID != first.ID || again.Address != "Ada@Example.org" || again.Frequency != subscribers.Monthly {
		t.Errorf("got %+v", again)
	}
	other, ok, err := subscribers.Find(ctx, js, dataset)
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	if other.ID("ADA@example.ORG") != first.ID {
		t.Error("another process makes another id of the address")
	}
	kv, err := js.KeyValue(ctx, subscribers.Bucket(dataset))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := kv.Keys(ctx)
	if err != nil {
		t.Fatal(err)
	}
	// An id is a hash in hex, which may well have "ada" in it.
	if all := strings.ToLower(strings.Join(keys, " ")); strings.Contains(all, "example") || strings.Contains(all, "@") {
		t.Errorf("a key tells the address: %s", all)
	}
}

func TestManyWhoComeAtOnceAreAllThere(t *testing.T) {
	t.Parallel()
	l, _ := open(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, _, err := l.Put(context.Background(), subscribers.Subscriber{Address: "ada@example.org"}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	n := 0
	for _, err := range l.All(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != 1 {
		t.Errorf("%d subscribers, want 1", n)
	}
}

// All misses no subscriber, however many there are and whichever are changed
// meanwhile.
func TestAWalkLeavesNobodyOut(t *testing.T) {
	t.Parallel()
	l, _ := open(t)
	ctx := context.Background()
	const n = 1_200 // more than two pages
	for i := range n {
		add(t, l, fmt.Sprintf("s%d@example.org", i))
	}
	seen := make(map[string]int)
	for s, err := range l.All(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		if seen[s.ID]++; seen[s.ID] > 1 {
			continue
		}
		if _, err := l.ChangeFrom(ctx, s, func(s *subscribers.Subscriber) error { s.Told = 7; return nil }); err != nil {
			t.Fatal(err)
		}
		switch len(seen) { // one moves to the end, and one is removed
		case 10:
			if _, err := l.Change(ctx, l.ID("s1100@example.org"), func(s *subscribers.Subscriber) error { s.Language = "nl"; return nil }); err != nil {
				t.Fatal(err)
			}
		case 20:
			if _, err := l.Remove(ctx, l.ID("s1150@example.org"), now); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(seen) != n-1 {
		t.Errorf("%d of %d came", len(seen), n-1)
	}
	for id, times := range seen {
		if times > 2 {
			t.Errorf("%s came %d times", id, times)
		}
	}
}

// All returns an error if the broker does not answer in time.
func TestAWalkThatIsCutShortSaysSo(t *testing.T) {
	t.Parallel()
	l, js := open(t)
	for i := range 600 { // more than a page
		add(t, l, fmt.Sprintf("s%d@example.org", i))
	}
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	n, last := 0, error(nil)
	for _, err := range l.All(ctx) {
		if last = err; err != nil {
			break
		}
		if n++; n == 10 {
			<-ctx.Done()
		}
	}
	if !errors.Is(last, context.DeadlineExceeded) {
		t.Errorf("ended with %v after %d subscribers", last, n)
	}

	// Without a deadline the client sets its own; the broker stops.
	js.Conn().Opts.Timeout = 50 * time.Millisecond
	n, last = 0, nil
	for _, err := range l.All(context.Background()) {
		if last = err; err != nil {
			break
		}
		if n++; n == 10 {
			if err := js.DeleteStream(context.Background(), "KV_"+subscribers.Bucket(dataset)); err != nil {
				t.Fatal(err)
			}
			time.Sleep(100 * time.Millisecond)
		}
	}
	if last == nil {
		t.Errorf("ended well after %d subscribers of a list that is gone", n)
	}
}

// Count counts each subscriber once, even if some are changed meanwhile.
func TestSubscribersAreCounted(t *testing.T) {
	t.Parallel()
	l, _ := open(t)
	ctx := context.Background()
	count := func(want subscribers.Count) {
		t.Helper()
		if got, err := l.Count(ctx); err != nil || got != want {
			t.Errorf("counted %+v, want %+v: %v", got, want, err)
		}
	}
	changed := func() uint64 {
		t.Helper()
		seq, err := l.Changed(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return uint64(seq)
	}
	count(subscribers.Count{})
	before := changed()
	for i := range 600 { // more than a page
		add(t, l, fmt.Sprintf("s%d@example.org", i))
	}
	if _, err := l.Change(ctx, l.ID("s7@example.org"), func(s *subscribers.Subscriber) error { s.Suspended = now; return nil }); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Remove(ctx, l.ID("s8@example.org"), now); err != nil {
		t.Fatal(err)
	}
	after := changed()
	if after <= before {
		t.Errorf("changes are not seen: %d, then %d", before, after)
	}
	count(subscribers.Count{Active: 598, Suspended: 1})
	if again := changed(); again != after {
		t.Errorf("to count changes the list: %d, then %d", after, again)
	}
}

func TestBounces(t *testing.T) {
	t.Parallel()
	day := 24 * time.Hour
	var s subscribers.Subscriber
	at := now
	for i, c := range []struct {
		after     time.Duration
		suspended bool
	}{{0, false}, {7 * day, false}, {120 * day, false}, {7 * day, false}, {7 * day, true}, {day, false}} {
		at = at.Add(c.after)
		if got := s.Bounce(at); got != c.suspended {
			t.Errorf("bounce %d: suspended %v", i, got)
		}
	}
}

func TestWhoLeftIsErasedAndNotForgotten(t *testing.T) {
	t.Parallel()
	l, js := open(t)
	ctx := context.Background()
	s := add(t, l, "ada@example.org")
	for _, want := range []bool{true, false} {
		removed, err := l.Remove(ctx, s.ID, now)
		if err != nil || removed != want {
			t.Fatalf("removed %v, want %v: %v", removed, want, err)
		}
	}
	if _, err := l.Get(ctx, s.ID); !errors.Is(err, subscribers.ErrUnknown) {
		t.Errorf("get: %v", err)
	}
	if at, err := l.Left(ctx, s.ID); err != nil || !at.Equal(now) {
		t.Errorf("left %v: %v", at, err)
	}
	// No part of the address stays in the broker's store.
	st, err := js.Stream(ctx, "KV_"+subscribers.Bucket(dataset))
	if err != nil {
		t.Fatal(err)
	}
	info, err := st.Info(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for seq := info.State.FirstSeq; seq <= info.State.LastSeq; seq++ {
		m, err := st.GetMsg(ctx, seq)
		if err == nil && bytes.Contains(bytes.ToLower(m.Data), []byte("ada@")) {
			t.Errorf("message %d still has the address", seq)
		}
	}
	add(t, l, "ada@example.org")
	if at, err := l.Left(ctx, s.ID); err != nil || !at.IsZero() {
		t.Errorf("who is back left at %v: %v", at, err)
	}
}

func TestChangeGivesWayToOthers(t *testing.T) {
	t.Parallel()
	l, _ := open(t)
	ctx := context.Background()
	s := add(t, l, "ada@example.org")
	tries := 0
	got, err := l.Change(ctx, s.ID, func(now *subscribers.Subscriber) error {
		if tries++; tries == 1 { // a concurrent write
			if _, err := l.Change(ctx, s.ID, func(now *subscribers.Subscriber) error { now.Language = "nl"; return nil }); err != nil {
				t.Error(err)
			}
		}
		now.Bounces++
		return nil
	})
	if err != nil || tries != 2 || got.Language != "nl" || got.Bounces != 1 {
		t.Errorf("%d tries, %+v, %v", tries, got, err)
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	l, js := open(t)
	s := add(t, l, "ada@example.org")
	token := l.Token(subscribers.Unsubscribe, s.ID)
	if id, err := l.Read(subscribers.Unsubscribe, token, time.Now()); err != nil || id != s.ID {
		t.Errorf("read %q, %v", id, err)
	}
	if _, err := l.Read(subscribers.Prefer, token, time.Now()); !errors.Is(err, subscribers.ErrToken) {
		t.Errorf("a link for one thing is good for another: %v", err)
	}
	other, err := subscribers.Open(context.Background(), js, "another")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Read(subscribers.Unsubscribe, token, time.Now()); !errors.Is(err, subscribers.ErrToken) {
		t.Errorf("a link of one dataset is good for another: %v", err)
	}
	for i := range len(token) {
		for _, c := range "A_z" {
			forged := token[:i] + string(c) + token[i+1:]
			if id, err := l.Read(subscribers.Unsubscribe, forged, time.Now()); forged != token && !errors.Is(err, subscribers.ErrToken) {
				t.Errorf("%q was taken for %q: %v", forged, id, err)
			}
		}
	}
	for _, forged := range []string{"", "x", token[1:], token + "A", token + "=", strings.ToUpper(token)} {
		if _, err := l.Read(subscribers.Unsubscribe, forged, time.Now()); !errors.Is(err, subscribers.ErrToken) {
			t.Errorf("%q: %v", forged, err)
		}
	}
}

func TestRequestsAreSealed(t *testing.T) {
	t.Parallel()
	l, _ := open(t)
	r := subscribers.Request{Address: "ada@example.org", Preferences: subscribers.Preferences{Language: "nl", Frequency: subscribers.Monthly}, Made: now}
	sealed, err := l.Seal(r)
	if err != nil {
		t.Fatal(err)
	}
	other := "A"
	if sealed[20:21] == other {
		other = "B"
	}
	for _, c := range []struct {
		name, sealed string
		after        time.Duration
		want         error
	}{
		{"at once", sealed, 0, nil},
		{"on the last day", sealed, subscribers.Lifetime, nil},
		{"too late", sealed, subscribers.Lifetime + time.Second, subscribers.ErrExpired},
		{"a clock that was set back a little", sealed, -time.Minute, nil},
		{"long before it was made", sealed, -48 * time.Hour, subscribers.ErrExpired},
		{"changed", sealed[:20] + other + sealed[21:], 0, subscribers.ErrToken},
		{"cut short", sealed[:len(sealed)-4], 0, subscribers.ErrToken},
		{"nothing", "", 0, subscribers.ErrToken},
		{"another alphabet", sealed + "+/", 0, subscribers.ErrToken},
	} {
		got, err := l.Unseal(c.sealed, now.Add(c.after))
		if !errors.Is(err, c.want) || err == nil && (got.Address != r.Address || got.Language != "nl" || !got.Made.Equal(now)) {
			t.Errorf("%s: %+v, %v", c.name, got, err)
		}
	}
}

func TestParseAddress(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"ada@example.org":                "ada@example.org",
		"  ada@example.org ":             "ada@example.org",
		"ada.l+x@sub.example.org":        "ada.l+x@sub.example.org",
		"Ada <ada@example.org>":          "",
		"<ada@example.org>":              "",
		"ada\u0085@example.org":          "",
		"ada\u202e@example.org":          "",
		"ada@exam\u200bple.org":          "",
		"zoë@example.org":                "zoë@example.org",
		"ada":                            "",
		"ada@":                           "",
		"@host.test":                     "",
		"a b@example.org":                "",
		"ada@example.org\r\nBcc: x@y.z":  "",
		"ada@example.org, eve@host.test": "",
		"\"a\nb\"@example.org":           "",
		"":                               "",
		strings.Repeat("a", 250) + "@example.org": "",
	} {
		got, err := subscribers.ParseAddress(s)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v; want %q", s, got, err, want)
		}
		if err != nil && len(s) > 12 && strings.Contains(err.Error(), s) {
			t.Errorf("%q: the error quotes it", s)
		}
	}
}
