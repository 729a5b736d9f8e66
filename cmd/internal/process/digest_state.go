package process

import (
	"sync"
	"time"

	"netsync/cmd/internal/ops"
	"netsync/publishers/newsletter"
)

// A digestState is the outcome of the digests of this process.
type digestState struct {
	metrics *ops.Metrics

	mu   sync.Mutex
	last ops.Digest
}

// noteReport notes the outcome of a digest.
func (d *digestState) noteReport(r newsletter.Report, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.last.Sending = nil
	switch {
	case r == (newsletter.Report{}) && err == nil: // none waits any more
		d.last.Waits, d.last.Waiting = "", time.Time{}
		return
	case err != nil:
		d.metrics.Digest(ops.DigestFailed)
		d.last.Error = err.Error()
		if d.last.Failing.IsZero() {
			d.last.Failing = time.Now()
		}
		return
	case r.Skipped != "":
		return // it says nothing about whether digests can be sent
	case !r.Waiting.IsZero():
		d.last.Waits, d.last.Waiting = r.Digest, r.Waiting
		d.last.Error, d.last.Failing = "", time.Time{}
		return
	}
	now, last := time.Now(), d.last.Last
	if r.Empty {
		d.metrics.Digest(ops.DigestEmpty)
	} else {
		d.metrics.Digest(ops.DigestSent)
		last = &ops.Mailing{Done: now, Sent: r.Sent + r.Already, Refused: r.Refused, Uncertain: r.Uncertain}
		if r.Campaign != 0 {
			last.Campaign, last.Recipients = r.Campaign, r.Recipients
		}
	}
	d.last = ops.Digest{Done: now, Last: last}
}

// noteEarlier notes the outcome of the last digest that an earlier process sent.
func (d *digestState) noteEarlier(s newsletter.Sent) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.last.Done.IsZero() {
		d.last.Done = s.Completed
		d.last.Last = &ops.Mailing{Done: s.Completed, Sent: s.Sent, Refused: s.Refused, Uncertain: s.Uncertain}
	}
}

// noteProgress notes how many recipients of a digest are done.
func (d *digestState) noteProgress(done, total int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.last.Sending = &ops.Sending{Done: done, Total: total}
}

// noteStopped notes that no digest is being sent, without a report of one.
func (d *digestState) noteStopped() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.last.Sending = nil
}

func (d *digestState) readStatus() *ops.Digest {
	d.mu.Lock()
	defer d.mu.Unlock()
	last := d.last
	return &last
}
