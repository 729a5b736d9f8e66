package newsletter

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"netsync/publishers/newsletter/mail"
)

// A counter counts what becomes of a digest's messages, for several goroutines.
type counter struct {
	handed   func(mail.Outcome)    // may be nil
	progress func(done, total int) // may be nil

	mu           sync.Mutex
	report       Report
	reasons      []string  // why messages are put off, each once, sorted
	lastProgress time.Time // of the progress, last
}

// progressEvery is how often progress is told of at most.
const progressEvery = 200 * time.Millisecond

// countEarlier counts a recipient that was dealt with before. Which of the claimed
// ones are uncertain is known when all have been read.
func (c *counter) countEarlier(m mark) {
	c.add(func(r *Report) {
		switch m.State {
		case stateRefused:
			r.Refused++
		case stateUncertain:
			r.Uncertain++
		case stateNotDue: // neither before nor now
		default:
			r.Already++
		}
	})
}

// countResult counts a message that was handed over; "" is one that is sent again.
func (c *counter) countResult(o mail.Outcome) {
	c.add(func(r *Report) {
		switch o {
		case mail.Sent:
			r.Sent++
		case mail.Refused:
			r.Refused++
		case mail.Uncertain:
			r.Uncertain++
		}
	})
	if o != "" && c.handed != nil {
		c.handed(o)
	}
}

func (c *counter) add(count func(*Report)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	count(&c.report)
	done, total := c.report.handledCount(), c.report.Recipients
	if now := time.Now(); c.progress != nil && (done == total || now.Sub(c.lastProgress) >= progressEvery) {
		c.lastProgress = now
		c.progress(done, total)
	}
}

// recordDeferral notes why a message was not taken this time.
func (c *counter) recordDeferral(why string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at, known := slices.BinarySearch(c.reasons, why); !known {
		c.reasons = slices.Insert(c.reasons, at, why)
	}
}

// finalReport is what it came to. Call it when nobody counts any more; the error is
// why it ended early, if it did.
func (c *counter) finalReport(err error) (Report, error) {
	if err == nil && len(c.reasons) > 0 {
		err = fmt.Errorf("%v", c.reasons)
	}
	if err == nil {
		return c.report, nil
	}
	open := c.report.Recipients - c.report.handledCount()
	return c.report, &UnfinishedError{c.report.Digest, open, err}
}
