package newsletter

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"netsync/publishers/newsletter/mail"
)

// A counter counts the results of a digest's messages. It is safe for
// concurrent use.
type counter struct {
	handed   func(mail.Outcome)    // may be nil
	progress func(done, total int) // may be nil

	mu           sync.Mutex
	report       Report
	reasons      []string  // distinct reasons for deferrals, sorted
	lastProgress time.Time // time of the last progress call
}

// progressEvery is the minimum interval of progress calls.
const progressEvery = 200 * time.Millisecond

// countEarlier counts a recipient that was handled before. Which claims are
// uncertain is known only after all are read.
func (c *counter) countEarlier(m mark) {
	c.add(func(r *Report) {
		switch m.State {
		case stateRefused:
			r.Refused++
		case stateUncertain:
			r.Uncertain++
		case stateNotDue: // not counted
		default:
			r.Already++
		}
	})
}

// countResult counts a sent message; "" is one to be sent again.
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

// recordDeferral records the reason why the server deferred a message.
func (c *counter) recordDeferral(why string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at, known := slices.BinarySearch(c.reasons, why); !known {
		c.reasons = slices.Insert(c.reasons, at, why)
	}
}

// finalReport returns the report when counting is over; err is the error that
// ended sending, if any.
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
