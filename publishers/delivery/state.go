package delivery

import (
	"cmp"
	"slices"
	"time"

	"netsync/schema/event"
)

// A Delivery is one message that an endpoint has not accepted yet.
type Delivery struct {
	ID       string    `json:"id"`       // of the event, the same for all attempts
	Sequence event.Seq `json:"sequence"` // of the event in the stream
	Attempts int       `json:"attempts,omitempty"`
	Tried    time.Time `json:"tried,omitzero"`
	Next     time.Time `json:"next,omitzero"` // attempt; zero in a dead one
	Error    string    `json:"error,omitempty"`
	Gap      *Gap      `json:"gap,omitempty"` // instead of an event
}

// A State is how far the deliveries to an endpoint are. The broker keeps it, so that
// any of several processes can continue.
type State struct {
	Changeset event.Seq `json:"changeset"`       // the last changeset whose deliveries are all in the state
	Epoch     string    `json:"epoch,omitempty"` // of the stream; "" by an older netsync
	// Sequence is the last message whose delivery is in the state: that changeset or,
	// without room for all of the next one, a record event of the next.
	Sequence event.Seq  `json:"sequence"`
	Pending  []Delivery `json:"pending"`           // in the stream's order
	Dead     []Delivery `json:"dead"`              // given up, the oldest first
	Dropped  int        `json:"dropped,omitempty"` // dead ones without room for them
	Made     uint64     `json:"made"`              // deliveries that were accepted
	Last     time.Time  `json:"last,omitzero"`     // when one was
	Gone     time.Time  `json:"gone,omitzero"`     // when the endpoint answered 410; a replay resumes it
	Claim    Claim      `json:"claim,omitzero"`
}

// A Claim is the right of a process to make the next delivery.
type Claim struct {
	By    string    `json:"by"`
	Until time.Time `json:"until"`
}

// Limits of a state, which must fit into a message of the broker.
const (
	maxPending = 500
	maxDead    = 500
	maxReason  = 200 // characters of an error
)

// pauses are the pauses before the next attempts. A delivery that fails after the last
// one, three days after the first attempt, is given up (Standard Webhooks 1.0.0,
// "Retry schedule").
var pauses = []time.Duration{
	5 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour,
	5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
}

// nextDelivery returns a delivery that is due, or the time until one is.
func (s *State) nextDelivery(now time.Time) (d Delivery, wait time.Duration, ok bool) {
	if len(s.Pending) == 0 || !s.Gone.IsZero() {
		return Delivery{}, longWait, false
	}
	first := slices.MinFunc(s.Pending, func(a, b Delivery) int {
		return cmp.Or(max(a.Next.Compare(now), 0)-max(b.Next.Compare(now), 0), cmp.Compare(a.Sequence, b.Sequence))
	})
	if !first.Next.After(now) {
		return first, 0, true
	}
	soonest := slices.MinFunc(s.Pending, func(a, b Delivery) int { return a.Next.Compare(b.Next) })
	return Delivery{}, soonest.Next.Sub(now), false
}

// addChangeset adds the deliveries of a changeset that the state lacks, as many as
// there is room for, and reports whether it has all of them.
func (s *State) addChangeset(changeset event.Seq, found []Delivery) (done bool) {
	if s.Sequence >= changeset {
		return true // by another process
	}
	rest := slices.DeleteFunc(slices.Clone(found), func(d Delivery) bool { return d.Sequence <= s.Sequence })
	now := rest[:min(len(rest), max(0, maxPending-len(s.Pending)))]
	s.addDeliveries(now)
	if len(now) == len(rest) {
		s.Changeset, s.Sequence = changeset, changeset
		return true
	}
	if len(now) > 0 {
		s.Sequence = now[len(now)-1].Sequence
	}
	return false
}

// addDeliveries adds pending deliveries, or dead ones if the endpoint is gone.
func (s *State) addDeliveries(all []Delivery) {
	if s.Gone.IsZero() {
		s.Pending = append(s.Pending, all...)
		return
	}
	for _, d := range all {
		d.Error = "the endpoint is gone"
		s.addDead(d)
	}
}

func (s *State) addDead(d Delivery) {
	d.Next = time.Time{}
	s.Dead = append(s.Dead, d)
	if over := len(s.Dead) - maxDead; over > 0 {
		s.Dead = slices.Delete(s.Dead, 0, over)
		s.Dropped += over
	}
}

// recordResult records the result of a delivery.
func (s *State) recordResult(d Delivery, r result, now time.Time, pauses []time.Duration) {
	at := slices.IndexFunc(s.Pending, func(p Delivery) bool { return p.ID == d.ID && p.Sequence == d.Sequence })
	if at < 0 {
		return
	}
	p := &s.Pending[at]
	p.Attempts++
	p.Tried, p.Error = now, shortenReason(r.reason)
	switch {
	case r.ok:
		s.Pending = slices.Delete(s.Pending, at, at+1)
		s.Made++
		s.Last = now
	case r.gone:
		s.Gone = now
		for _, p := range s.Pending {
			p.Error = cmp.Or(p.Error, "the endpoint is gone")
			s.addDead(p)
		}
		s.Pending = nil
	case p.Attempts > len(pauses):
		s.addDead(*p)
		s.Pending = slices.Delete(s.Pending, at, at+1)
	default:
		p.Next = now.Add(max(pauses[p.Attempts-1], r.after))
	}
}

// replayDead makes dead deliveries pending again; all of them if none is named.
func (s *State) replayDead(ids []string, now time.Time) (count int) {
	s.Gone = time.Time{}
	s.Dead = slices.DeleteFunc(s.Dead, func(d Delivery) bool {
		if len(ids) > 0 && !slices.Contains(ids, d.ID) || len(s.Pending) >= maxPending {
			return false
		}
		s.Pending = append(s.Pending, Delivery{ID: d.ID, Sequence: d.Sequence, Next: now, Error: d.Error, Gap: d.Gap})
		count++
		return true
	})
	slices.SortStableFunc(s.Pending, func(a, b Delivery) int { return cmp.Compare(a.Sequence, b.Sequence) })
	return count
}

func shortenReason(reason string) string {
	if runes := []rune(reason); len(runes) > maxReason {
		return string(runes[:maxReason-1]) + "…"
	}
	return reason
}
