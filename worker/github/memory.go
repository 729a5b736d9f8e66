package github

import (
	"sync"
	"time"
)

// A memory knows the deliveries of the last while by their ids. The zero value
// is ready. It is safe for use by several goroutines.
//
// It keeps two generations, so that it neither grows without end nor forgets
// all at once: an id is remembered for at least an hour, or until as many as
// fit into a generation came after it. Only who knows the secret gets an id
// into it.
type memory struct {
	mu       sync.Mutex
	now, old map[string]struct{}
	since    time.Time
}

const (
	generation     = time.Hour
	generationSize = 10_000
)

// isFirst records an id and reports whether it is new.
func (m *memory) isFirst(id string, at time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.now == nil || at.Sub(m.since) >= generation || len(m.now) >= generationSize {
		m.now, m.old, m.since = make(map[string]struct{}), m.now, at
	}
	_, again := m.now[id]
	if _, before := m.old[id]; before {
		again = true
	}
	m.now[id] = struct{}{}
	return !again
}
