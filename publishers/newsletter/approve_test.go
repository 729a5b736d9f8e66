package newsletter_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"netsync/publishers/newsletter"
)

func hold(c *newsletter.Config) { c.Hold, c.Grace = true, time.Hour }

func runDue(tb testing.TB, n *newsletter.Newsletter, due time.Time) newsletter.Report {
	tb.Helper()
	r, err := n.RunDue(context.Background(), due)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

func approve(tb testing.TB, n *newsletter.Newsletter, id string) newsletter.Report {
	tb.Helper()
	r, err := n.Approve(context.Background(), id)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

func TestADigestWaitsUntilSomebodyApproves(t *testing.T) {
	d := newDesk(t)
	n := d.newsletter(t, t.TempDir(), hold)
	if _, err := n.Approve(context.Background(), ""); !errors.Is(err, newsletter.ErrNothingWaits) {
		t.Errorf("before there is one: %v", err)
	}
	r := runDue(t, n, d.now)
	if r.Waiting.IsZero() || r.Sent != 0 || r.Recipients != 3 || r.Digest == "" {
		t.Fatalf("%+v", r)
	}
	if again := runDue(t, n, d.now); again.Skipped != "done" {
		t.Errorf("the same time once more: %+v", again)
	}
	// It waits for days, and its content is what the approver read.
	want, err := n.Held(context.Background(), r.Digest, "text")
	if err != nil {
		t.Fatal(err)
	}
	d.now = d.now.Add(3 * 24 * time.Hour)
	d.commit("More", []edit{{"networks/una-europa", replace(una, "10", "12")}})
	d.catchUp(t, n)
	if by := send(t, n); by != r {
		t.Errorf("by hand: %+v", by)
	}
	if resumed, err := n.Resume(context.Background()); err != nil || resumed != r {
		t.Errorf("resumed: %+v, %v", resumed, err)
	}
	if all := list(t, n); len(all) != 1 || !all[0].Waits() || d.mail.count() != nil && len(d.mail.count()) > 0 {
		t.Errorf("%+v, %v", all, d.mail.count())
	}
	if _, err := n.Approve(context.Background(), "another"); !errors.Is(err, newsletter.ErrNothingWaits) || !strings.Contains(err.Error(), r.Digest) {
		t.Errorf("another one: %v", err)
	}
	if got, _ := n.Held(context.Background(), r.Digest, "text"); string(got) != string(want) {
		t.Errorf("it says something else by now:\n%s", cmp.Diff(string(want), string(got)))
	}
	if sent := approve(t, n, r.Digest); sent.Sent != 3 || sent.Digest != r.Digest {
		t.Errorf("%+v", sent)
	}
	if diff := cmp.Diff(each, d.mail.count()); diff != "" {
		t.Error(diff)
	}
	if _, err := n.Approve(context.Background(), ""); !errors.Is(err, newsletter.ErrNothingWaits) {
		t.Errorf("a second time: %v", err)
	}
	// Later changes are for the next one.
	if next := send(t, n); next.Waiting.IsZero() || next.Subject != "Networks and associations: 3 changes to Una Europa" {
		t.Errorf("%+v", next)
	}
}

func TestADigestThatNobodyApprovesGoesIntoTheNext(t *testing.T) {
	d := newDesk(t)
	n := d.newsletter(t, t.TempDir(), hold)
	first := runDue(t, n, d.now)
	d.commit("More", []edit{{"networks/una-europa", replace(una, "10", "12")}})
	d.catchUp(t, n)
	d.now = d.now.Add(7 * 24 * time.Hour)
	second := runDue(t, n, d.now)
	if second.Waiting.IsZero() || second.Digest == first.Digest {
		t.Fatalf("%+v after %+v", second, first)
	}
	if all := list(t, n); len(all) != 1 || all[0].ID != second.Digest {
		t.Errorf("%+v", all)
	}
	if r := approve(t, n, second.Digest); r.Sent != 3 {
		t.Errorf("%+v", r)
	}
	if diff := cmp.Diff(each, d.mail.count()); diff != "" {
		t.Error(diff)
	}
	if r := send(t, n); !r.Empty {
		t.Errorf("something was left: %+v", r)
	}
}

func TestADigestThatIsCancelled(t *testing.T) {
	d := newDesk(t)
	n := d.newsletter(t, t.TempDir(), hold)
	r := runDue(t, n, d.now)
	if s, err := n.Cancel(context.Background(), r.Digest); err != nil || s.ID != r.Digest {
		t.Fatalf("%+v, %v", s, err)
	}
	if _, err := n.Cancel(context.Background(), ""); !errors.Is(err, newsletter.ErrNothingWaits) {
		t.Errorf("a second time: %v", err)
	}
	if _, err := n.Approve(context.Background(), ""); !errors.Is(err, newsletter.ErrNothingWaits) {
		t.Errorf("approved after that: %v", err)
	}
	// Its time was handled: a new process does not take it for missed.
	if again, err := d.newsletter(t, t.TempDir(), hold).Missed(context.Background(), d.now); err != nil || again.Skipped != "done" {
		t.Errorf("%+v, %v", again, err)
	}
	if next := send(t, n); next.Waiting.IsZero() {
		t.Errorf("%+v", next)
	}
	if r := approve(t, n, ""); r.Sent != 3 {
		t.Errorf("%+v", r)
	}
	if diff := cmp.Diff(each, d.mail.count()); diff != "" {
		t.Error(diff)
	}
}

func TestManyWhoApproveAndCancelAtOnce(t *testing.T) {
	d := newDesk(t)
	desks := []*newsletter.Newsletter{d.newsletter(t, t.TempDir(), hold), d.newsletter(t, t.TempDir(), hold), d.newsletter(t, t.TempDir(), hold)}
	r := runDue(t, desks[0], d.now)
	var all sync.WaitGroup
	approved, cancelled := make([]error, len(desks)), make([]error, len(desks))
	for i, n := range desks {
		all.Go(func() { _, approved[i] = n.Approve(context.Background(), r.Digest) })
		all.Go(func() { _, cancelled[i] = n.Cancel(context.Background(), r.Digest) })
	}
	all.Wait()
	got := len(d.mail.count())
	for i := range desks {
		if err := cancelled[i]; err == nil && got > 0 {
			t.Errorf("it was cancelled, and sent to %d", got)
		} else if err != nil && !errors.Is(err, newsletter.ErrNothingWaits) {
			t.Error(err)
		}
		if err := approved[i]; err == nil && got == 0 {
			t.Error("it was approved, and nobody got it")
		} else if err != nil && !errors.Is(err, newsletter.ErrNothingWaits) {
			t.Error(err)
		}
	}
	for address, n := range d.mail.count() {
		if n != 1 {
			t.Errorf("%s got it %d times", address, n)
		}
	}
	if got != 0 && got != len(each) {
		t.Errorf("%d of %d got it", got, len(each))
	}
}
