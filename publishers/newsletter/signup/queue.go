package signup

import (
	"slices"
	"sync"
	"time"

	"netsync/publishers/newsletter/subscribers"
)

// maxWaiting is the most queued invitations: as many as the process sends
// within maxDelay.
const maxWaiting = int(maxDelay / mailsEvery)

// An invitation is a mail to be sent.
type invitation struct {
	subscribers.Request
	tries int
	due   time.Time // by the clock of the limits; for a retry, by that of the machine
}

// A queue holds invitations until their networks have a turn, in order of due
// time.
type queue struct {
	mu      sync.Mutex
	waiting []invitation
	retried int           // invitations to be retried, which count as waiting
	added   chan struct{} // has one element after something was added
}

func newQueue() *queue { return &queue{added: make(chan struct{}, 1)} }

// add adds an invitation; it returns false if the queue is full.
func (q *queue) add(i invitation) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.isFullLocked() {
		return false
	}
	at, _ := slices.BinarySearchFunc(q.waiting, i.due, func(w invitation, due time.Time) int {
		if w.due.After(due) {
			return 1
		}
		return -1 // after those due at the same time
	})
	q.waiting = slices.Insert(q.waiting, at, i)
	select {
	case q.added <- struct{}{}:
	default:
	}
	return true
}

// isFullLocked is isFull with the lock held.
func (q *queue) isFullLocked() bool { return len(q.waiting)+q.retried >= maxWaiting }

// isFull reports whether the queue has no room for another invitation.
func (q *queue) isFull() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.isFullLocked()
}

// takeDue removes the first invitation if it is due and may be sent.
func (q *queue) takeDue(now time.Time, maySend func() bool) (invitation, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 || q.waiting[0].due.After(now) || !maySend() {
		return invitation{}, false
	}
	first := q.waiting[0]
	q.waiting = slices.Delete(q.waiting, 0, 1)
	return first, true
}

// setRetried sets how many invitations are tried again.
func (q *queue) setRetried(n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.retried = n
}

// isEmpty reports whether no invitation waits.
func (q *queue) isEmpty() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.waiting) == 0
}

// takeAll removes all invitations.
func (q *queue) takeAll() []invitation {
	q.mu.Lock()
	defer q.mu.Unlock()
	all := q.waiting
	q.waiting = nil
	return all
}
