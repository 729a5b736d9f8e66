package main

import (
	"sync"
	"time"

	"netsync/cmd/internal/ops"
	"netsync/publishers/newsletter"
)

// digests is what became of the digests that this process sent.
type digests struct {
	metrics *ops.Metrics

	mu   sync.Mutex
	last ops.Digest
}

// note takes in what became of a digest.
func (d *digests) note(r newsletter.Report, err error) {
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

// remember takes in what became of the last digest that an earlier process sent.
func (d *digests) remember(s newsletter.Sent) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.last.Done.IsZero() {
		d.last.Done = s.Completed
		d.last.Last = &ops.Mailing{Done: s.Completed, Sent: s.Sent, Refused: s.Refused, Uncertain: s.Uncertain}
	}
}

// progress takes in how many recipients of a digest need nothing more.
func (d *digests) progress(done, total int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.last.Sending = &ops.Sending{Done: done, Total: total}
}

// stopped takes in that no digest is being sent, where note hears nothing.
func (d *digests) stopped() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.last.Sending = nil
}

func (d *digests) status() *ops.Digest {
	d.mu.Lock()
	defer d.mu.Unlock()
	last := d.last
	return &last
}
