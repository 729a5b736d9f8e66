package newsletter

import "sync"

// A claimed recipient is one to send to: nobody else does.
type claimed struct {
	recipient
	mark
}

// A queue hands claimed recipients to several senders. None waits in it: what is
// claimed and not yet sent is uncertain after a crash.
type queue struct {
	next chan claimed // closed after the last one

	mu      sync.Mutex
	left    []claimed // by senders that gave up
	senders int       // that are at work
}

func newQueue(senders int) *queue { return &queue{next: make(chan claimed), senders: senders} }

// take returns the next recipient. Where it is false there is none, and the
// sender has left.
func (q *queue) take() (claimed, bool) {
	if c, ok := q.takeLeft(false); ok {
		return c, true
	}
	if c, ok := <-q.next; ok {
		return c, true
	}
	return q.takeLeft(true)
}

// takeLeft takes what a sender left; where there is nothing and it was the last
// chance, the sender has left.
func (q *queue) takeLeft(last bool) (claimed, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if n := len(q.left); n > 0 {
		c := q.left[n-1]
		q.left = q.left[:n-1]
		return c, true
	}
	if last {
		q.senders--
	}
	return claimed{}, false
}

// leave lets a sender go and leaves its recipient to the others. It is false
// where there are none: nobody would take it.
func (q *queue) leave(c claimed) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.senders--
	if q.senders == 0 {
		return false
	}
	q.left = append(q.left, c)
	return true
}
