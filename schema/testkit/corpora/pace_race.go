//go:build race

package corpora

import "time"

// Limit is ten times what it is without the race detector, which slows
// programs down as much.
const Limit = 10 * time.Second
