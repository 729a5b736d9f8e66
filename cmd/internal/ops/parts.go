package ops

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"netsync/worker"
)

// A Level is how much attention something needs.
type Level string

// The levels.
const (
	Good Level = "good"
	Wait Level = "wait" // in progress, or a record needs a correction
	Bad  Level = "bad"
)

// A Part describes one part of a process in words.
type Part struct {
	Name  string
	Level Level
	State string   // one line
	Notes []string // more about it
	// Trouble is a clause about the problem if Level is not Good.
	Trouble string
}

// newsletter is the name of the channel that has subscribers.
const newsletter = "newsletter"

// Parts describes every part, in the order in which a change passes through
// them.
func (s Status) Parts() []Part {
	parts := []Part{s.brokerPart(), s.streamPart()}
	if s.Worker != nil {
		parts = append(parts, s.workerPart())
	}
	for _, c := range s.Channels {
		part := s.channelPart(c)
		if c.Channel == newsletter && s.Subscribers != nil {
			part.Notes = append(part.Notes, s.Subscribers.describeCounts(s.Time))
		}
		parts = append(parts, part)
	}
	for _, t := range s.Targets {
		parts = append(parts, s.targetPart(t))
	}
	if s.Digest != nil {
		parts = append(parts, s.digestPart())
	}
	for _, w := range s.Webhooks {
		parts = append(parts, s.webhookPart(w))
	}
	if s.Backup != nil {
		parts = append(parts, s.backupPart())
	}
	if s.GitHub != nil && s.GitHub.Reporter != nil {
		parts = append(parts, s.githubPart())
	}
	return parts
}

func (s Status) brokerPart() Part {
	if !s.Process.Connected {
		return Part{"broker", Bad, "not connected", []string{"It is tried again all the time."}, "the broker is not connected"}
	}
	if s.Process.Broker == "" {
		return Part{Name: "broker", Level: Good, State: "runs in this process, for nobody else"}
	}
	return Part{Name: "broker", Level: Good, State: "connected to " + s.Process.Broker}
}

func (s Status) streamPart() Part {
	p := Part{Name: "stream", Level: Good, State: formatCount(s.Stream.Last, "message")}
	if id := s.Stream.Changeset.Changeset; id != "" {
		p.State += ", last changeset " + shortenID(id) + ", " + Ago(s.Stream.Completed, s.Time)
	}
	if a := s.Stream.SetAside; a != nil {
		p.Notes = append(p.Notes, fmt.Sprintf("%s set aside, the last one is message %d on %s: %s. Someone else publishes there: look at the broker's permissions.",
			formatCount(a.Count, "message"), a.Last, a.Subject, a.Reason))
	}
	if r := s.Stream.Restored; r != nil {
		p.Notes = append(p.Notes, fmt.Sprintf("Made again from a backup on %s; it shares messages 1 to %d with the one before.", r.At.Format(time.DateTime+" UTC"), r.Shared))
	}
	if s.Stream.Error != "" {
		p.Level, p.State, p.Trouble = Bad, "cannot be read: "+s.Stream.Error, "the stream cannot be read"
	}
	if s.Stream.Unwritable != "" {
		p.Level, p.State, p.Trouble = Bad, "cannot be written: "+s.Stream.Unwritable, "the stream cannot be written"
	}
	return p
}

var outcomes = map[worker.Outcome]string{
	worker.Unchanged: "nothing new",
	worker.Published: "published what was new",
	worker.Held:      "held back because of errors",
}

func (s Status) workerPart() Part {
	w := s.Worker
	p := Part{Name: "worker", Level: Good, State: "no pass has ended yet"}
	checked := fmt.Sprintf("checked %s at %s, %s", Ago(w.Checked, s.Time), shortenID(w.Commit), outcomes[w.Outcome])
	switch {
	case w.Error != "":
		p.Level, p.State = s.failureLevel(w.Error, w.Failing)
		p.Trouble = "the worker has been failing for " + Span(s.Time.Sub(w.Failing))
		if !w.Checked.IsZero() {
			p.Notes = append(p.Notes, "Last "+checked+".")
		}
	case w.Checked.IsZero():
		p.Level, p.Trouble = Wait, "the worker has not finished its first pass"
	default:
		p.State = checked
	}
	if s.Standby != "" {
		p.Notes = append(p.Notes, "On standby: "+s.Standby+".")
	}
	switch {
	case w.Held:
		p.Level, p.Trouble = Bad, cmp.Or(p.Trouble, "commit "+shortenID(w.Commit)+" is held back because of errors")
		p.Notes = append(p.Notes, "What was published before stays until the commit is mended.")
	case len(w.Quarantined) > 0:
		p.Level, p.Trouble = worseLevel(p.Level, Wait), cmp.Or(p.Trouble, describeMend(len(w.Quarantined)))
		p.Notes = append(p.Notes, heldRecords(w.Quarantined))
	}
	return p
}

func (s Status) failureLevel(problem string, since time.Time) (Level, string) {
	return Bad, fmt.Sprintf("failing for %s: %s", Span(s.Time.Sub(since)), problem)
}

func describeMend(records int) string {
	if records == 1 {
		return "1 record keeps its last good version until it is mended"
	}
	return fmt.Sprintf("%d records keep their last good version until they are mended", records)
}

// maxNames is the most records listed in a sentence.
const maxNames = 50

func heldRecords(ids []string) string {
	names := strings.Join(ids[:min(maxNames, len(ids))], ", ")
	if len(ids) > maxNames {
		names += " and more"
	}
	return formatCount(len(ids), "record") + " held at the last good version: " + names + "."
}

func (s Status) channelPart(c Channel) Part {
	p := Part{Name: c.Channel, Level: Good, State: "current"}
	behind := fmt.Sprintf("%s and %s behind", formatCount(c.Lag, "message"), Span(c.Behind()))
	switch {
	case c.Error != "":
		p.Level, p.State = s.failureLevel(c.Error, c.Failing)
		p.Trouble = "the " + c.Channel + " has been failing for " + Span(s.Time.Sub(c.Failing))
		if c.Lag > 0 {
			p.Notes = append(p.Notes, toSentence(behind))
		}
	case c.Held != nil:
		p.Level, p.State = Wait, "held by somebody, "+Ago(c.Held.Since, s.Time)
		if c.Lag > 0 {
			p.State += ", " + behind
		}
		p.Trouble = "the " + c.Channel + " is held at " + shortenID(c.Held.Changeset)
		p.Notes = append(p.Notes, "Lets it go on: netsync rollback "+cmp.Or(c.Held.Follows, c.Channel)+" --resume.")
	case c.Position.Sequence == 0:
		p.Level, p.State, p.Trouble = Wait, "shows nothing yet", "the "+c.Channel+" shows nothing yet"
	case s.Stream.Error != "":
		p.Level, p.State = Wait, "not known to be current, since the stream cannot be read"
		p.Trouble = "the " + c.Channel + " may be behind"
	case c.Lag > 0:
		p.Level, p.State, p.Trouble = Wait, behind, "the "+c.Channel+" is "+Span(c.Behind())+" behind"
	}
	if c.Position.Sequence > 0 {
		shows := "Shows " + shortenID(c.Position.Changeset)
		if !c.Published.IsZero() {
			shows += ", changed " + Ago(c.Published, s.Time)
		}
		p.Notes = append(p.Notes, shows+".")
	}
	if c.Remade != nil {
		p.Notes = append(p.Notes, toSentence(c.Remade.String()))
	}
	return p
}

func (s Status) digestPart() Part {
	d := s.Digest
	p := Part{Name: "digest", Level: Good, State: "none was sent yet"}
	if d.Error != "" {
		p.Level, p.State = s.failureLevel(d.Error, d.Failing)
		p.Trouble = "a digest could not be sent"
	} else if !d.Done.IsZero() {
		p.State = "done " + Ago(d.Done, s.Time)
	}
	if d.Sending != nil && d.Error == "" {
		p.State = d.Sending.describeProgress()
	} else if d.Sending != nil {
		p.Notes = append(p.Notes, toSentence(d.Sending.describeProgress()))
	}
	if d.Waits != "" && d.Error == "" && d.Sending == nil {
		p.Level, p.State, p.Trouble = Wait, "waits for approval, made "+Ago(d.Waiting, s.Time), "a digest waits for approval"
		p.Notes = append(p.Notes, "netsync digest preview "+d.Waits+" shows it; approve or cancel it.")
	}
	if d.Last != nil {
		p.Notes = append(p.Notes, fmt.Sprintf("Last digest, %s: %s.", Ago(d.Last.Done, s.Time), d.Last.describeMailing()))
	}
	return p
}

func (m *Mailing) describeMailing() string {
	if m.Campaign != 0 {
		return fmt.Sprintf("handed over to listmonk as campaign %d, for %s subscribers", m.Campaign, formatNumber(m.Recipients))
	}
	return fmt.Sprintf("%s sent, %s refused, %s uncertain", formatNumber(m.Sent), formatNumber(m.Refused), formatNumber(m.Uncertain))
}

func (s *Sending) describeProgress() string {
	return "sending: " + formatNumber(s.Done) + " of " + formatNumber(s.Total)
}

func (s *Subscribers) describeCounts(now time.Time) string {
	words := formatCount(s.Active, "subscriber") + ", counted " + Ago(s.Counted, now)
	switch s.Suspended {
	case 0:
	case 1:
		words += "; 1 more is suspended, since mail to them came back"
	default:
		words += "; " + formatNumber(s.Suspended) + " more are suspended, since mail to them came back"
	}
	return words + "."
}

func (s Status) webhookPart(w Webhook) Part {
	p := Part{Name: "webhook " + w.Name, Level: Good, State: fmt.Sprintf("%d delivered", w.Delivered)}
	if !w.Last.IsZero() {
		p.State += ", the last " + Ago(w.Last, s.Time)
	}
	if w.GivenUp > 0 {
		p.Level, p.Trouble = Wait, "deliveries to the webhook "+w.Name+" were given up"
		p.Notes = append(p.Notes, fmt.Sprintf("%d given up; netsync webhooks list tells why, netsync webhooks replay %s makes them again.", w.GivenUp, w.Name))
	}
	switch {
	case w.Error != "":
		p.Level, p.State, p.Trouble = Bad, "not known: "+w.Error, "nothing is known of the webhook "+w.Name
	case !w.Gone.IsZero():
		p.Level, p.Trouble = Bad, "the webhook "+w.Name+" is gone"
		p.Notes = append(p.Notes, "It said "+Ago(w.Gone, s.Time)+" that it is gone for good (410).")
	case w.Problem != "":
		p.Level, p.Trouble = Wait, cmp.Or(p.Trouble, "the webhook "+w.Name+" does not take deliveries")
		p.Notes = append(p.Notes, fmt.Sprintf("%d waiting: %s.", w.Waiting, w.Problem))
	case w.Waiting > 0:
		p.State += fmt.Sprintf(", %d waiting", w.Waiting)
	}
	return p
}

func (s Status) githubPart() Part {
	r := s.GitHub.Reporter
	p := Part{Name: "github", Level: Good, State: formatCount(r.Waiting, "report") + " to be made"}
	if r.Error != "" {
		p.Notes = []string{toSentence(p.State)}
		p.Level, p.State = s.failureLevel(r.Error, r.Failing)
		p.Trouble = "reports to GitHub fail"
	}
	return p
}

func (s Status) backupPart() Part {
	b := s.Backup
	p := Part{Name: "backup", Level: Good, State: "none was made yet, to " + b.To}
	if !b.Done.IsZero() {
		p.State = fmt.Sprintf("made %s, to %s, %s bytes", Ago(b.Done, s.Time), b.To, formatNumber(uint64(b.Bytes)))
	}
	if b.Error != "" {
		p.Notes = []string{toSentence(p.State)}
		p.Level, p.State = s.failureLevel(b.Error, b.Failing)
		p.Trouble = "backups fail"
	}
	return p
}

func worseLevel(a, b Level) Level {
	if a == Bad || b == Bad {
		return Bad
	}
	if a == Wait || b == Wait {
		return Wait
	}
	return Good
}
