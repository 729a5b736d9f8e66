package schema

// Status is the state of a membership on a day.
type Status string

// The states of a membership.
const (
	Upcoming Status = "upcoming"
	Current  Status = "current"
	Former   Status = "former"
)

// MembershipStatus derives a membership's status on a day from two EDTF dates,
// either of which may be "". A membership that starts or ends on a given day
// changes on that day; if only a month or year is known, it is current from the
// first possible day to the last.
func MembershipStatus(since, until string, on Day) Status {
	if hasEnded(until, on) {
		return Former
	}
	if notBegun(since, on) {
		return Upcoming
	}
	return Current
}

// activityStatus derives an activity's status from its dates; ok is false if
// they do not determine it.
func activityStatus(starts, ends string, on Day) (status string, ok bool) {
	switch {
	case hasEnded(ends, on):
		return "ended", true
	case notBegun(starts, on):
		return "planned", true
	case starts != "":
		return "active", true
	}
	return "", false
}

func notBegun(since string, on Day) bool {
	if since == "" { // the common case; parsing it would cost an error
		return false
	}
	span, err := ParseEDTF(since)
	return err == nil && !span.First.IsZero() && on.t.Before(span.First)
}

func hasEnded(until string, on Day) bool {
	if until == "" {
		return false
	}
	span, err := ParseEDTF(until)
	if err != nil || span.Last.IsZero() {
		return false
	}
	if span.First.Equal(span.Last) { // a given day
		return !on.t.Before(span.Last)
	}
	return on.t.After(span.Last)
}
