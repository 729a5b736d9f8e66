package newsletter_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"

	"netsync/publishers/newsletter"
	"netsync/publishers/newsletter/mail"
)

// many sets the numbers of recipients and connections.
func many(recipients, connections int) func(*newsletter.Config) {
	return func(c *newsletter.Config) {
		c.Recipients, c.Connections = nil, connections
		for i := range recipients {
			c.Recipients = append(c.Recipients, fmt.Sprintf("reader-%d@example.org", i))
		}
	}
}

// once returns the expected counts: one message to each recipient.
func once(recipients int) map[string]int {
	want := make(map[string]int)
	for i := range recipients {
		want[fmt.Sprintf("reader-%d@example.org", i)] = 1
	}
	return want
}

func TestSeveralConnectionsAreAtWorkAtOnce(t *testing.T) {
	t.Parallel()
	const recipients, connections = 30, 5
	d := newDesk(t)
	var made atomic.Int64
	d.mail.on("CONNECT", func(string, *smtp.Conn) error { made.Add(1); return nil })
	d.mail.on("RCPT", meeting(connections))
	if r := send(t, d.newsletter(t, t.TempDir(), many(recipients, connections))); r.Sent != recipients {
		t.Errorf("%+v", r)
	}
	if made.Load() != connections {
		t.Errorf("%d connections were made", made.Load())
	}
	if diff := cmp.Diff(once(recipients), d.mail.count()); diff != "" {
		t.Error(diff)
	}
	sameBodies(t, d.mail.all())
}

// meeting blocks until a number of calls has arrived.
func meeting(of int) func(string, *smtp.Conn) error {
	var came atomic.Int64
	all := make(chan struct{})
	return func(string, *smtp.Conn) error {
		if came.Add(1) == int64(of) {
			close(all)
		}
		<-all
		return nil
	}
}

func TestAServerMayTakeFewerConnections(t *testing.T) {
	t.Parallel()
	const recipients = 20
	d := newDesk(t)
	var came, refused atomic.Int64
	all := make(chan struct{})
	d.mail.on("CONNECT", func(_ string, c *smtp.Conn) error {
		if came.Add(1) <= 2 {
			return nil
		}
		if refused.Add(1) == 3 {
			close(all)
		}
		return answer(421)("", c)
	})
	d.mail.on("RCPT", func(string, *smtp.Conn) error { <-all; return nil })
	if r := send(t, d.newsletter(t, t.TempDir(), many(recipients, 5))); r.Sent != recipients {
		t.Errorf("%+v", r)
	}
	if diff := cmp.Diff(once(recipients), d.mail.count()); diff != "" {
		t.Error(diff)
	}
}

// The server refuses the second connection after the first has sent the rest: the
// messages of the second are sent over the first.
func TestAConnectionThatIsRefusedLateLosesNobody(t *testing.T) {
	t.Parallel()
	const recipients = 5
	d := newDesk(t)
	var came, sent atomic.Int64
	rest, second := make(chan struct{}), make(chan struct{})
	d.mail.on("CONNECT", func(_ string, c *smtp.Conn) error {
		if came.Add(1) == 1 {
			return nil
		}
		close(second)
		<-rest
		return answer(421)("", c)
	})
	d.mail.on("DOT", func(string, *smtp.Conn) error {
		<-second
		if sent.Add(1) == recipients-1 {
			close(rest)
		}
		return nil
	})
	if r := send(t, d.newsletter(t, t.TempDir(), many(recipients, 2))); r.Sent != recipients {
		t.Errorf("%+v", r)
	}
	if diff := cmp.Diff(once(recipients), d.mail.count()); diff != "" {
		t.Error(diff)
	}
}

func TestAServerThatIsAwayStopsAll(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	n := d.newsletter(t, t.TempDir(), many(20, 5))
	d.mail.on("CONNECT", answer(421))
	r, err := n.Send(context.Background())
	var unfinished *newsletter.UnfinishedError
	if !errors.As(err, &unfinished) || unfinished.Open != 20 || r.Sent != 0 {
		t.Errorf("%+v, %v", r, err)
	}
	d.mail.on("CONNECT", nil)
	if r := send(t, n); r.Sent != 20 {
		t.Errorf("%+v", r)
	}
}

func TestARateHoldsForAllConnections(t *testing.T) {
	t.Parallel()
	const recipients, rate = 9, 40
	d := newDesk(t)
	n := d.newsletter(t, t.TempDir(), many(recipients, 3), func(c *newsletter.Config) { c.Rate = rate })
	begun := time.Now()
	send(t, n)
	if took, least := time.Since(begun), (recipients-1)*time.Second/rate; took < least {
		t.Errorf("it took %v, and %v is the least", took, least)
	}
}

func TestOthersHearHowADigestGetsOn(t *testing.T) {
	t.Parallel()
	const recipients = 30
	d := newDesk(t)
	d.mail.on("RCPT", at("reader-7@example.org", answer(550)))
	d.mail.on("DOT", at("reader-8@example.org", hangUp))
	var mu sync.Mutex
	outcomes := make(map[mail.Outcome]int)
	var last, of int
	n := d.newsletter(t, t.TempDir(), many(recipients, 4), func(c *newsletter.Config) {
		c.Handed = func(o mail.Outcome) {
			mu.Lock()
			defer mu.Unlock()
			outcomes[o]++
		}
		c.Progress = func(done, total int) {
			if done < last {
				t.Errorf("%d after %d", done, last)
			}
			last, of = done, total
		}
	})
	send(t, n)
	want := map[mail.Outcome]int{mail.Sent: recipients - 2, mail.Refused: 1, mail.Uncertain: 1}
	if diff := cmp.Diff(want, outcomes); diff != "" {
		t.Error(diff)
	}
	if last != recipients || of != recipients {
		t.Errorf("%d of %d", last, of)
	}
}

// Several connections are cut repeatedly while they send; the next try sends to
// the remaining recipients.
func TestACrashOfSeveralConnections(t *testing.T) {
	t.Parallel()
	const recipients = 40
	d := newDesk(t)
	var err error
	for kills := range 5 {
		ctx, die := context.WithCancel(context.Background())
		d.mail.on("DOT", func(string, *smtp.Conn) error {
			if len(d.mail.all()) > 7*(kills+1) {
				die()
			}
			return nil
		})
		_, err = d.newsletter(t, t.TempDir(), many(recipients, 4)).Send(ctx)
		die()
	}
	d.mail.on("DOT", nil)
	var unfinished *newsletter.UnfinishedError
	if !errors.As(err, &unfinished) {
		t.Errorf("%v", err)
	}
	n := d.newsletter(t, t.TempDir(), many(recipients, 4))
	send(t, n)
	if diff := cmp.Diff(once(recipients), d.mail.count()); diff != "" {
		t.Error(diff)
	}
	if all := list(t, n); len(all) != 1 || all[0].Sent != recipients {
		t.Errorf("%+v", all)
	}
}

// If a server closes connections at random, no recipient gets a message twice,
// even with several processes, and every message is counted.
func TestAServerThatHangsUpWheneverItLikes(t *testing.T) {
	t.Parallel()
	for processes := range 3 {
		t.Run(fmt.Sprint(processes+1), func(t *testing.T) {
			t.Parallel()
			hangsUp(t, processes+1)
		})
	}
}

func hangsUp(t *testing.T, processes int) {
	const recipients = 50
	commands := []string{"CONNECT", "MAIL", "RCPT", "DATA", "DOT"}
	d := newDesk(t)
	for _, command := range commands {
		d.mail.on(command, func(_ string, c *smtp.Conn) error {
			if rand.IntN(12) == 0 {
				return hangUp("", c)
			}
			return nil
		})
	}
	var all sync.WaitGroup
	for range processes {
		n := d.newsletter(t, t.TempDir(), many(recipients, 4))
		all.Go(func() {
			for range 4 {
				_, err := n.Send(context.Background())
				var unfinished *newsletter.UnfinishedError
				if err != nil && !errors.As(err, &unfinished) {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	for _, command := range commands {
		d.mail.on(command, nil)
	}
	n := d.newsletter(t, t.TempDir(), many(recipients, 4))
	send(t, n)
	counts := d.mail.count()
	for to, n := range counts {
		if n > 1 {
			t.Errorf("%s got %d messages", to, n)
		}
	}
	digests := list(t, n)
	if len(digests) != 1 || digests[0].Completed.IsZero() || len(counts) < digests[0].Sent {
		t.Fatalf("%d got one; %+v", len(counts), digests)
	}
	if processes == 1 && digests[0].Sent+digests[0].Uncertain != recipients {
		t.Errorf("%+v", digests[0].Counts)
	}
}
