package feed_test

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkPublish measures a small change to a full feed of records of usual
// size.
func BenchmarkPublish(b *testing.B) {
	h := &history{tb: b}
	text := strings.Repeat("Una Europa aims to build the University of the Future. ", 30)
	for i := range 200 {
		h.commit("Edit", "Ada", []edit{{"networks/a", fmt.Sprintf(
			`{"name":{"en":"A"},"description":{"en":%q},"members":{"count":%d}}`, text, i)}})
	}
	f := open(b, b.TempDir(), 100)
	publish(b, f, h.edition(0, 100, true))
	b.ResetTimer()
	for i := range b.N {
		if i%100 == 0 {
			publish(b, f, h.edition(0, 100, true))
		}
		n := 100 + i%100
		publish(b, f, h.edition(n, n+1, false))
	}
}
