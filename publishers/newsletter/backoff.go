package newsletter

import (
	"errors"
	"time"
)

// maxBackoff is the maximum pause as a multiple of the initial one.
const maxBackoff = 30

// A backoff computes the pauses of Run. If a mail server defers messages, the
// pause doubles each time, as RFC 5321 §4.5.4.1 recommends, until it accepts
// one.
type backoff struct {
	initial  time.Duration
	digest   string // the unfinished digest
	failures int    // consecutive tries without a sent message
}

// nextPause returns the pause after a try.
func (b *backoff) nextPause(r Report, err error) time.Duration {
	_, unfinished := errors.AsType[*UnfinishedError](err)
	switch {
	case !unfinished || r.Sent > 0:
		b.digest, b.failures = "", 0
	case r.Digest != b.digest:
		b.digest, b.failures = r.Digest, 0
	default:
		b.failures++
	}
	if b.failures >= 5 { // 1, 2, 4, 8, 16, then the maximum
		return maxBackoff * b.initial
	}
	return b.initial << b.failures
}
