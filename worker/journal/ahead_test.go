package journal_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"

	"netsync/schema/event"
	"netsync/schema/stream"
	"netsync/schema/stream/streamtest"
	"netsync/worker/journal"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m, streamtest.LeakOptions()...) }

const dataset = "leiden-networks"

// A desk is a journal on a broker of its own.
type desk struct {
	t  *testing.T
	nc *nats.Conn
	js jetstream.JetStream
	*journal.Journal
}

func newDesk(t *testing.T, adapt func(*server.Options)) desk {
	t.Helper()
	nc := streamtest.Connect(t, streamtest.ServerWith(t, t.TempDir(), adapt))
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	j, err := journal.Open(t.Context(), js, journal.Config{Dataset: dataset})
	if err != nil {
		t.Fatal(err)
	}
	return desk{t, nc, js, j}
}

// events are so many of a changeset.
func events(changeset string, n int) []event.Event {
	some := make([]event.Event, n)
	for i := range some {
		some[i] = event.Event{
			ID: fmt.Sprintf("%s:%d", changeset, i), Type: event.FindingsChanged, Dataset: dataset,
			Time: time.Unix(0, 0).UTC(), Findings: &event.Findings{},
		}
	}
	return some
}

// stored returns what the broker says to be in the stream.
func (d desk) stored() uint64 {
	d.t.Helper()
	s, err := d.js.Stream(d.t.Context(), stream.Name(dataset))
	if err != nil {
		d.t.Fatal(err)
	}
	return s.CachedInfo().State.Msgs
}

func (d desk) mustAppend(b *journal.Batch, want event.Seq) {
	d.t.Helper()
	if last, err := d.Append(d.t.Context(), b); err != nil || last != want {
		d.t.Fatalf("Append() = %d, %v; want %d", last, err, want)
	}
}

// mustAppendAfter appends one more event. Its acknowledgement says that the broker
// has handled each message before it: a broker that shuts down while the first
// message of a batch waits in its queue never closes the file of that batch
// (nats-server v2.15.2).
func (d desk) mustAppendAfter(last event.Seq) {
	d.t.Helper()
	d.mustAppend(d.PrepareAll(last, events("last", 1)), last+1)
}

// What was sent ahead follows what was sent before it, however many there are.
func TestBatchesSentAheadFollowEachOther(t *testing.T) {
	t.Parallel()
	d := newDesk(t, func(*server.Options) {})
	next := d.PrepareAll(0, events("a@0", 3))
	for i := range 5 {
		batch := next
		from := event.Seq(3 * (i + 1))
		next = d.PrepareAll(from, events(fmt.Sprintf("a@%d", from), 3))
		next.Ahead()
		d.mustAppend(batch, from)
	}
	next.Discard()
	if n := d.stored(); n != 15 {
		t.Errorf("%d messages are stored, not 15", n)
	}
	d.mustAppendAfter(15)
}

// A batch that is given up when all but its last message went out leaves nothing,
// and does not stand in the way of the same events.
func TestABatchThatIsDiscardedIsNotStored(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2, 50} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, func(*server.Options) {})
			b := d.PrepareAll(0, events("a@0", n))
			b.Ahead()
			b.Discard()
			if stored := d.stored(); stored != 0 {
				t.Errorf("%d messages are stored", stored)
			}
			d.mustAppend(d.PrepareAll(0, events("a@0", n)), event.Seq(n))
		})
	}
}

// Somebody else's batch may come between two of ours, when the second is with the
// broker already.
func TestABatchSentAheadGivesWay(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2, 50} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, func(*server.Options) {})
			b := d.PrepareAll(2, events("ours@2", n))
			b.Ahead()
			d.mustAppend(d.PrepareAll(0, events("ours@0", 2)), 2)
			d.mustAppend(d.PrepareAll(2, events("theirs@2", 1)), 3)
			if last, err := d.Append(t.Context(), b); !errors.Is(err, journal.ErrFenced) {
				t.Errorf("Append() = %d, %v; want %v", last, err, journal.ErrFenced)
			}
			if stored := d.stored(); stored != 3 {
				t.Errorf("%d messages are stored, not 3", stored)
			}
		})
	}
}

// The broker gives up a batch whose last message is long in coming. The same events
// can be published then.
func TestABatchThatTheBrokerGaveUpIsNotStored(t *testing.T) {
	t.Parallel()
	d := newDesk(t, func(o *server.Options) { o.JetStreamLimits.MaxBatchTimeout = 50 * time.Millisecond })
	abandoned, err := d.nc.SubscribeSync(server.JSAdvisoryStreamBatchAbandonedPre + ".>")
	if err != nil {
		t.Fatal(err)
	}
	b := d.PrepareAll(0, events("a@0", 3))
	b.Ahead()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if _, err := abandoned.NextMsgWithContext(ctx); err != nil {
		t.Fatalf("the broker does not give up the batch: %v", err)
	}
	if last, err := d.Append(t.Context(), b); !errors.Is(err, journal.ErrOutcomeUnknown) {
		t.Errorf("Append() = %d, %v; want %v", last, err, journal.ErrOutcomeUnknown)
	}
	if stored := d.stored(); stored != 0 {
		t.Errorf("%d messages are stored", stored)
	}
	d.mustAppend(d.PrepareAll(0, events("a@0", 3)), 3)
}

// An event that cannot be encoded ends the batch, ahead of its turn or not.
func TestAnEventThatIsTooLargeEndsItsBatch(t *testing.T) {
	t.Parallel()
	d := newDesk(t, func(o *server.Options) { o.MaxPayload = 2048 })
	all := events("a@0", 3)
	all[1].Findings.Quarantined = []string{strings.Repeat("x", 2048)}
	for _, ahead := range []bool{false, true} {
		b := d.PrepareAll(0, all)
		if ahead {
			b.Ahead()
		}
		if last, err := d.Append(t.Context(), b); err == nil || errors.Is(err, journal.ErrOutcomeUnknown) {
			t.Errorf("ahead %t: Append() = %d, %v", ahead, last, err)
		}
		if stored := d.stored(); stored != 0 {
			t.Errorf("ahead %t: %d messages are stored", ahead, stored)
		}
	}
	d.mustAppendAfter(0)
}
