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

	mu     sync.Mutex
	report Report
	why    []string  // why messages are put off, each once, sorted
	told   time.Time // of the progress, last
}

// progressEvery is how often progress is told of at most.
const progressEvery = 200 * time.Millisecond

// before counts a recipient that was dealt with before. Which of the claimed
// ones are uncertain is known when all have been read.
func (c *counter) before(m mark) {
	c.add(func(r *Report) {
		switch m.State {
		case stateRefused:
			r.Refused++
		case stateUncertain:
			r.Uncertain++
		case statePassed: // neither before nor now
		default:
			r.Already++
		}
	})
}

// now counts a message that was handed over; "" is one that is sent again.
func (c *counter) now(o mail.Outcome) {
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
	done, total := c.report.done(), c.report.Recipients
	if now := time.Now(); c.progress != nil && (done == total || now.Sub(c.told) >= progressEvery) {
		c.told = now
		c.progress(done, total)
	}
}

// putOff notes why a message was not taken this time.
func (c *counter) putOff(why string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at, known := slices.BinarySearch(c.why, why); !known {
		c.why = slices.Insert(c.why, at, why)
	}
}

// result is what it came to. Call it when nobody counts any more; the error is
// why it ended early, if it did.
func (c *counter) result(err error) (Report, error) {
	if err == nil && len(c.why) > 0 {
		err = fmt.Errorf("%v", c.why)
	}
	if err == nil {
		return c.report, nil
	}
	open := c.report.Recipients - c.report.done()
	return c.report, &UnfinishedError{c.report.Digest, open, err}
}
