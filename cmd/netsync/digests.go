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
	case r.Empty:
		d.metrics.Digest(ops.DigestEmpty)
	default:
		d.metrics.Digest(ops.DigestSent)
	}
	d.last = ops.Digest{Done: time.Now()}
}

func (d *digests) status() *ops.Digest {
	d.mu.Lock()
	defer d.mu.Unlock()
	last := d.last
	return &last
}
