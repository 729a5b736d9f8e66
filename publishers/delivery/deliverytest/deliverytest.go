// Package deliverytest tests kinds of delivery.
package deliverytest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"netsync/publishers/delivery"
	"netsync/schema/stream/streamtest"
)

// TestDelivery tests that a kind of delivery is made at least once, whatever the
// receiver and the process do.
func TestDelivery(t *testing.T, kind Kind) {
	for name, test := range map[string]func(*testing.T, Kind){
		"a receiver that fails":            testFailure,
		"a receiver that asks for a pause": testPause,
		"a receiver that stalls":           testStall,
		"a receiver that is gone":          testGone,
		"a redirect":                       testRedirect,
		"a private address":                testPrivate,
		"a process that is killed":         testKills,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, kind)
		})
	}
}

func testFailure(t *testing.T, kind Kind) {
	r := NewReceiver(t, kind, func(w http.ResponseWriter, id string, attempt int) {
		switch {
		case strings.HasSuffix(id, "never"):
			http.Error(w, "no", http.StatusInternalServerError)
		case strings.HasSuffix(id, "stalls") && attempt < 2:
			panic(http.ErrAbortHandler)
		case attempt < 3:
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	b := NewBench(t, kind.New(r.URL))
	b.Run()
	last := b.History.Commit(false, Network("never", 1), Network("stalls", 1), Network("late", 1))
	s := b.WaitDone(last)
	if len(s.Dead) != 1 || !strings.HasSuffix(s.Dead[0].ID, "never") || s.Dead[0].Attempts != 3 || !strings.Contains(s.Dead[0].Error, "500") {
		t.Errorf("dead: %+v", s.Dead)
	}
	if got := r.Accepted(); len(got) != 2 {
		t.Errorf("delivered %q", got)
	}
	b.replayDead(r, 1)
	if s := b.WaitDone(last); len(s.Dead) != 0 || len(r.Accepted()) != 3 {
		t.Errorf("dead: %+v, delivered %q", s.Dead, r.Accepted())
	}
}

// replayDead makes a number of deliveries again that were given up, to a receiver that
// accepts all.
func (b *Bench) replayDead(r *Receiver, want int) {
	b.Helper()
	r.AcceptAll()
	if n, err := delivery.New(b.Config).Replay(b.Context(), nil); err != nil || n != want {
		b.Fatalf("Replay() = %d, %v; want %d", n, err, want)
	}
}

func testPause(t *testing.T, kind Kind) {
	r := NewReceiver(t, kind, func(w http.ResponseWriter, _ string, _ int) {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	b := NewBench(t, kind.New(r.URL))
	b.Run()
	b.History.Commit(false, Network("leru", 7))
	streamtest.Eventually(t, "the first attempt", func() bool {
		s := b.State()
		return len(s.Pending) == 1 && s.Pending[0].Attempts == 1
	})
	if d := b.State().Pending[0]; d.Next.Sub(d.Tried) != time.Hour {
		t.Errorf("it is tried again after %s", d.Next.Sub(d.Tried))
	}
}

func testStall(t *testing.T, kind Kind) {
	free := make(chan struct{})
	r := NewReceiver(t, kind, func(_ http.ResponseWriter, _ string, attempt int) {
		if attempt == 1 {
			<-free
		}
	})
	b := NewBench(t, kind.New(r.URL))
	b.Config.Timeout = 100 * time.Millisecond
	b.Run()
	s := b.WaitDone(b.History.Commit(false, Network("leru", 7)))
	close(free)
	if s.Made != 1 || len(s.Dead) > 0 {
		t.Errorf("%+v", s)
	}
}

func testGone(t *testing.T, kind Kind) {
	r := NewReceiver(t, kind, func(w http.ResponseWriter, _ string, _ int) { w.WriteHeader(http.StatusGone) })
	b := NewBench(t, kind.New(r.URL))
	b.Run()
	s := b.WaitDone(b.History.Commit(false, Network("leru", 7), Network("iau", 7)))
	if s.Gone.IsZero() || len(s.Dead) != 2 || r.Messages() != 1 {
		t.Errorf("gone %v, dead %+v, %d messages", s.Gone, s.Dead, r.Messages())
	}
	last := b.History.Commit(false, Network("leru", 8))
	if s := b.WaitDone(last); len(s.Dead) != 3 || r.Messages() != 1 {
		t.Errorf("dead %+v, %d messages", s.Dead, r.Messages())
	}
	b.replayDead(r, 3)
	if s := b.WaitDone(last); len(s.Dead) != 0 || !s.Gone.IsZero() || s.Made != 3 {
		t.Errorf("%+v", s)
	}
}

func testRedirect(t *testing.T, kind Kind) {
	elsewhere := NewReceiver(t, kind, nil)
	r := NewReceiver(t, kind, func(w http.ResponseWriter, _ string, _ int) {
		w.Header().Set("Location", elsewhere.URL)
		w.WriteHeader(http.StatusTemporaryRedirect)
	})
	b := NewBench(t, kind.New(r.URL))
	b.Run()
	s := b.WaitDone(b.History.Commit(false, Network("leru", 7)))
	if len(s.Dead) != 1 || !strings.Contains(s.Dead[0].Error, "redirects are not followed") {
		t.Errorf("dead: %+v", s.Dead)
	}
	if elsewhere.Messages() > 0 {
		t.Error("it was followed")
	}
}

func testPrivate(t *testing.T, kind Kind) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a private address was connected to") }))
	t.Cleanup(server.Close)
	b := NewBench(t, kind.New(server.URL))
	b.Config.Private = nil
	b.Run()
	s := b.WaitDone(b.History.Commit(false, Network("leru", 7)))
	if len(s.Dead) != 1 || !strings.Contains(s.Dead[0].Error, "no address of the public internet") {
		t.Errorf("dead: %+v", s.Dead)
	}
}

// testKills ends a process at each of its steps on the broker. The next process must
// deliver what is missing.
func testKills(t *testing.T, kind Kind) {
	for step, killed := 1, true; killed; step++ {
		t.Run(fmt.Sprint(step), func(t *testing.T) { killed = testKill(t, kind, step) })
	}
}

func testKill(t *testing.T, kind Kind, step int) (killed bool) {
	r := NewReceiver(t, kind, nil)
	b := NewBench(t, kind.New(r.URL))
	b.Run()()
	last := b.History.Commit(false, Network("leru", 2), Network("iau", 1))
	mortal := &mortalBroker{JetStream: b.JetStream, left: step, killed: make(chan struct{})}
	first := b.Config
	first.JetStream = mortal
	stop := b.Start(first)
	streamtest.Eventually(t, "the process to be killed or done", func() bool {
		s := b.State()
		return mortal.isKilled() || s.Sequence >= last.Sequence && len(s.Pending) == 0
	})
	killed = mortal.isKilled()
	stop()
	// The claim of the first process is over for the next one.
	b.Config.Now = func() time.Time { return time.Now().Add(time.Minute) }
	b.Run()
	s := b.WaitDone(last)
	got := r.Accepted()
	want := []string{last.Changeset + ":networks/leru", last.Changeset + ":networks/iau"}
	if repeated := len(got) - len(want); len(s.Dead) > 0 || repeated < 0 || repeated > 1 || !slices.Equal(slices.Compact(got), want) {
		t.Errorf("delivered %q, dead %v; want %q, one of them perhaps twice", got, s.Dead, want)
	}
	return killed
}
