package newsletter

import (
	"context"
	"sync"
)

// A claimedRecipient is a recipient whose message this process sends.
type claimedRecipient struct {
	recipient
	mark
}

// A queue passes claimed recipients to several senders. It is unbuffered, as
// claimed but unsent recipients are uncertain after a crash.
type queue struct {
	next chan claimedRecipient // closed after the last one

	mu      sync.Mutex
	changed sync.Cond          // signals changes of left or open
	left    []claimedRecipient // by senders that gave up
	open    int                // recipients that were offered and are not finished
	senders int                // active senders
}

func newQueue(senders int) *queue {
	q := &queue{next: make(chan claimedRecipient), senders: senders}
	q.changed.L = &q.mu
	return q
}

// offerRecipient waits until a sender takes a recipient, or ctx ends.
func (q *queue) offerRecipient(ctx context.Context, c claimedRecipient) error {
	q.mu.Lock()
	q.open++
	q.mu.Unlock()
	select {
	case q.next <- c:
		return nil
	case <-ctx.Done():
		q.finishRecipient()
		return ctx.Err()
	}
}

// takeRecipient returns the next recipient, for which the sender then calls
// finishRecipient or leaveRecipient. It returns false after every recipient is
// finished, and unregisters the sender: until then another sender may fail and
// leave a recipient.
func (q *queue) takeRecipient() (claimedRecipient, bool) {
	if c, ok := q.takeLeft(false); ok {
		return c, true
	}
	if c, ok := <-q.next; ok {
		return c, true
	}
	return q.takeLeft(true)
}

// takeLeft returns a recipient that a sender left. With wait it returns false only
// after every recipient is finished, and unregisters the sender.
func (q *queue) takeLeft(wait bool) (claimedRecipient, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for wait && len(q.left) == 0 && q.open > 0 {
		q.changed.Wait()
	}
	if n := len(q.left); n > 0 {
		c := q.left[n-1]
		q.left = q.left[:n-1]
		return c, true
	}
	if wait {
		q.senders--
	}
	return claimedRecipient{}, false
}

// finishRecipient finishes a recipient after sending, successful or not.
func (q *queue) finishRecipient() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.open--
	q.changed.Broadcast()
}

// leaveRecipient unregisters a sender and leaves its recipient to the others. It
// returns false if there are none; then the sender still has to finish it.
func (q *queue) leaveRecipient(c claimedRecipient) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.senders--
	if q.senders == 0 {
		return false
	}
	q.left = append(q.left, c)
	q.changed.Broadcast()
	return true
}
