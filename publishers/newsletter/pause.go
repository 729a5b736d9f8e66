package newsletter

import (
	"errors"
	"time"
)

// maxPauses is how long a pause gets, in first ones: half an hour for one of a
// minute.
const maxPauses = 30

// pauses says how long Run waits before it tries again. A mail server that puts
// messages off is asked less often each time, as RFC 5321 §4.5.4.1 has it, until
// it takes one.
type pauses struct {
	first  time.Duration
	digest string // that is unfinished
	failed int    // how often in a row nobody got it
}

// after returns the pause after a try.
func (p *pauses) after(r Report, err error) time.Duration {
	_, unfinished := errors.AsType[*UnfinishedError](err)
	switch {
	case !unfinished || r.Sent > 0:
		p.digest, p.failed = "", 0
	case r.Digest != p.digest:
		p.digest, p.failed = r.Digest, 0
	default:
		p.failed++
	}
	if p.failed >= 5 { // 1, 2, 4, 8, 16, and then the longest
		return maxPauses * p.first
	}
	return p.first << p.failed
}
