package newsletter_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"netsync/publishers/newsletter"
	"netsync/schema/stream"
)

// remake deletes the stream and creates it again, as a worker does that reads the
// repository again: one bulk import with all records.
func (d *desk) remake(t *testing.T, edits ...edit) {
	t.Helper()
	var all []edit
	changed := make(map[string]bool)
	for _, e := range edits {
		changed[e.record] = true
		if e.json != "" {
			all = append(all, e)
		}
	}
	for r := range d.state.All() {
		if !changed[r.ID.String()] {
			all = append(all, edit{r.ID.String(), string(r.JSON)})
		}
	}
	if err := d.js.DeleteStream(t.Context(), stream.Name(dataset)); err != nil {
		t.Fatal(err)
	}
	if _, err := d.js.CreateStream(t.Context(), stream.Config(dataset, 1)); err != nil {
		t.Fatal(err)
	}
	again := newHistory(t)
	again.js = d.js
	d.history = again
	d.commit("Import", all, bulk)
}

func TestAStreamThatWasMadeAgainIsNoNews(t *testing.T) {
	t.Parallel()
	d, dir := newDesk(t), t.TempDir()
	n := d.newsletter(t, dir)
	subscribe(t, n, "sub@example.org", "month@example.org monthly")
	send(t, n)
	d.mail.clear()

	d.remake(t)
	n = d.newsletter(t, dir)
	if next := drafted(t, n); !next.Empty {
		t.Errorf("the draft after the stream was made again: %+v", next)
	}
	if r := send(t, n); !r.Empty {
		t.Errorf("%+v", r)
	}
	d.change(t, n, count(12))
	r := send(t, n)
	if want := "Networks and associations: Una Europa"; !strings.Contains(r.Subject, "Una Europa") || strings.Contains(r.Subject, "new") || r.Sent != 4 {
		t.Errorf("%+v, want 4 sent that say %q", r, want)
	}
	for address, many := range d.mail.count() {
		if many != 1 || address == "month@example.org" {
			t.Errorf("%s has %d", address, many)
		}
	}
	if r := send(t, n); !r.Empty {
		t.Errorf("a second time: %+v", r)
	}
}

func TestWhatChangedWhileThereWasNoStreamIsTold(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]bool{"with the folder": false, "without the folder": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, dir := newDesk(t), t.TempDir()
			n := d.newsletter(t, dir)
			send(t, n)
			d.change(t, n, energy("Energy")) // not told when the stream goes
			d.mail.clear()
			if lose {
				if err := os.RemoveAll(dir); err != nil {
					t.Fatal(err)
				}
			}
			d.remake(t, count(15), edit{"organizations/kul", ""})
			n = d.newsletter(t, dir)
			data, err := n.Preview("text")
			if err != nil {
				t.Fatal(err)
			}
			text := string(data)
			for _, word := range []string{"Energy", "Una Europa", "kul"} { // the name of which is not known any more
				if !strings.Contains(text, word) {
					t.Errorf("the draft does not tell of %s:\n%s", word, text)
				}
			}
			for _, word := range []string{"EUA", "Hub", "Delft", "records"} {
				if strings.Contains(text, word) {
					t.Errorf("the draft tells of %s:\n%s", word, text)
				}
			}
			if r := send(t, n); r.Sent != 3 {
				t.Errorf("%+v", r)
			}
			if r := send(t, n); !r.Empty {
				t.Errorf("a second time: %+v", r)
			}
		})
	}
}

// A backup made while a digest is sent does not know all its recipients. After a
// restore nobody gets that digest again, and the next one needs approval.
func TestADigestUnderWayAtABackupIsUncertainAndNotSentAgain(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	n := d.newsletter(t, t.TempDir(), nobody)
	subscribe(t, n, "got@example.org", "open@example.org", "month@example.org monthly")
	d.mail.on("RCPT", at("open@example.org", answer(451)))
	if _, err := n.Send(context.Background()); err == nil {
		t.Fatal("the digest is finished")
	}
	d.mail.on("RCPT", nil)
	d.mail.clear()
	// The backup has the present state; more messages were sent after it.
	restore := newsletter.Restore{Dataset: dataset, Ledger: 1 << 40, From: d.now, Now: d.now}
	for range 2 {
		under, err := restore.Finish(t.Context(), d.js)
		if err != nil || len(under) > 1 {
			t.Fatal(under, err)
		}
	}
	sent := list(t, n)
	if len(sent) != 1 || sent[0].Completed.IsZero() || sent[0].Uncertain != 3 {
		t.Errorf("the digest that was under way: %+v", sent)
	}
	d.catchUp(t, n)
	if r := send(t, n); !r.Empty || len(d.mail.count()) > 0 {
		t.Errorf("%+v, %v", r, d.mail.count())
	}
	d.change(t, n, count(20))
	r := send(t, n)
	if r.Waiting.IsZero() || len(d.mail.count()) > 0 {
		t.Fatalf("the next digest goes out by itself: %+v, %v", r, d.mail.count())
	}
	if r, err := n.Approve(context.Background(), r.Digest); err != nil || r.Sent != 2 { // one wants it next month
		t.Errorf("%+v, %v", r, err)
	}
	text, _ := d.read(t, "open@example.org")
	if !strings.Contains(text, "20") || strings.Contains(text, "LERU") {
		t.Errorf("the next digest tells what the one before told:\n%s", text)
	}
	d.change(t, n, count(21))
	if r := send(t, n); r.Sent != 2 {
		t.Errorf("after an approval: %+v", r)
	}
}

// The first digest was sent after the backup, which has no ledger: it is not sent
// again without approval.
func TestTheFirstDigestAfterABackupWithoutOneWaits(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	n := d.newsletter(t, t.TempDir())
	subscribe(t, n, "sub@example.org")
	restore := newsletter.Restore{Dataset: dataset, From: d.now, Now: d.now}
	if under, err := restore.Finish(t.Context(), d.js); err != nil || len(under) > 0 {
		t.Fatal(under, err)
	}
	if r := send(t, n); r.Waiting.IsZero() || len(d.mail.count()) > 0 {
		t.Errorf("the digest goes out by itself: %+v, %v", r, d.mail.count())
	}
}

func TestADigestThatWentOutInLostTimeIsToldNoMore(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	n := d.newsletter(t, t.TempDir())
	subscribe(t, n, "sub@example.org")
	send(t, n)
	d.mail.clear()
	if _, err := (newsletter.Restore{Dataset: dataset, Ledger: 1 << 40, From: d.now, Now: d.now}).Finish(t.Context(), d.js); err != nil {
		t.Fatal(err)
	}
	d.change(t, n, count(20)) // somebody had a digest of it before all was lost
	waits := send(t, n)
	if waits.Waiting.IsZero() {
		t.Fatalf("%+v", waits)
	}
	if s, err := n.MarkAsSent(t.Context(), waits.Digest); err != nil || s.ID != waits.Digest {
		t.Fatal(s, err)
	}
	if r := send(t, n); !r.Empty {
		t.Errorf("%+v", r)
	}
	d.change(t, n, energy("Energy"))
	next := send(t, n)
	if next.Waiting.IsZero() || len(d.mail.count()) > 0 {
		t.Fatalf("nobody has approved a digest yet: %+v, %v", next, d.mail.count())
	}
	if r, err := n.Approve(t.Context(), next.Digest); err != nil || r.Sent != 4 {
		t.Errorf("%+v, %v", r, err)
	}
	for _, address := range []string{ada, "sub@example.org"} {
		if text, _ := d.read(t, address); strings.Contains(text, "Una Europa") || !strings.Contains(text, "Energy") {
			t.Errorf("%s reads\n%s", address, text)
		}
	}
}
