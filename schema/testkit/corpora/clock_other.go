//go:build !linux

package corpora

import "time"

var start = time.Now()

// Clock returns the time that has passed. Where threads have clocks of their
// own, it is theirs.
func Clock() time.Duration { return time.Since(start) }
