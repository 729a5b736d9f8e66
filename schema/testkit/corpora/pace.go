//go:build !race

package corpora

import "time"

// Limit is the time in which any one file of a dataset must have been read and
// checked.
const Limit = time.Second
