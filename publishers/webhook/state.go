package webhook

import (
	"cmp"
	"slices"
	"time"

	"netsync/schema/event"
)

// A Delivery is one event that an endpoint has not taken yet.
type Delivery struct {
	ID       string    `json:"id"`       // of the event, and of all tries
	Sequence event.Seq `json:"sequence"` // of the event in the stream
	Attempts int       `json:"attempts,omitempty"`
	Tried    time.Time `json:"tried,omitzero"`
	Next     time.Time `json:"next,omitzero"` // when it is tried again; in a dead one, nothing
	Error    string    `json:"error,omitempty"`
	// Gap is what is delivered in the place of an event; nil for an event.
	Gap *Gap `json:"gap,omitempty"`
}

// A State is how far an endpoint has been told. It lies in the broker, so that
// any of several processes can go on with it.
type State struct {
	// Changeset is the changeset event up to which all was noted.
	Changeset event.Seq `json:"changeset"`
	// Epoch is that of the stream in which it counts; "" where an older netsync
	// noted none.
	Epoch string `json:"epoch,omitempty"`
	// Sequence is the message up to which all was noted: the same or, where
	// there was no room for all of the next changeset, one of its record events.
	Sequence event.Seq  `json:"sequence"`
	Pending  []Delivery `json:"pending"`           // in the stream's order
	Dead     []Delivery `json:"dead"`              // given up, the oldest first
	Dropped  int        `json:"dropped,omitempty"` // dead ones that there was no room for
	Made     uint64     `json:"made"`              // deliveries that were taken
	Last     time.Time  `json:"last,omitzero"`     // when one was
	// Gone is when the endpoint said that it is gone for good (410): nothing is
	// sent to it until somebody has it resumed.
	Gone  time.Time `json:"gone,omitzero"`
	Claim Claim     `json:"claim,omitzero"`
}

// A Claim is what a process has while it makes a delivery.
type Claim struct {
	By    string    `json:"by"`
	Until time.Time `json:"until"`
}

// Limits of a state, which has to fit into a message of the broker.
const (
	maxPending = 500
	maxDead    = 500
	maxReason  = 200 // characters of an error
)

// pauses are those before a delivery is made again. After the last one it is
// given up: three days after the first try (Standard Webhooks 1.0.0, "Retry
// schedule").
var pauses = []time.Duration{
	5 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour,
	5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
}

// nextDelivery returns a delivery that is due, or the time until one will be.
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

// addChangeset adds the deliveries of a complete changeset that are not in the state,
// as many as there is room for, and reports whether all of them are.
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

// addDeliveries adds pending deliveries. Those to an endpoint that is gone are dead at
// once.
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
