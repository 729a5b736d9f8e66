package ops

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"netsync/publishers"
	"netsync/schema"
	"netsync/schema/event"
	"netsync/worker"
)

var now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// well returns the status of a process without problems.
func well() Status {
	shown := event.Position{Dataset: "leiden-networks", Changeset: "3f2a0c1d9e8b7a65@40", Commit: "3f2a0c1d9e8b7a65", Sequence: 42}
	return Status{
		Time:    now,
		Process: Process{Version: "v1", PID: 1, Host: "networks", Started: now.Add(-50 * time.Hour), Broker: "nats://broker:4222", Connected: true},
		Dataset: "leiden-networks",
		Stream:  Stream{Last: 42, Changeset: shown, Completed: now.Add(-3 * time.Minute)},
		Worker:  &worker.Status{Checked: now.Add(-12 * time.Second), Commit: "3f2a0c1d9e8b7a65", Outcome: worker.Unchanged},
		Channels: []Channel{
			{Status: publishers.Status{Channel: "website", Position: shown, Published: now.Add(-3 * time.Minute)}},
			{Status: publishers.Status{Channel: "feed", Position: shown}},
			{Status: publishers.Status{Channel: "newsletter", Position: shown}},
		},
		Digest: &Digest{},
		Next:   []Due{{"sync", now.Add(48 * time.Second)}, {"digest", now.Add(6 * 24 * time.Hour)}},
	}
}

// A story is a state of a process and its expected description.
type story struct {
	name    string
	happens func(s *Status)
	verdict string
	level   Level
	ready   string // why not; "" if ready
	says    string // expected in some part
}

func stories() []story {
	since := now.Add(-20 * time.Second)
	return []story{
		{"all is well", func(*Status) {}, "Every channel is current.", Good, "", "checked 12 s ago at 3f2a0c1d9e, nothing new"},
		{"the broker is away", func(s *Status) {
			s.Process.Connected, s.Stream.Error = false, "the broker is not connected"
		}, "The broker is not connected; the stream cannot be read. Readers go on seeing what was published before.", Bad, "the broker is not connected", "not known to be current"},
		{"the stream is frozen", func(s *Status) { s.Stream.Unwritable = "no space left on device" },
			"The stream cannot be written. Readers go on seeing what was published before.", Bad, "the stream cannot be written: no space left on device", "no space left on device"},
		{"the repository is away", func(s *Status) { s.Worker.Error, s.Worker.Failing = "git ls-remote: no route", since },
			"The worker has been failing for 20 s. Readers go on seeing what was published before.", Bad, "", "Last checked 12 s ago at 3f2a0c1d9e, nothing new."},
		{"the repository has been away for long", func(s *Status) { s.Worker.Error, s.Worker.Failing = "git ls-remote: no route", now.Add(-6*time.Minute) },
			"The worker has been failing for 6 min. Readers go on seeing what was published before.", Bad, "the worker has been failing for 6 min: git ls-remote: no route", "failing for 6 min"},
		{"the first pass is under way", func(s *Status) { *s.Worker = worker.Status{} },
			"The worker has not finished its first pass. Readers go on seeing what was published before.", Wait, "the worker has not finished its first pass", "no pass has ended yet"},
		{"a channel is held", func(s *Status) {
			s.Channels[0].Held = &publishers.Hold{Changeset: "1f2a0c1d9e8b7a65@30", Sequence: 32, Since: now.Add(-2 * time.Minute)}
			s.Channels[0].Lag, s.Channels[0].LagSeconds = 10, 180
		}, "The website is held at 1f2a0c1d9e@30. Readers go on seeing what was published before.", Wait, "", "held by somebody, 2 min ago, 10 messages and 3 min behind"},
		{"a commit is held", func(s *Status) { s.Worker.Held, s.Worker.Outcome = true, worker.Held },
			"Commit 3f2a0c1d9e is held back because of errors. Readers go on seeing what was published before.", Bad, "", "checked 12 s ago at 3f2a0c1d9e, held back because of errors"},
		{"a record is held", func(s *Status) { s.Worker.Quarantined = []string{"networks/leru"} },
			"1 record keeps its last good version until it is mended. Everything else is live.", Wait, "", "1 record held at the last good version: networks/leru."},
		{"a channel is behind", func(s *Status) {
			s.Stream.Last, s.Stream.Changeset.Sequence = 56, 56
			s.Channels[0].Position.Sequence, s.Channels[1].Position.Sequence = 56, 42
			s.Channels[1].Lag, s.Channels[1].LagSeconds = 14, 200
		}, "The feed is 3 min behind. Readers go on seeing what was published before.", Wait, "the channel feed is 3 min behind and makes no progress", "14 messages and 3 min behind"},
		{"a channel catches up", func(s *Status) {
			s.Stream.Last, s.Stream.Changeset.Sequence = 56, 56
			s.Channels[0].Position.Sequence, s.Channels[1].Position.Sequence = 56, 42
			s.Channels[1].Lag, s.Channels[1].LagSeconds, s.Channels[1].Published = 14, 200, since
		}, "The feed is 3 min behind. Readers go on seeing what was published before.", Wait, "", "14 messages and 3 min behind"},
		{"a channel fails", func(s *Status) { s.Channels[0].Error, s.Channels[0].Failing = "disk full", since },
			"The website has been failing for 20 s. Readers go on seeing what was published before.", Bad, "", "failing for 20 s: disk full"},
		{"a channel has been failing for long", func(s *Status) { s.Channels[0].Error, s.Channels[0].Failing = "disk full", now.Add(-2*time.Minute) },
			"The website has been failing for 2 min. Readers go on seeing what was published before.", Bad, "the channel website has been failing for 2 min: disk full", "failing for 2 min: disk full"},
		{"a channel cannot read the stream", func(s *Status) {
			s.Channels[0].Error, s.Channels[0].Failing, s.Channels[0].Unreadable = "no answer", since, true
		}, "The website has been failing for 20 s. Readers go on seeing what was published before.", Bad, "the channel website cannot read the stream: no answer", "failing for 20 s: no answer"},
		{"the worker cannot read the stream", func(s *Status) {
			s.Worker.Error, s.Worker.Failing, s.Worker.Cause = "no answer", since, worker.CauseStream
		}, "The worker has been failing for 20 s. Readers go on seeing what was published before.", Bad, "the worker cannot read the stream: no answer", "failing for 20 s: no answer"},
		{"messages are set aside", func(s *Status) {
			s.Stream.SetAside = &SetAside{2, 36, "netsync.x.networks.fake", "not a netsync event"}
		},
			"Every channel is current.", Good, "", "2 messages set aside, the last one is message 36 on netsync.x.networks.fake: not a netsync event."},
		{"a channel begins", func(s *Status) { s.Channels[1].Position = event.Position{} },
			"The feed shows nothing yet. Readers go on seeing what was published before.", Wait, "the channel feed shows nothing yet", "shows nothing yet"},
		{"a digest fails", func(s *Status) { s.Digest.Error, s.Digest.Failing = "no mail server", since },
			"A digest could not be sent.", Bad, "", "failing for 20 s: no mail server"},
		{"a digest is tried again", func(s *Status) {
			s.Digest.Error, s.Digest.Failing, s.Digest.Sending = "no mail server", since, &Sending{7, 10000}
		}, "A digest could not be sent.", Bad, "", "Sending: 7 of 10,000."},
		{"a digest is being sent", func(s *Status) { s.Digest.Sending = &Sending{1234, 10000} },
			"Every channel is current.", Good, "", "sending: 1,234 of 10,000"},
		{"a digest that was approved is being sent", func(s *Status) {
			s.Digest.Waits, s.Digest.Waiting, s.Digest.Sending = "2026-11-24", since, &Sending{0, 3}
		}, "Every channel is current.", Good, "", "sending: 0 of 3"},
		{"a digest was sent", func(s *Status) {
			s.Digest.Done, s.Digest.Last = since, &Mailing{Done: since, Sent: 1234567, Refused: 2, Uncertain: 1}
		}, "Every channel is current.", Good, "", "Last digest, 20 s ago: 1,234,567 sent, 2 refused, 1 uncertain."},
		{"people subscribe", func(s *Status) { s.Subscribers = &Subscribers{since, 12345, 6} },
			"Every channel is current.", Good, "", "12,345 subscribers, counted 20 s ago; 6 more are suspended, since mail to them came back."},
		{"one person subscribes", func(s *Status) { s.Subscribers = &Subscribers{now, 1, 0} },
			"Every channel is current.", Good, "", "1 subscriber, counted just now."},
	}
}

func TestEveryStateIsSaidInOneLine(t *testing.T) {
	t.Parallel()
	for _, c := range stories() {
		s := well()
		c.happens(&s)
		if v := s.Verdict(); v.Text != c.verdict || v.Level != c.level {
			t.Errorf("%s: %s %q, want %s %q", c.name, v.Level, v.Text, c.level, c.verdict)
		}
		var why string
		if err := s.Ready(); err != nil {
			why = err.Error()
		}
		if why != c.ready {
			t.Errorf("%s: not ready because %q, want %q", c.name, why, c.ready)
		}
		if parts := fmt.Sprint(s.Parts()); !strings.Contains(parts, c.says) {
			t.Errorf("%s: no part says %q: %s", c.name, c.says, parts)
		}
		page, err := render("status.html", s.Time, s)
		if err != nil || !strings.Contains(string(page), c.verdict) || !strings.Contains(string(page), c.says) {
			t.Errorf("%s: the page does not say so: %v\n%s", c.name, err, page)
		}
	}
}

func TestThePageShowsWhatIsPlanned(t *testing.T) {
	t.Parallel()
	s := well()
	s.Worker.Findings = []event.Finding{{
		Finding:   schema.Finding{Severity: schema.Error, Rule: "NS008", Name: "unknown-key", File: "networks/<b>.yaml", Line: 5, Column: 1, Message: "unknown", Remedy: "Did you mean \"tier\"?"},
		FirstSeen: now.Add(-30 * time.Hour), FirstCommit: "3f2a0c1d9e8b7a65",
	}}
	page, err := render("status.html", s.Time, s)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		`<html lang="en"`, "<h1>leiden-networks</h1>", `<th scope="col">`, `<th scope="row">website</th>`,
		"in 48 s", "Tue 24 Nov 12:00 UTC", "in 6 d", "Mon 30 Nov 12:00 UTC", "Findings: 1 error, 0 warnings", "networks/&lt;b&gt;.yaml:5:1", "First seen 30 h ago",
		"began 2 d ago",
	} {
		if !strings.Contains(string(page), text) {
			t.Errorf("the page does not hold %q:\n%s", text, page)
		}
	}
}

func TestTimesAreSaidAsAPersonWould(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		-time.Second: "0 s", 0: "0 s", 12*time.Second + 900*time.Millisecond: "12 s", 59 * time.Second: "59 s", time.Minute: "1 min",
		59 * time.Minute: "59 min", time.Hour: "1 h", 47 * time.Hour: "47 h", 48 * time.Hour: "2 d", 100 * 24 * time.Hour: "100 d",
	} {
		if got := Span(d); got != want {
			t.Errorf("Span(%v) = %q, want %q", d, got, want)
		}
	}
	for got, want := range map[string]string{
		Ago(time.Time{}, now): "never", Ago(now, now): "just now", Ago(now.Add(time.Hour), now): "just now", Ago(now.Add(-3*time.Minute), now): "3 min ago",
		In(now.Add(90*time.Minute), now): "in 1 h", In(now, now): "now",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
