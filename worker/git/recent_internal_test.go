package git

import (
	"fmt"
	"testing"
)

// What is kept is bounded by size and by number, and the newest stay.
func TestRecentIsBounded(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		size, puts  int
		least, most int // objects that are kept
	}{
		{"small ones", 100, 3 * maxObjects, maxObjects, maxObjects},
		{"large ones", maxRecent / 3, 10, 3, 3},
		{"one that is too large", maxRecent/2 + 1, 2, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var r recent
			for i := range c.puts {
				r.put(ObjectID(fmt.Sprint(i)), object{"blob", make([]byte, c.size)})
				r.put(ObjectID(fmt.Sprint(i)), object{"blob", make([]byte, c.size)}) // once more is no more
			}
			size := 0
			for _, o := range r.byID {
				size += len(o.data)
			}
			if len(r.byID) < c.least || len(r.byID) > c.most || len(r.order) != len(r.byID) || size != r.size || size > maxRecent {
				t.Errorf("%d objects of %d bytes, counted as %d; %d in order", len(r.byID), size, r.size, len(r.order))
			}
			if _, ok := r.get(ObjectID(fmt.Sprint(c.puts - 1))); ok != (c.least > 0) {
				t.Errorf("the newest is kept: %v", ok)
			}
		})
	}
}
