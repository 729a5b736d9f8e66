package newsletter

import (
	"errors"
	"time"
)

// maxBackoff is how long a pause gets, in first ones: half an hour for one of a
// minute.
const maxBackoff = 30

// backoff says how long Run waits before it tries again. A mail server that puts
// messages off is asked less often each time, as RFC 5321 §4.5.4.1 has it, until
// it takes one.
type backoff struct {
	initial  time.Duration
	digest   string // that is unfinished
	failures int    // how often in a row nobody got it
}

// nextPause returns the pause after a try.
func (p *backoff) nextPause(r Report, err error) time.Duration {
	_, unfinished := errors.AsType[*UnfinishedError](err)
	switch {
	case !unfinished || r.Sent > 0:
		p.digest, p.failures = "", 0
	case r.Digest != p.digest:
		p.digest, p.failures = r.Digest, 0
	default:
		p.failures++
	}
	if p.failures >= 5 { // 1, 2, 4, 8, 16, and then the longest
		return maxBackoff * p.initial
	}
	return p.initial << p.failures
}
