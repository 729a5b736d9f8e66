package process

import (
	"errors"
	"testing"
	"time"

	"netsync/cmd/internal/ops"
	"netsync/publishers/newsletter"
)

// The status tells how far a digest is, and goes on telling what became of it.
func TestStatusTellsOfTheDigest(t *testing.T) {
	t.Parallel()
	d := &digestState{metrics: ops.NewMetrics()}
	sending := func(want string) {
		t.Helper()
		s := ops.Status{Digest: d.readStatus(), Time: time.Now()}
		for _, p := range s.Parts() {
			if p.Name == "digest" && p.State != want {
				t.Errorf("the digest: %q, want %q", p.State, want)
			}
		}
	}
	last := func(want ops.Mailing) {
		t.Helper()
		got := d.readStatus().Last
		if got == nil {
			t.Fatal("nothing is told of the last digest")
		}
		if want.Done = got.Done; *got != want {
			t.Errorf("last: %+v, want %+v", *got, want)
		}
	}
	sending("none was sent yet")
	d.noteProgress(1234, 10000)
	sending("sending: 1,234 of 10,000")
	d.noteReport(newsletter.Report{Recipients: 10000, Sent: 1234}, errors.New("the mail server is away"))
	sending("failing for 0 s: the mail server is away")
	d.noteProgress(10000, 10000)
	sending("failing for 0 s: the mail server is away") // until it is done
	d.noteReport(newsletter.Report{Recipients: 10000, Sent: 8763, Already: 1234, Refused: 2, Uncertain: 1}, nil)
	sending("done just now")
	last(ops.Mailing{Sent: 9997, Refused: 2, Uncertain: 1})
	d.noteReport(newsletter.Report{Empty: true}, nil)
	last(ops.Mailing{Sent: 9997, Refused: 2, Uncertain: 1})
	d.noteProgress(1, 2)
	d.noteStopped()
	sending("done just now")
}

// A process that begins knows what became of the last digest.
func TestStatusRemembersTheDigest(t *testing.T) {
	t.Parallel()
	d := &digestState{metrics: ops.NewMetrics()}
	before := newsletter.Sent{Completed: time.Now().Add(-time.Hour), Counts: newsletter.Counts{Sent: 3, Refused: 1}}
	d.noteEarlier(before)
	if got := d.readStatus(); !got.Done.Equal(before.Completed) || *got.Last != (ops.Mailing{Done: before.Completed, Sent: 3, Refused: 1}) {
		t.Errorf("%+v", got)
	}
	d.noteReport(newsletter.Report{Sent: 4}, nil)
	d.noteEarlier(before)
	if got := d.readStatus(); got.Last.Sent != 4 {
		t.Errorf("%+v", got.Last)
	}
}
