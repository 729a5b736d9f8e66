package main

import (
	"bytes"
	"testing"
	"time"
)

func TestAReplayShowsHowFarItIs(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p := &progress{w: &out, from: 11, last: 110, unit: "events"}
	p.show(60)
	p.show(61) // too soon
	p.next = time.Time{}
	p.show(109)
	p.show(110)
	p.show(111) // new since the replay began
	want := "\r[===============...............] 50 of 100 events" +
		"\r[=============================.] 99 of 100 events" + "\r\x1b[K"
	if got := out.String(); got != want {
		t.Errorf("shown:\n%q, want\n%q", got, want)
	}
	silent := newProgress(1, 10)
	silent.next = time.Time{}
	silent.show(5) // a test's output is no terminal
	silent.clear()
}
