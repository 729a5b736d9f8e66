package worker

import (
	"runtime/debug"
	"sync"
)

// laterPercent is how much garbage may lie about, in percent of what is kept,
// while a whole dataset is read. Then what is kept grows from nothing, and to
// look through it at each doubling costs a sixth of the time.
const laterPercent = 300

var later struct {
	sync.Mutex
	users, before int
}

// collectLater makes collections of garbage rarer until the function that it
// returns is called. Where somebody set them to be as rare or off, that stays.
func collectLater() (done func()) {
	later.Lock()
	defer later.Unlock()
	if later.users++; later.users == 1 {
		later.before = debug.SetGCPercent(laterPercent)
		if later.before < 0 || later.before > laterPercent {
			debug.SetGCPercent(later.before)
		}
	}
	return func() {
		later.Lock()
		defer later.Unlock()
		if later.users--; later.users == 0 {
			debug.SetGCPercent(later.before)
		}
	}
}
