package process

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"go.uber.org/zap"

	"netsync/cmd/internal/ops"
	"netsync/schema/event"
)

// Workers on one broker send each other beats. The fence keeps them from publishing
// twice whatever happens here: a beat that stops makes another worker look at once,
// since a wake-up may be lost with the silent one, and beats let a status say which
// worker is on standby.
const (
	beatEvery = time.Second
	silence   = 4 * beatEvery
	// probeEvery is how often a worker that fails asks whether the broker
	// answers again.
	probeEvery = 4 * beatEvery
	// yieldFor is how much later a worker on standby looks.
	yieldFor = 2 * time.Second
)

// actionBeat is the action whose subject carries beats.
const actionBeat = "worker"

// A localWorker is the worker of this process.
type localWorker interface {
	ownBeat() heartbeat // without Worker
	brokerAnswers(context.Context) bool
}

// A standby sends the beats of this worker and follows those of others.
type standby struct {
	id  string
	own localWorker
	// wakeWorker makes the worker look at once.
	wakeWorker func()
	log        *zap.Logger

	mu     sync.Mutex
	others map[string]otherWorker
}

// An otherWorker is the last beat of another worker, and when it came.
type otherWorker struct {
	heartbeat
	at time.Time
}

func newStandby(own localWorker, look func(), log *zap.Logger) *standby {
	return &standby{id: rand.Text(), own: own, wakeWorker: look, log: log, others: make(map[string]otherWorker)}
}

// selfBeat returns the present beat of this worker.
func (s *standby) selfBeat() heartbeat {
	b := s.own.ownBeat()
	b.Worker = s.id
	return b
}

// run sends and receives beats until ctx ends. It also wakes the worker when the
// broker is back, before the pause after a failed pass is over.
func (s *standby) run(ctx context.Context, nc *nats.Conn, subject string) error {
	sub, err := nc.Subscribe(subject, func(m *nats.Msg) { s.receiveBeat(m.Data, time.Now()) })
	if err != nil {
		return fmt.Errorf("listen to other workers: %w", err)
	}
	defer func() { _ = sub.Unsubscribe() }() // the connection may be closed by now
	back := nc.StatusChanged(nats.CONNECTED)
	defer nc.RemoveStatusListener(back)
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	told, down, probed := s.sendBeat(nc, subject, true), false, time.Now()
	for {
		select {
		case <-ctx.Done():
			if told {
				s.sendLeave(nc, subject)
			}
			return nil
		case <-back:
			s.wakeWorker()
		case now := <-tick.C:
			told = s.sendBeat(nc, subject, !told)
			s.forgetSilent(now.Add(-silence))
			if !told && now.Sub(probed) >= probeEvery {
				down, probed = s.probeBroker(ctx, down), now
			}
		}
	}
}

// sendBeat sends a beat and reports whether this worker is well. A worker that fails
// sends that once and is silent then, as if it had ended. Errors are ignored: the
// others notice a beat that does not arrive.
func (s *standby) sendBeat(nc *nats.Conn, subject string, silent bool) bool {
	b := s.selfBeat()
	if b.Gone && silent {
		return false
	}
	if data, err := json.Marshal(b); err == nil {
		_ = nc.Publish(subject, data)
	}
	return !b.Gone
}

// probeBroker reports whether the broker is down. It wakes the worker if the broker
// answers again, such as a cluster that has a majority again.
func (s *standby) probeBroker(ctx context.Context, wasDown bool) (down bool) {
	down = !s.own.brokerAnswers(ctx)
	if wasDown && !down {
		s.wakeWorker()
	}
	return down
}

// yieldToActive returns at once if this worker is active, and after yieldFor if
// another is.
func (s *standby) yieldToActive(ctx context.Context) {
	if _, behind := s.findActive(); !behind {
		return
	}
	select {
	case <-ctx.Done():
	case <-time.After(yieldFor):
	}
}

// sendLeave announces that this worker ends, so that the others need not wait for its
// silence.
func (s *standby) sendLeave(nc *nats.Conn, subject string) {
	b := s.selfBeat()
	b.Gone = true
	if data, err := json.Marshal(b); err == nil {
		_ = nc.Publish(subject, data)
		_ = nc.FlushTimeout(time.Second)
	}
}

// receiveBeat notes a beat. Workers of other datasets may share the subject.
func (s *standby) receiveBeat(data []byte, now time.Time) {
	var b heartbeat
	self := s.selfBeat()
	if err := json.Unmarshal(data, &b); err != nil || b.Worker == s.id || b.Dataset != self.Dataset {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !b.Gone {
		s.others[b.Worker] = otherWorker{b, now}
		return
	}
	if _, known := s.others[b.Worker]; known {
		delete(s.others, b.Worker)
		s.takeOver("another worker has left")
	}
}

// forgetSilent drops the workers that sent no beat since a time.
func (s *standby) forgetSilent(since time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, f := range s.others {
		if f.at.Before(since) {
			delete(s.others, id)
			s.takeOver("another worker has fallen silent")
		}
	}
}

func (s *standby) takeOver(why string) {
	s.log.Info(why + ": looking at once")
	s.wakeWorker()
}

// findActive returns the active worker if it is not this one.
func (s *standby) findActive() (active heartbeat, ok bool) {
	self := s.selfBeat()
	if self.Gone {
		return heartbeat{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	active = self
	for _, f := range s.others {
		if f.hasPrecedenceOver(active) {
			active = f.heartbeat
		}
	}
	return active, active.Worker != self.Worker
}

// A heartbeat is the state of a worker, as it sends it to others.
type heartbeat struct {
	Worker  string    `json:"worker"`
	Dataset string    `json:"dataset"`
	Since   time.Time `json:"since"`
	Wrote   event.Seq `json:"wrote"`          // the last message that it published
	Gone    bool      `json:"gone,omitempty"` // it ends, or its passes fail
}

// hasPrecedenceOver reports whether a worker is active rather than another: the one
// that published last is or, if none has, the one that began first.
func (b heartbeat) hasPrecedenceOver(other heartbeat) bool {
	switch {
	case b.Wrote != other.Wrote:
		return b.Wrote > other.Wrote
	case !b.Since.Equal(other.Since):
		return b.Since.Before(other.Since)
	}
	return b.Worker < other.Worker
}

// ownBeat returns the beat of this process's worker.
func (n *node) ownBeat() heartbeat {
	s := n.worker.Status()
	return heartbeat{Dataset: s.Dataset, Since: n.started, Wrote: s.Wrote, Gone: s.Error != "" || s.Checked.IsZero()}
}

// runScheduled wakes the worker at a time of the schedule. A worker on standby lets
// the active one go first, so that it finds the work done.
func (n *node) runScheduled(ctx context.Context) {
	if n.standby != nil {
		n.standby.yieldToActive(ctx)
	}
	n.worker.Tick()
}

// brokerAnswers reports whether the broker answers for the stream.
func (n *node) brokerAnswers(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, beatEvery)
	defer cancel()
	var s ops.Stream
	n.readStreamEnd(ctx, &s)
	return s.Error == ""
}

// standbyLine says why the worker of this process does not publish; "" if it does.
func (n *node) standbyLine() string {
	if n.standby == nil {
		return ""
	}
	active, ok := n.standby.findActive()
	switch {
	case !ok:
		return ""
	case active.Wrote == 0:
		return "another worker was there first"
	}
	return fmt.Sprintf("another worker published up to message %d", active.Wrote)
}
