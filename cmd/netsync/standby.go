package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"go.uber.org/zap"
)

// Workers on one broker tell each other that they are well. The fence keeps
// them from publishing twice whatever happens here: this only makes another
// worker look at once when one falls silent, whose wake-up may have got lost
// with it, and lets a status tell which of them is on standby.
const (
	beatEvery = time.Second
	silence   = 4 * beatEvery
	// probeEvery is how often a worker that fails asks whether the broker
	// answers again.
	probeEvery = 4 * beatEvery
	// yieldFor is how much later a worker on standby looks.
	yieldFor = 2 * time.Second
)

// actionBeat is the subject that beats go over.
const actionBeat = "worker"

// A colleague is the worker that a standby speaks for.
type colleague interface {
	beat() beat // without Worker
	answers(context.Context) bool
}

// A standby listens to the other workers.
type standby struct {
	id  string
	own colleague
	// look makes the worker look at once.
	look func()
	log  *zap.Logger

	mu    sync.Mutex
	heard map[string]fellow
}

// A fellow is another worker, and when it was heard last.
type fellow struct {
	beat
	at time.Time
}

func newStandby(own colleague, look func(), log *zap.Logger) *standby {
	return &standby{id: rand.Text(), own: own, look: look, log: log, heard: make(map[string]fellow)}
}

// self is the beat of this worker at this moment.
func (s *standby) self() beat {
	b := s.own.beat()
	b.Worker = s.id
	return b
}

// run tells and listens until ctx ends. It also makes the worker look when the
// broker is back, instead of after the pause of a pass that failed meanwhile.
func (s *standby) run(ctx context.Context, nc *nats.Conn, subject string) error {
	sub, err := nc.Subscribe(subject, func(m *nats.Msg) { s.hear(m.Data, time.Now()) })
	if err != nil {
		return fmt.Errorf("listen to other workers: %w", err)
	}
	defer func() { _ = sub.Unsubscribe() }() // the connection may be closed by now
	back := nc.StatusChanged(nats.CONNECTED)
	defer nc.RemoveStatusListener(back)
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	told, down, probed := s.tell(nc, subject, true), false, time.Now()
	for {
		select {
		case <-ctx.Done():
			if told {
				s.leave(nc, subject)
			}
			return nil
		case <-back:
			s.look()
		case now := <-tick.C:
			told = s.tell(nc, subject, !told)
			s.forget(now.Add(-silence))
			if !told && now.Sub(probed) >= probeEvery {
				down, probed = s.probe(ctx, down), now
			}
		}
	}
}

// tell says that this worker is well, and returns whether it is. One that
// fails says so once and is silent then, as if it had ended. Beats that do not
// arrive are for the others to notice.
func (s *standby) tell(nc *nats.Conn, subject string, silent bool) bool {
	b := s.self()
	if b.Gone && silent {
		return false
	}
	if data, err := json.Marshal(b); err == nil {
		_ = nc.Publish(subject, data)
	}
	return !b.Gone
}

// probe looks where the broker answers again, a cluster that has a majority
// again perhaps, and returns whether it is down.
func (s *standby) probe(ctx context.Context, wasDown bool) (down bool) {
	down = !s.own.answers(ctx)
	if wasDown && !down {
		s.look()
	}
	return down
}

// yield returns at once where this worker is active, and after a moment where
// another is.
func (s *standby) yield(ctx context.Context) {
	if _, behind := s.behind(); !behind {
		return
	}
	select {
	case <-ctx.Done():
	case <-time.After(yieldFor):
	}
}

// leave spares the others the wait for a silence.
func (s *standby) leave(nc *nats.Conn, subject string) {
	b := s.self()
	b.Gone = true
	if data, err := json.Marshal(b); err == nil {
		_ = nc.Publish(subject, data)
		_ = nc.FlushTimeout(time.Second)
	}
}

// hear takes in a beat. Workers of other datasets may share the subject.
func (s *standby) hear(data []byte, now time.Time) {
	var b beat
	self := s.self()
	if err := json.Unmarshal(data, &b); err != nil || b.Worker == s.id || b.Dataset != self.Dataset {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !b.Gone {
		s.heard[b.Worker] = fellow{b, now}
		return
	}
	if _, known := s.heard[b.Worker]; known {
		delete(s.heard, b.Worker)
		s.takeOver("another worker has left")
	}
}

// forget drops the workers that were not heard since a time.
func (s *standby) forget(since time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, f := range s.heard {
		if f.at.Before(since) {
			delete(s.heard, id)
			s.takeOver("another worker has fallen silent")
		}
	}
}

func (s *standby) takeOver(why string) {
	s.log.Info(why + ": looking at once")
	s.look()
}

// behind returns the worker that is active, where that is not this one.
func (s *standby) behind() (active beat, ok bool) {
	self := s.self()
	if self.Gone {
		return beat{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	active = self
	for _, f := range s.heard {
		if f.outranks(active) {
			active = f.beat
		}
	}
	return active, active.Worker != self.Worker
}
