package release

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"runtime"
	"testing"
	"time"
)

var benchFiles = flag.Int("amend.files", 20_000, "how many files BenchmarkAmend's release has")

// BenchmarkAmend changes 30 of many files, as a change to one record does. The
// release has the layout of a website: every page is a folder of its own. It
// also reports the time of a complete stage of the same release, and the memory
// that each amendment retains.
func BenchmarkAmend(b *testing.B) {
	d, err := Open(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	n := *benchFiles
	name := func(i int) string { return fmt.Sprintf("networks/%02x/record-%06d/index.html", i%256, i) }
	page := make([]byte, 2000)
	content := func(i, round int) []byte {
		sum := sha256.Sum256(fmt.Appendf(nil, "%d %d", i, round))
		copy(page, sum[:])
		return page
	}
	round := 0
	stage := func() {
		s, err := d.Stage(fmt.Sprintf("%09d", round), false)
		if err != nil {
			b.Fatal(err)
		}
		for i := range n {
			r := 0
			if i < 30 {
				r = round
			}
			if err := s.Write(name(i), content(i, r)); err != nil {
				b.Fatal(err)
			}
		}
		if _, err := s.Flip(); err != nil {
			b.Fatal(err)
		}
		round++
	}
	stage()
	began := b.Elapsed()
	stage()
	whole := b.Elapsed() - began
	amend := func() {
		s, err := d.Amend(fmt.Sprintf("%09d", round))
		if err != nil {
			b.Fatal(err)
		}
		for i := range 30 {
			at := i
			if i >= 10 { // some pages change each time, others do not
				at = (round*7919 + i*104729) % n
			}
			if err := s.Write(name(at), content(at, round)); err != nil {
				b.Fatal(err)
			}
		}
		if _, err := s.Flip(); err != nil {
			b.Fatal(err)
		}
		round++
	}
	for range defaultKeep + 2 {
		amend() // the first ones find no spare
	}
	before := heap()
	b.ResetTimer()
	for b.Loop() {
		amend()
	}
	b.StopTimer()
	each := b.Elapsed() / time.Duration(b.N)
	b.ReportMetric(float64(whole)/float64(each), "times-faster-than-a-stage")
	b.ReportMetric(whole.Seconds()*1000, "stage-ms")
	b.ReportMetric(float64(heap()-before)/float64(b.N), "B-kept/op")
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
