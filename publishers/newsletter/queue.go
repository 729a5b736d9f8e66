package newsletter

import (
	"iter"
	"sync"
)

// A queue hands out recipients to several senders.
type queue struct {
	mu      sync.Mutex
	pull    func() (recipient, error, bool)
	left    []recipient // by senders that gave up
	senders int         // that are at work
}

// newQueue begins a queue for so many senders; end it when all have left.
func newQueue(all iter.Seq2[recipient, error], senders int) (q *queue, end func()) {
	pull, stop := iter.Pull2(all)
	return &queue{pull: pull, senders: senders}, stop
}

// take returns the next recipient; nil where there is none, and then the
// sender has left.
func (q *queue) take() (recipient, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if last := len(q.left) - 1; last >= 0 {
		r := q.left[last]
		q.left = q.left[:last]
		return r, nil
	}
	r, err, ok := q.pull()
	if err != nil || !ok {
		q.senders--
		return nil, err
	}
	return r, nil
}

// leave lets a sender go and leaves its recipient to the others. It is false
// where there are none: nobody would take it.
func (q *queue) leave(r recipient) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.senders--
	if q.senders == 0 {
		return false
	}
	q.left = append(q.left, r)
	return true
}
