package ops

import (
	"fmt"
	"time"
)

// targetPart returns the part of a target of the website.
func (s Status) targetPart(t Target) Part {
	p := Part{Name: "target " + t.Target, Level: Good, State: "current"}
	name := "the target " + t.Target
	switch behind := Span(time.Duration(t.LagSeconds * float64(time.Second))); {
	case t.Error != "" && t.Failing.IsZero(): // no process pushes
		p.Level, p.State, p.Trouble = Bad, "cannot be looked at: "+t.Error, name+" cannot be looked at"
	case t.Error != "":
		p.Level, p.State = s.failureLevel(t.Error, t.Failing)
		p.Trouble = name + " has been failing for " + Span(s.Time.Sub(t.Failing))
		p.Notes = append(p.Notes, "It is tried again "+In(t.Retry, s.Time)+".")
	case t.Position.Sequence == 0:
		p.Level, p.State, p.Trouble = Wait, "not known to show anything yet", name+" is not known to show anything yet"
	case s.Stream.Error != "":
		p.Level, p.State, p.Trouble = Wait, "not known to be current, since the stream cannot be read", name+" may be behind"
	case t.Lag > 0:
		p.Level, p.State, p.Trouble = Wait, fmt.Sprintf("%s and %s behind", formatCount(t.Lag, "message"), behind), name+" is "+behind+" behind"
	}
	where := "It is " + t.Address
	if t.Position.Sequence > 0 {
		where += ", shows " + shortenID(t.Position.Changeset)
		if !t.Pushed.IsZero() {
			where += ", pushed " + Ago(t.Pushed, s.Time)
		}
	}
	p.Notes = append(p.Notes, where+".")
	return p
}
