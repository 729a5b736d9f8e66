package ops

import (
	"fmt"
	"net/http"
	"time"

	"netsync/schema/event"
)

// A PublicStatus is the part of a status that everyone may see: whether each
// channel is current. It has no value of a finding, no text of an error, no
// host and no draft.
type PublicStatus struct {
	Time    time.Time `json:"time"` // when it was gathered
	Dataset string    `json:"dataset,omitempty"`
	// Current is set when every channel shows the last changeset.
	Current  bool            `json:"current"`
	Checked  time.Time       `json:"checked,omitzero"` // when the repository was last checked
	Stream   PublicStream    `json:"stream"`
	Channels []PublicChannel `json:"channels"`
	// Findings counts the findings of the dataset.
	Findings FindingCounts `json:"findings"`
}

// A PublicStream is the last changeset.
type PublicStream struct {
	Changeset event.Position `json:"changeset"`
	Completed time.Time      `json:"completed,omitzero"`
	// Known is unset while the stream cannot be read.
	Known bool `json:"known"`
}

// A PublicChannel is the position of a channel, and how far it is behind.
type PublicChannel struct {
	Channel    string         `json:"channel"`
	Current    bool           `json:"current"`
	Position   event.Position `json:"position"`
	Published  time.Time      `json:"published,omitzero"`
	Lag        event.Seq      `json:"lag"`
	LagSeconds float64        `json:"lag_seconds"`
	Failing    time.Time      `json:"failing_since,omitzero"`
	Held       time.Time      `json:"held_since,omitzero"`
}

// FindingCounts counts the findings of a dataset by severity.
type FindingCounts struct {
	Error   int `json:"error"`
	Warning int `json:"warning"`
}

// Public returns the public part of the status.
func (s Status) Public() PublicStatus {
	counts := event.CountFindings(s.Findings())
	p := PublicStatus{
		Time: s.Time, Dataset: s.Dataset, Current: len(s.Channels) > 0, Checked: s.Checked(),
		Stream:   PublicStream{s.Stream.Changeset, s.Stream.Completed, s.Stream.Error == ""},
		Channels: []PublicChannel{}, Findings: FindingCounts{counts.Error, counts.Warning},
	}
	for _, c := range s.Channels {
		channel := PublicChannel{
			Channel: c.Channel, Position: c.Position, Published: c.Published, Lag: c.Lag, LagSeconds: c.LagSeconds, Failing: c.Failing,
		}
		if c.Held != nil {
			channel.Held = c.Held.Since
		}
		channel.Current = p.Stream.Known && c.Lag == 0 && c.Position.Sequence > 0 && c.Error == "" && c.Held == nil
		p.Current = p.Current && channel.Current
		p.Channels = append(p.Channels, channel)
	}
	return p
}

// Parts describes each channel.
func (p PublicStatus) Parts() []Part {
	var parts []Part
	for _, c := range p.Channels {
		parts = append(parts, p.channelPart(c))
	}
	return parts
}

func (p PublicStatus) channelPart(c PublicChannel) Part {
	part := Part{Name: c.Channel, Level: Wait}
	switch behind := Span(time.Duration(c.LagSeconds * float64(time.Second))); {
	case c.Current:
		part.Level, part.State = Good, "current"
	case !c.Failing.IsZero():
		part.Level, part.State = Bad, "cannot be brought up to date for "+Span(p.Time.Sub(c.Failing))
	case !c.Held.IsZero():
		part.State = "held at an older changeset, " + Ago(c.Held, p.Time)
	case c.Position.Sequence == 0:
		part.State = "shows nothing yet"
	case !p.Stream.Known:
		part.State = "not known to be current"
	default:
		part.State = behind + " behind"
	}
	if c.Position.Sequence > 0 {
		note := "Shows " + shortenID(c.Position.Changeset)
		if !c.Published.IsZero() {
			note += ", changed " + Ago(c.Published, p.Time)
		}
		part.Notes = []string{note + "."}
	}
	return part
}

// Verdict returns the status in one line.
func (p PublicStatus) Verdict() Verdict {
	level, late := Good, 0
	for _, part := range p.Parts() {
		level = worseLevel(level, part.Level)
		if part.Level != Good {
			late++
		}
	}
	switch {
	case late > 0:
		return Verdict{level, fmt.Sprintf("%d of %s not current.", late, formatCount(len(p.Channels), "channel"))}
	case len(p.Channels) == 0 && !p.Stream.Known:
		return Verdict{Wait, "The stream cannot be read."}
	case len(p.Channels) == 0:
		return Verdict{Good, "The channels run in other processes."}
	}
	return Verdict{Good, "Every channel is current."}
}

// Words returns the counts in words, or "" if there are none.
func (f FindingCounts) Words() string {
	if f == (FindingCounts{}) {
		return ""
	}
	return formatCount(f.Error, "error") + " and " + formatCount(f.Warning, "warning") + " in the dataset; netsync validate shows them."
}

func (c Config) publicJSON(w http.ResponseWriter, r *http.Request) {
	c.writeJSON(w, c.Status(r.Context()).Public())
}

func (c Config) publicPage(w http.ResponseWriter, r *http.Request) {
	status := c.Status(r.Context()).Public()
	c.writePage(w, "public.html", status.Time, status)
}
