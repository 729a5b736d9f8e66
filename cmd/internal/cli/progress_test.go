package cli

import (
	"bytes"
	"testing"
	"time"
)

func TestAReplayShowsHowFarItIs(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p := &Progress{w: &out, from: 11, last: 110, unit: "events"}
	p.Show(60)
	p.Show(61) // too soon
	p.next = time.Time{}
	p.Show(109)
	p.Show(110)
	p.Show(111) // new since the replay began
	want := "\r[===============...............] 50 of 100 events" +
		"\r[=============================.] 99 of 100 events" + "\r\x1b[K"
	if got := out.String(); got != want {
		t.Errorf("shown:\n%q, want\n%q", got, want)
	}
	silent := NewProgress(1, 10)
	silent.next = time.Time{}
	silent.Show(5) // a test's output is no terminal
	silent.Clear()
}
