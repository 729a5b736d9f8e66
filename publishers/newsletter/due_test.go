package newsletter_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"netsync/publishers/newsletter"
)

func TestATimeOfTheScheduleIsDealtWithOnce(t *testing.T) {
	d := newDesk(t)
	n := d.newsletter(t, t.TempDir())
	due := d.now
	run := func(n *newsletter.Newsletter, due time.Time) newsletter.Report {
		t.Helper()
		r, err := n.RunDue(context.Background(), due)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if r := run(n, due); r.Sent != 3 {
		t.Errorf("%+v", r)
	}
	d.commit("More", []edit{{"networks/una-europa", replace(una, "10", "12")}})
	other := d.newsletter(t, t.TempDir())
	for _, again := range []time.Time{due, due.Add(-time.Hour)} {
		if r := run(other, again); r.Skipped != "done" {
			t.Errorf("%+v", r)
		}
	}
	d.now = due.Add(7 * 24 * time.Hour)
	if r := run(other, d.now.Add(-25*time.Hour)); r.Skipped != "late" {
		t.Errorf("%+v", r)
	}
	if r := run(other, d.now); r.Sent != 3 || r.Subject != "Networks and associations: 3 changes to Una Europa" {
		t.Errorf("%+v", r)
	}
}

func TestAMissedDigest(t *testing.T) {
	cases := []struct {
		name  string
		due   time.Duration // before now
		want  newsletter.Report
		ahead func(*testing.T, *newsletter.Newsletter, time.Time)
	}{
		{"in grace", 3 * time.Hour, newsletter.Report{Recipients: 3, Sent: 3}, nil},
		{"too late", 25 * time.Hour, newsletter.Report{Skipped: "late"}, nil},
		{"before there was a dataset", 31 * 24 * time.Hour, newsletter.Report{Skipped: "done"}, nil},
		{"dealt with", 3 * time.Hour, newsletter.Report{Skipped: "done"}, func(t *testing.T, n *newsletter.Newsletter, due time.Time) {
			if _, err := n.RunDue(context.Background(), due); err != nil {
				t.Fatal(err)
			}
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t)
			d.now = start.Add(30 * 24 * time.Hour)
			n := d.newsletter(t, t.TempDir())
			due := d.now.Add(-c.due)
			if c.ahead != nil {
				c.ahead(t, n, due)
			}
			got, err := n.Missed(context.Background(), due)
			got.Digest, got.Subject = "", ""
			if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
				t.Errorf("%v\n%s", err, diff)
			}
		})
	}
}

// Changes after a time without a digest wait for the next time, also if the
// process restarts in between.
func TestAnEmptyTimeIsNotMissed(t *testing.T) {
	d := newDesk(t)
	n := d.newsletter(t, t.TempDir())
	send(t, n)
	due := d.now.Add(time.Hour)
	d.now = due
	if r, err := n.RunDue(context.Background(), due); err != nil || !r.Empty {
		t.Errorf("%+v, %v", r, err)
	}
	d.commit("More", []edit{{"networks/una-europa", replace(una, "10", "12")}})
	d.now = due.Add(time.Hour)
	n = d.newsletter(t, t.TempDir())
	if r, err := n.Missed(context.Background(), due); err != nil || r.Skipped != "done" {
		t.Errorf("%+v, %v", r, err)
	}
}

// A digest that could not be sent in time is not sent late. If nobody received it,
// its changes go into the next one.
func TestAnUnfinishedDigestIsNotSentLate(t *testing.T) {
	d := newDesk(t)
	d.mail.on("CONNECT", hangUp)
	n := d.newsletter(t, t.TempDir())
	first, err := n.Send(context.Background())
	if err == nil {
		t.Fatalf("%+v", first)
	}
	d.commit("More", []edit{{"networks/leru", `{"name":{"en":"LERU"}}`}})
	d.catchUp(t, n)
	d.mail.on("CONNECT", nil)
	d.now = d.now.Add(25 * time.Hour)
	if r, err := n.Resume(context.Background()); err != nil || r != (newsletter.Report{}) || len(d.mail.all()) > 0 {
		t.Errorf("%+v, %v", r, err)
	}
	if r := send(t, n); r.Sent != 3 || r.Digest == first.Digest {
		t.Errorf("%+v", r)
	}
	if all := list(t, n); len(all) != 1 || uint64(all[0].To) != uint64(d.seq) {
		t.Errorf("%+v", all)
	}
}

func TestADigestThatSomeGotIsClosedWhenItIsLate(t *testing.T) {
	d := newDesk(t)
	d.mail.on("RCPT", at(lynn, answer(450)))
	n := d.newsletter(t, t.TempDir())
	if r, err := n.Send(context.Background()); err == nil || r.Sent != 2 {
		t.Errorf("%+v, %v", r, err)
	}
	d.now = d.now.Add(25 * time.Hour)
	if r := send(t, n); !r.Empty {
		t.Errorf("%+v", r)
	}
	want := newsletter.Counts{Sent: 2, Late: 1}
	if all := list(t, n); len(all) != 1 || all[0].Counts != want || all[0].Completed.IsZero() {
		t.Errorf("%+v", all)
	}
}

func TestRunGoesOnWithWhatIsUnfinished(t *testing.T) {
	d := newDesk(t)
	d.mail.on("RCPT", at(lynn, answer(450)))
	n := d.newsletter(t, t.TempDir(), func(c *newsletter.Config) { c.Retry = 10 * time.Millisecond })
	if _, err := n.Send(context.Background()); err == nil {
		t.Fatal("lynn was not put off")
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- n.Run(ctx) }()
	d.mail.on("RCPT", nil)
	for deadline := time.Now().Add(30 * time.Second); len(d.mail.all()) < 3 && time.Now().Before(deadline); {
		time.Sleep(5 * time.Millisecond)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(each, d.mail.count()); diff != "" {
		t.Error(diff)
	}
}

// weekly is due every seven days from start.
type weekly struct{}

func (weekly) Next(t time.Time) time.Time {
	weeks := t.Sub(start) / (7 * 24 * time.Hour)
	return start.Add((weeks + 1) * 7 * 24 * time.Hour)
}

func TestPrevious(t *testing.T) {
	third := start.Add(21 * 24 * time.Hour)
	for _, now := range []time.Time{third, third.Add(time.Hour)} {
		if got, ok := newsletter.Previous(weekly{}, now, 20*24*time.Hour); !ok || !got.Equal(third) {
			t.Errorf("%v: %v, %v", now, got, ok)
		}
	}
	if got, ok := newsletter.Previous(weekly{}, third.Add(-time.Hour), time.Hour); ok {
		t.Errorf("%v", got)
	}
}
